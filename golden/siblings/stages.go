// Package siblings has two specs, which share functions and the support file.
package siblings

import (
	"iter"
	"strings"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func words() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range probe.Input("words") {
			if !yield([]string{"pipe", "stage", "queue"}[i%3]) {
				return
			}
		}
	}
}

func group(batch []string) ([]string, error) { return batch, probe.At("group", len(batch)) }

func count(n int, _ string) int { return n + 1 }

func self(word string) string { return word }

func upper(word string) (string, error) { return strings.ToUpper(word), probe.At("upper", len(word)) }

func say(word string) error { return probe.At("say", len(word)) }
