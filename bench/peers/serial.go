package peers

import (
	"context"

	"github.com/pipegen/pipegen/bench/stages"
)

// Serial is the limit: one goroutine, one loop, no machinery at all.
func Serial(ctx context.Context, n int) error {
	for x := range stages.Ints(n) {
		x, err := stages.A(ctx, x)
		if err != nil {
			return err
		}
		if x, err = stages.B(ctx, x); err != nil {
			return err
		}
		if x, err = stages.C(ctx, x); err != nil {
			return err
		}
		if err := stages.Add(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// SerialTally is Serial with the sink that keeps a state.
func SerialTally(ctx context.Context, n int) error {
	tally := stages.NewTally()
	for x := range stages.Ints(n) {
		x, err := stages.A(ctx, x)
		if err != nil {
			return err
		}
		if x, err = stages.B(ctx, x); err != nil {
			return err
		}
		if x, err = stages.C(ctx, x); err != nil {
			return err
		}
		if err := stages.AddTo(ctx, tally, x); err != nil {
			return err
		}
	}
	return tally.Close()
}

// SerialFold is Serial with the sink that checks the order.
func SerialFold(ctx context.Context, n int) error {
	for x := range stages.Ints(n) {
		x, err := stages.A(ctx, x)
		if err != nil {
			return err
		}
		if x, err = stages.B(ctx, x); err != nil {
			return err
		}
		if x, err = stages.C(ctx, x); err != nil {
			return err
		}
		if err := stages.Fold(ctx, x); err != nil {
			return err
		}
	}
	return nil
}
