package stages

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
)

// keys is how many keys there are.
const keys = 1024

// uniform and zipf are keys as they come; an item's key is the one at its number, from the start again
// after the last.
var uniform, zipf = drawKeys()

func drawKeys() (uniform, skewed []int) {
	random := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(random, 1.2, 1, keys-1)
	for range 1 << 16 {
		uniform = append(uniform, random.IntN(keys))
		skewed = append(skewed, int(z.Uint64()))
	}
	return uniform, skewed
}

// Event is a number with a key.
type Event struct{ Key, Value int }

// Events yields n events with the values 0, 1, …, n-1.
func Events(n int, skewed bool) iter.Seq[Event] {
	table := uniform
	if skewed {
		table = zipf
	}
	return func(yield func(Event) bool) {
		for i := range n {
			if !yield(Event{table[i%len(table)], i}) {
				return
			}
		}
	}
}

// KeyOf is the key of an event.
//
//go:noinline
func KeyOf(e Event) int { return e.Key }

// chains has a value for each key that depends on the order of its events.
var chains [keys]uint64

// Chain adds an event to its key's chain: one at a time for each key.
//
//go:noinline
func Chain(_ context.Context, e Event) error {
	if e.Value < 0 {
		return errNegative
	}
	chains[e.Key] = 31*chains[e.Key] + uint64(e.Value)
	return nil
}

// CheckChains says whether in the run that just ended the n events reached Chain in their key's order.
func CheckChains(n int, skewed bool) error {
	var want [keys]uint64
	for e := range Events(n, skewed) {
		want[e.Key] = 31*want[e.Key] + uint64(e.Value)
	}
	if chains != want {
		return fmt.Errorf("wrong result: the chains of %d events differ", n)
	}
	return nil
}
