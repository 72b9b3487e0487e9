package stages

import (
	"context"
	"fmt"
)

// Sum is what the sinks compute of the items that reach them.
type Sum struct {
	Items int
	Value uint64
}

// Total is the result of the run in progress or just ended.
var Total Sum

// Add counts an item; the order of items does not matter.
//
//go:noinline
func Add(_ context.Context, x int) error {
	if x < 0 {
		return errNegative
	}
	Total.Items++
	Total.Value += uint64(x)
	return nil
}

// Fold counts an item so that two items in the wrong order change the result.
//
//go:noinline
func Fold(_ context.Context, x int) error {
	if x < 0 {
		return errNegative
	}
	Total.Items++
	Total.Value = 31*Total.Value + uint64(x)
	return nil
}

// AddAll counts the items of a batch.
//
//go:noinline
func AddAll(ctx context.Context, batch []int) error {
	for _, x := range batch {
		if err := Add(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets the last run.
func Reset() { Total, chains, firsts = Sum{}, [keys]uint64{}, nil }

// Check says whether the run that just ended handled n items of A, B and C, each once, and in order
// where the sink was Fold. It computes the expected result by itself, not with the stages.
func Check(n int, ordered bool) error {
	var want Sum
	for i := range n {
		y := uint64((3 * (i + 1)) ^ mask)
		want.Items++
		if ordered {
			want.Value = 31*want.Value + y
		} else {
			want.Value += y
		}
	}
	if Total != want {
		return fmt.Errorf("wrong result: %d items with checksum %x, want %d with %x", Total.Items, Total.Value, want.Items, want.Value)
	}
	return nil
}

// CheckInts is Check for items that went from Ints to Add unchanged.
func CheckInts(n int) error {
	return checkTotal(Sum{n, uint64(n) * uint64(n-1) / 2})
}

func checkTotal(want Sum) error {
	if Total != want {
		return fmt.Errorf("wrong result: %+v, want %+v", Total, want)
	}
	return nil
}
