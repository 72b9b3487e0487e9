package peers

import (
	"context"

	"github.com/samber/lo/it"

	"github.com/pipegen/pipegen/bench/stages"
)

// Lo maps a lazy sequence three times, on one goroutine. The library's mappers return no error, so the
// first one is kept beside.
func Lo(ctx context.Context, j Job) error {
	var first error
	catch := func(f Func) func(int) int {
		return func(x int) int {
			y, err := f(ctx, x)
			if err != nil && first == nil {
				first = err
			}
			return y
		}
	}
	for x := range it.Map(it.Map(it.Map(j.Source, catch(stages.A)), catch(stages.B)), catch(stages.C)) {
		if first != nil {
			return first
		}
		if err := j.Sink(ctx, x); err != nil {
			return err
		}
	}
	return first
}
