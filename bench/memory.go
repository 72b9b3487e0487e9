package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// memory is what a side needs.
type memory struct {
	allocs float64 // heap objects an item
	peak   int64   // bytes
}

func measureMemory(ctx context.Context, s shape, r sideResult) (*memory, error) {
	few, err := mallocs(ctx, s, r, s.items/1000)
	if err != nil {
		return nil, err
	}
	many, err := mallocs(ctx, s, r, s.items)
	if err != nil {
		return nil, err
	}
	peak, err := peakAlone(ctx, s.id+"/"+r.side.name+"/"+r.variant.label, s.items)
	if err != nil {
		return nil, err
	}
	return &memory{max(0, many-few) / float64(s.items-s.items/1000), peak}, nil
}

// mallocs returns how many heap objects a run makes. What a run makes whatever its length drops out of
// the difference of two.
func mallocs(ctx context.Context, s shape, r sideResult, items int) (float64, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	_, err := once(ctx, s.checkOf(r.side), r.variant, items)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), err
}

// peakAlone runs one side in a process of its own.
func peakAlone(ctx context.Context, name string, items int) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "-alone", name, "-n", strconv.Itoa(items))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s alone: %w", name, err)
	}
	return strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
}

// runAlone is the other end of peakAlone: it prints how far the memory that the Go runtime holds rose.
func runAlone(ctx context.Context, all []shape, name string) error {
	for _, s := range all {
		for _, side := range s.sides {
			for _, v := range side.variants {
				if s.id+"/"+side.name+"/"+v.label != name {
					continue
				}
				peak := watch()
				_, err := once(ctx, s.checkOf(side), v, s.items)
				fmt.Println(peak())
				return err
			}
		}
	}
	return fmt.Errorf("nothing is called %q", name)
}

// watch samples the memory that the Go runtime holds until the returned function is called, which says
// by how many bytes the highest sample exceeded the first.
func watch() (peak func() int64) {
	first := held()
	highest := first
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			highest = max(highest, held())
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-stopped
		return max(highest, held()) - first
	}
}

// held returns the bytes that the Go runtime has from the operating system and has not given back.
func held() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}
