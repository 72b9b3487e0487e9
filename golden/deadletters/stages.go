// Package deadletters hands items that failed for good to a function.
package deadletters

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errTemporary = errors.New("temporary")

func isTemporary(err error) bool { return errors.Is(err, errTemporary) }

// letter is what the dead letter functions were called with.
type letter struct {
	stage string
	item  any
	err   error
	ctx   context.Context
}

// mailbox keeps letters.
type mailbox struct {
	mu      sync.Mutex
	letters []letter
	fail    func(letter) error
}

var current = new(mailbox)

func (m *mailbox) put(l letter) error {
	m.mu.Lock()
	m.letters = append(m.letters, l)
	fail := m.fail
	m.mu.Unlock()
	if fail != nil {
		return fail(l)
	}
	return nil
}

func save[T any](ctx context.Context, stage string, item T, err error) error {
	return current.put(letter{stage, item, err, ctx})
}

func note(stage string, item int, err error, prefix string) {
	_ = current.put(letter{stage: prefix + stage, item: item, err: err})
}

func work(ctx context.Context, n int) (int, error) { return 10 * n, probe.AtContext(ctx, "work", n) }

func text(n int) (string, error) { return fmt.Sprint(n), probe.At("text", n) }

func numbers() iter.Seq[int] { return probe.Input("numbers") }

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

func deep(n, depth int) (int, error) { return n * depth, probe.At("deep", n) }

func keep(n int) error { return probe.At("keep", n) }
