// Package threads tries numbers in goroutines.
package threads

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen
