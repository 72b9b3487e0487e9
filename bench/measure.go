package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/perf/benchmath"

	"github.com/pipegen/pipegen/bench/stages"
)

// A result is a measured shape.
type result struct {
	shape shape
	sides []sideResult // in the order of shape.sides
}

// A sideResult has one value for each metric of the shape.
type sideResult struct {
	side    side
	variant variant // the better one
	err     error   // why there are no values; a wrong result is an error
	value   []benchmath.Summary
	ratio   []benchmath.Summary // pipegen ÷ side, round by round
	memory  *memory             // nil where it is not measured
}

// slice is the time that a side may take in a round: a short run is repeated.
const slice = 60 * time.Millisecond

// measure runs all sides of s: once to find every peer's better variant, then round by round. A side's
// failure is part of the result; the error is that of preparing the shape.
func measure(ctx context.Context, s shape, rounds int) (result, error) {
	if s.prepare != nil {
		progress("%s: preparing", s.id)
		cleanup, err := s.prepare(ctx)
		if cleanup != nil {
			defer cleanup()
		}
		if err != nil {
			return result{}, err
		}
	}
	r := result{s, make([]sideResult, len(s.sides))}
	for i, side := range s.sides {
		progress("%s: %s", s.id, side.name)
		r.sides[i] = qualify(ctx, s, side)
	}
	values := make([][][]float64, len(s.sides)) // side, metric, round
	for i := range values {
		values[i] = make([][]float64, len(s.metrics))
	}
	for round := range rounds {
		progress("%s: round %d of %d", s.id, round+1, rounds)
		for _, i := range rand.Perm(len(s.sides)) {
			side := &r.sides[i]
			if side.err != nil {
				continue
			}
			v, err := turn(ctx, s, side.side, side.variant)
			side.err = err
			for m := range v {
				values[i][m] = append(values[i][m], v[m])
			}
		}
	}
	for i := range r.sides {
		side := &r.sides[i]
		if side.err != nil {
			continue
		}
		side.value = summaries(values[i])
		if r.sides[0].err == nil {
			side.ratio = summaries(ratios(values[0], values[i]))
		}
		if s.memory {
			progress("%s: memory of %s", s.id, side.side.name)
			side.memory, side.err = measureMemory(ctx, s, *side)
		}
	}
	progress("")
	return r, nil
}

// qualify measures every variant once and keeps the better one, of those that work.
func qualify(ctx context.Context, s shape, side side) sideResult {
	best := sideResult{side: side, variant: side.variants[0]}
	fastest := math.Inf(1)
	for _, v := range side.variants {
		value, err := turn(ctx, s, side, v)
		switch {
		case err != nil && math.IsInf(fastest, 1):
			best.variant, best.err = v, err
		case err == nil && value[0] < fastest:
			best.variant, best.err = v, nil
			fastest = value[0]
		}
	}
	return best
}

// turn is one side's part of a round: the median of each metric over as many runs as fit into a slice.
// The garbage of other sides is gone before it begins.
func turn(ctx context.Context, s shape, side side, v variant) ([]float64, error) {
	runtime.GC()
	values := make([][]float64, len(s.metrics))
	for spent := time.Duration(0); spent < slice; {
		elapsed, err := once(ctx, s.checkOf(side), v, s.items)
		if err != nil {
			return nil, err
		}
		spent += elapsed
		for i, m := range s.metrics {
			x, err := m.of(elapsed, s.items)
			if err != nil {
				return nil, err
			}
			values[i] = append(values[i], x)
		}
	}
	medians := make([]float64, len(values))
	for i := range values {
		medians[i] = summaries(values[i : i+1])[0].Center
	}
	return medians, nil
}

// once is one run; a wrong result is an error.
func once(ctx context.Context, check func(items int) error, v variant, items int) (time.Duration, error) {
	stages.Reset()
	start := time.Now()
	err := v.run(ctx, items)
	elapsed := time.Since(start)
	if err == nil {
		err = check(items)
	}
	return elapsed, err
}

// ratios divides metric by metric and round by round.
func ratios(a, b [][]float64) [][]float64 {
	q := make([][]float64, len(a))
	for m := range a {
		for round := range a[m] {
			q[m] = append(q[m], a[m][round]/b[m][round])
		}
	}
	return q
}

// summaries returns the median of each sample with its interval.
func summaries(samples [][]float64) []benchmath.Summary {
	var all []benchmath.Summary
	for _, values := range samples {
		sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
		all = append(all, benchmath.AssumeNothing.Summary(sample, 0.95))
	}
	return all
}

// progress replaces the line on a terminal's standard error.
func progress(format string, args ...any) {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}
