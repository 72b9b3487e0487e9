package shared

import (
	"context"
	"sync"
	"time"
)

// Step is what one item does: an operation on one of the resources, with at most one argument.
type Step struct {
	Op  string
	Key string
	Arg int
}

// Seen is what came of a step.
type Seen struct {
	Value int
	OK    bool
}

type (
	tally64 interface {
		Add(int64) int64
		Load() int64
	}

	table interface {
		Get(string) (int, bool)
		Set(string, int)
		Delete(string)
		Update(string, func(int, bool) int)
	}

	queue interface {
		TryPut(int) bool
		TryGet() (int, bool)
		Done()
	}
)

func step(_ context.Context, s Step, found tally64, gate sync.Locker, held cell[int64], seen table, line queue) Seen {
	switch s.Op {
	case "add":
		return Seen{int(found.Add(int64(s.Arg))), true}
	case "load":
		return Seen{int(found.Load()), true}
	case "locked add": // without the lock another one's would be lost
		gate.Lock()
		defer gate.Unlock()
		sum := held.Load() + int64(s.Arg)
		time.Sleep(100 * time.Microsecond) // time to die in
		held.Store(sum)
		return Seen{int(sum), true}
	case "get":
		value, ok := seen.Get(s.Key)
		return Seen{value, ok}
	case "set":
		seen.Set(s.Key, s.Arg)
	case "delete":
		seen.Delete(s.Key)
	case "update":
		result := 0
		seen.Update(s.Key, func(value int, _ bool) int {
			result = value + s.Arg
			time.Sleep(100 * time.Microsecond)
			return result
		})
		return Seen{result, true}
	case "put":
		return Seen{OK: line.TryPut(s.Arg)}
	case "take":
		value, ok := line.TryGet()
		if ok {
			line.Done()
		}
		return Seen{value, ok}
	}
	return Seen{}
}
