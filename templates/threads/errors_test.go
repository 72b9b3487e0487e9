package threads

import (
	"errors"
	"testing"
)

// An error says where it comes from, as far as that is known: items are counted from 0, attempts from 1.
func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		index, attempt int
		want           string
	}{
		{0, 1, "p: s: item 0: boom"},
		{41, 1, "p: s: item 41: boom"},
		{0, 2, "p: s: item 0, attempt 2: boom"},
		{41, 3, "p: s: item 41, attempt 3: boom"},
		{-1, 1, "p: s: boom"},
		{-1, 2, "p: s: attempt 2: boom"},
		{-1, 0, "p: s: boom"},
	} {
		if got := errorText("p", "s", test.index, test.attempt, errors.New("boom")); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
