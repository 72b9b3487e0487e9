package threads

import (
	"errors"
	"testing"
)

// Errors on their way to the open end are no items, whatever carries them.
func TestPromise07_ErrorsAreNoItems(t *testing.T) {
	boom := errors.New("boom")
	for name, n := range map[string]int{
		"outcomes": countItems([]outcome[int]{{value: 1}, {err: boom}, {}, {err: boom}}),
		"join's":   countItems([]either[int, string]{{left: 1}, {isRight: true}, {err: boom}}),
		"plain":    countItems([]int{0, 1}),
		"numbered": countItems([]indexed[int]{{}, {}}),
	} {
		if n != 2 {
			t.Errorf("%s: %d items, want 2", name, n)
		}
	}
}
