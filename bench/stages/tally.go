package stages

import (
	"context"
	"sync"
)

// Tally is a Sum that one worker of many adds to. It fills a cache line, so that two workers do not write
// the same one.
type Tally struct {
	sum Sum
	_   [48]byte
}

// NewTally returns an empty tally.
func NewTally() *Tally { return new(Tally) }

// AddTo is Add for many workers, each with its own tally.
//
//go:noinline
func AddTo(_ context.Context, t *Tally, x int) error {
	if x < 0 {
		return errNegative
	}
	t.sum.Items++
	t.sum.Value += uint64(x)
	return nil
}

var tallying sync.Mutex

// Close adds the tally to Total.
func (t *Tally) Close() error {
	tallying.Lock()
	defer tallying.Unlock()
	Total.Items += t.sum.Items
	Total.Value += t.sum.Value
	return nil
}
