package main

import (
	"context"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/bench/stages"
)

func TestMain(m *testing.M) {
	children()
	m.Run()
}

// Every side of every shape, in each of its variants, does its job also when the items are few and their
// number divides by nothing.
func TestEverySideDoesItsJob(t *testing.T) {
	for _, s := range shapes(1000) {
		if s.prepare != nil {
			continue // runs commands; their failure shows in the table
		}
		for _, side := range s.sides {
			for _, v := range side.variants {
				t.Run(strings.Join([]string{s.id, side.name, v.label}, "/"), func(t *testing.T) {
					for _, items := range []int{1, min(307, s.items)} {
						if _, err := once(t.Context(), s.checkOf(side), v, items); err != nil {
							t.Errorf("%d items: %v", items, err)
						}
					}
				})
			}
		}
	}
}

// A side that loses, repeats or (in the ordered shape) swaps items must not get a time.
func TestCheckSeesWrongResults(t *testing.T) {
	process := func(items ...int) func(ctx context.Context, n int) error {
		return func(ctx context.Context, _ int) error {
			for _, x := range items {
				x, _ = stages.A(ctx, x)
				x, _ = stages.B(ctx, x)
				x, _ = stages.C(ctx, x)
				if err := stages.Fold(ctx, x); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for name, items := range map[string][]int{"lost": {0, 1, 2}, "repeated": {0, 1, 2, 2}, "swapped": {0, 2, 1, 3}} {
		if _, err := once(t.Context(), sameOrder, variant{name, process(items...)}, 4); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := once(t.Context(), sameOrder, variant{"", process(0, 1, 2, 3)}, 4); err != nil {
		t.Error(err)
	}
}
