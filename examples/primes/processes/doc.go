// Package processes tries numbers in worker processes.
package processes

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen
