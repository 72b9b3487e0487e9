// Package references names functions in every way that the language has.
package references

import (
	"iter"
	"strings"

	"github.com/pipegen/pipegen/golden/internal/probe"
	"github.com/pipegen/pipegen/golden/references/text"
)

type word struct{ text string }

type stem string

// Stem is the word without an ending.
func (w *word) Stem() (stem, error) {
	return stem(strings.TrimSuffix(w.text, "S")), probe.At("stem", len(w.text))
}

// Len is the stem's length.
func (s stem) Len() int { return len(s) }

func lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		for range probe.Input("lines") {
			if !yield("two pipes in a house") {
				return
			}
		}
	}
}

// lookup may be replaced, as by a test.
var lookup = func(s string) *word { return &word{s} }

type file struct{ base string }

// Name is the file's name without its ending.
func (f file) Name() (*text.Log, error) {
	base, _, _ := strings.Cut(f.base, ".")
	return &text.Log{Names: []string{base}}, probe.At("name_2", len(base))
}

// namer is something with a name.
type namer interface {
	Name() (*text.Log, error)
}

func name(base string) namer { return file{base} }
