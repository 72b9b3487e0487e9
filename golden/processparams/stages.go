// Package processparams holds worker processes whose supervision the caller chooses by params.
package processparams

import "os"

// Mood is what the environment of the worker says, before the item.
func Mood(item string) string { return os.Getenv("GOLDEN_MOOD") + " " + item }
