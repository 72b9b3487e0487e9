// Package states gives functions something to work with beside their items.
package states

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errTemporary = errors.New("temporary")

func isTemporary(err error) bool { return errors.Is(err, errTemporary) }

// ledger writes down which states are made and closed.
type ledger struct {
	mu     sync.Mutex
	opened []string
	closed []string
	fail   func(event string) error // called before each event: "open x", "close x"
}

var current = new(ledger)

func (l *ledger) open(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		if err := l.fail("open " + name); err != nil {
			return err
		}
	}
	l.opened = append(l.opened, name)
	return nil
}

func (l *ledger) close(name string) error {
	l.mu.Lock()
	l.closed = append(l.closed, name)
	fail := l.fail
	l.mu.Unlock()
	if fail != nil {
		return fail("close " + name)
	}
	return nil
}

// scaler is used by one worker only: the race detector sees if it is not.
type scaler struct{ factor, calls int }

func newScaler(factor int) *scaler {
	_ = current.open("scaler")
	return &scaler{factor: factor}
}

func (s *scaler) scale(ctx context.Context, n int) (int, error) {
	s.calls++
	return s.factor * n, probe.AtContext(ctx, "scale", n)
}

func (s *scaler) Close() error { return current.close("scaler") }

// cache is used by all workers.
type cache[V any] struct {
	mu   sync.Mutex
	seen map[int]V
	ctx  context.Context
}

func newCache[V any](ctx context.Context) (*cache[V], error) {
	return &cache[V]{seen: make(map[int]V), ctx: ctx}, current.open("cache")
}

func lookUp(ctx context.Context, c *cache[int], n int) (int, error) {
	if err := probe.AtContext(ctx, "look_up", n); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[n]++
	return 10 * n, c.ctx.Err()
}

func (c *cache[V]) Close() error { return current.close("cache") }

// store is what the caller passes.
type store interface {
	save(n int) (int, error)
	Close() error
}

func times(factor, n int) int {
	probe.Visit("times", n)
	return factor * n
}

// reader is a source.
type reader struct{ name string }

func openReader(ctx context.Context) (*reader, error) {
	return &reader{"reader"}, current.open("reader")
}

func (r *reader) numbers() iter.Seq[int] { return probe.Input("numbers") }

func (r *reader) Close() error { return current.close(r.name) }

// file is a state of one worker.
type file struct {
	name  string
	calls int
}

func openFile(name string) (*file, error) { return &file{name: name}, current.open(name) }

// openHandle returns a closer only in fact.
func openHandle(ctx context.Context) any {
	if current.open("handle") != nil {
		return nil
	}
	return io.Closer(&file{name: "handle"})
}

// openAny returns a struct that is closed by value.
func openAny(name string) (file, error) { return file{name: name}, current.open(name) }

func (f file) Close() error { return current.close(f.name) }

func (f file) first(n int) (int, error) { return n, probe.At("first", n) }

func (f file) second(n int) (int, error) { return n, probe.At("second", n) }

func (f *file) keep(n int) error {
	f.calls++
	return probe.At("keep", n)
}

func keepAll(f *file, n int) (bool, error) {
	f.calls++
	return true, probe.At("keep_all", n)
}

func same(f *file, n int) (int, bool, error) { return n, f.name == "filter_map", probe.At("same", n) }

func slice(f *file, n int) []int {
	f.calls++
	probe.Visit("slice", n)
	return []int{n}
}

func sequence(ctx context.Context, f *file, n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		f.calls++
		yield(n, probe.AtContext(ctx, "sequence", n))
	}
}

func emits(f *file, n int, emit func(int) error) error {
	f.calls++
	if err := probe.At(f.name, n); err != nil {
		return err
	}
	return emit(n)
}

func look(ctx context.Context, handle any, n int) {
	handle.(*file).calls++
	probe.VisitContext(ctx, "look", n)
}
