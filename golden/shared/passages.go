package shared

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

type entrance interface {
	Acquire(ctx context.Context) error
}

type exit interface {
	Release()
}

func enter(ctx context.Context, n int, seats entrance, jobs interface {
	Get(ctx context.Context) (int, error)
}) (int, error) {
	if err := seats.Acquire(ctx); err != nil {
		return 0, err
	}
	return jobs.Get(ctx)
}

// goOut comes when those who have entered are gone.
func goOut(job int, seats exit, jobs interface{ Done() }) error {
	for late := time.Now().Add(20 * time.Second); len(probe.Children(os.Getpid())) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			return fmt.Errorf("job %d: the processes do not end", job)
		}
	}
	seats.Release()
	jobs.Done()
	return nil
}
