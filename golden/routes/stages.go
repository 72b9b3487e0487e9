// Package routes sends items that failed to other stages.
package routes

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errTemporary = errors.New("temporary")

func isTemporary(err error) bool { return errors.Is(err, errTemporary) }

// failure is what a function that reads a failed port was called with.
type failure struct {
	item int
	err  error
}

// failures are all of them since the test began.
type failures struct {
	mu  sync.Mutex
	all []failure
}

var current = new(failures)

func (f *failures) add(item int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, failure{item, err})
}

func work(ctx context.Context, n int) (int, error) { return 10 * n, probe.AtContext(ctx, "work", n) }

// mend makes an item of one that failed, or fails with its error.
func mend(n int, err error) (int, error) {
	current.add(n, err)
	if errors.Is(err, errHopeless) {
		return 0, err
	}
	return -n, probe.At("mend", n)
}

var errHopeless = errors.New("hopeless")

func note(ctx context.Context, n int, err error) {
	current.add(n, err)
	probe.VisitContext(ctx, "note", n)
}

// bury takes items of any failed port.
func bury(n int, err error) error {
	current.add(n, err)
	return probe.At("bury", n)
}

func numbers() iter.Seq[int] { return probe.Input("numbers") }

func tenfold(n int) (int, error) { return 10 * n, probe.At("tenfold", n) }

func keepAll(n int) (bool, error) { return true, probe.At("keep_all", n) }

func same(n int) (int, bool, error) { return n, true, probe.At("same", n) }

func slice(n int) ([]int, error) { return []int{n}, probe.At("slice", n) }

func pairs(n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) { yield(n, probe.At("pairs", n)) }
}

func emits(n int, emit func(int) error) error {
	if err := probe.At("emits", n); err != nil {
		return err
	}
	return emit(n)
}

func look(n int) error { return probe.At("look", n) }

func keep(n int) error { return probe.At("keep", n) }

// label is what becomes of a number.
type label string

func (l label) number() int { return len(l) }

// numeral is what numbers and labels have in common.
type numeral interface{ number() int }

// plain is a number that is a numeral.
type plain int

func (p plain) number() int { return int(p) }

func wrap(n int) plain { return plain(n) }

func write(p plain) (label, error) {
	return label(make([]byte, p)), probe.At("write", int(p))
}

func file(l label) error { return probe.At("file", len(l)) }

// gather takes items of failed ports whose items differ.
func gather(n numeral, err error) { current.add(n.number(), err) }

// parityOf is called by those who write, for the stage that reads.
func parityOf(n int) int { probe.Visit("parityOf", n); return n % 2 }
