package stages

import (
	"context"
	"sync"
)

// Adder is a counter.
type Adder interface{ Add(int64) int64 }

// AddOften adds 1 to found n times and returns by how much it has grown, with nobody else at it.
func AddOften(_ context.Context, n int, found Adder) (int, error) {
	before := found.Add(0)
	for range n {
		found.Add(1)
	}
	return int(found.Add(0) - before), nil
}

// LockOften takes the lock n times and returns how often it had it.
func LockOften(_ context.Context, n int, gate sync.Locker) (int, error) {
	had := 0
	for range n {
		gate.Lock()
		had++
		gate.Unlock()
	}
	return had, nil
}

// Register is a map of counts.
type Register interface {
	Get(string) (int, bool)
	Set(string, int)
}

// CountOften counts to n in the map and returns how far it came.
func CountOften(_ context.Context, n int, register Register) (int, error) {
	register.Set("n", 0)
	for range n {
		count, _ := register.Get("n")
		register.Set("n", count+1)
	}
	count, _ := register.Get("n")
	return count, nil
}

// CheckOften says whether the run that just ended did n of these steps.
func CheckOften(n int) error { return checkTotal(Sum{Items: 1, Value: uint64(n)}) }
