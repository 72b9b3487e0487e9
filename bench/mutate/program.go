package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// program is the compiled tests of one package.
type program struct {
	dir    string
	binary string
	race   bool
	only   string        // the pattern of the tests to run; none: all
	usual  time.Duration // how long it takes without a change
	holds  map[int]bool  // the mutants that it has a copy of, where that is known

	overall tally
	byFile  map[string]*tally // of the mutated files
}

// tally counts mutants.
type tally struct{ tried, noticed int }

// limit is how long the tests may take before they count as hanging.
func (p *program) limit() time.Duration { return max(5*time.Second, 4*p.usual) }

// promise is how likely the tests notice a mutant of a file, for the time they take: as they have noticed those of this
// file, or, as long as there are few of these, any.
func (p *program) promise(file string) float64 {
	const few = 2
	own := p.of(file)
	usual := float64(p.overall.noticed+1) / float64(p.overall.tried+1)
	return (float64(own.noticed) + few*usual) / float64(own.tried+few) / (p.usual.Seconds() + 0.01)
}

func (p *program) of(file string) *tally {
	if p.byFile == nil {
		p.byFile = make(map[string]*tally)
	}
	if p.byFile[file] == nil {
		p.byFile[file] = new(tally)
	}
	return p.byFile[file]
}

// count notes whether the tests have noticed a mutant of a file.
func (p *program) count(file string, noticed bool) {
	for _, t := range []*tally{&p.overall, p.of(file)} {
		t.tried++
		if noticed {
			t.noticed++
		}
	}
}

// byPromise sorts programs, the one to run first in front.
func byPromise(programs []*program, file string) {
	slices.SortStableFunc(programs, func(a, b *program) int { return cmp.Compare(b.promise(file), a.promise(file)) })
}

// test runs the tests up to the first that fails, with one mutant.
func (t *tree) test(ctx context.Context, p *program, number int) error {
	args := []string{p.binary, "-test.failfast", "-test.run=" + p.only, "-test.timeout=" + p.limit().String()}
	// A change may make the tests allocate without end, so where there is a shell their memory is limited too, but for
	// the race detector, which reserves more than there is.
	if shell, err := exec.LookPath("sh"); err == nil && !p.race {
		args = append([]string{shell, "-c", `ulimit -v 8000000; exec "$@"`, "sh"}, args...)
	}
	ctx, cancel := context.WithTimeout(ctx, p.limit()+5*time.Second) // where it cannot stop itself any more
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = t.path(p.dir)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", selectorVariable, number))
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", p.dir, err, out[:min(len(out), 2000)])
	}
	return nil
}

// notices says whether the tests fail with the mutant. Tests that hang prove something only where they come to an end
// without the mutant, at that very time: the machine may have become slower.
func (t *tree) notices(ctx context.Context, p *program, number int) (bool, error) {
	for {
		began := time.Now()
		err := t.test(ctx, p, number)
		hangs := time.Since(began) >= p.limit()
		if err != nil && hangs {
			began = time.Now()
			_ = t.test(ctx, p, 0)
			if usual := time.Since(began); usual > p.limit()/2 {
				p.usual = usual
				continue
			}
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		return err != nil, nil
	}
}

// programs compiles the tests of several packages and runs each without a mutant, several times: tests that ever fail
// prove nothing, and are named and left out.
func (t *tree) programs(ctx context.Context, dirs []string, race bool, only string) ([]*program, error) {
	const often = 3
	var all []*program
	for _, dir := range dirs {
		if tests, _ := filepath.Glob(filepath.Join(t.path(dir), "*_test.go")); len(tests) == 0 {
			continue
		}
		binary, err := t.compile(ctx, dir, race, nil)
		if err != nil {
			return nil, err
		}
		p := &program{dir: dir, binary: binary, race: race, only: only, usual: 30 * time.Second}
		var slowest time.Duration
		for range often {
			began := time.Now()
			err = errors.Join(err, t.test(ctx, p, 0))
			slowest = max(slowest, time.Since(began))
		}
		p.usual = slowest
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "left out, fails without a change:", strings.TrimSpace(err.Error()))
			continue
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, errors.New("all tests fail without a change")
	}
	return all, nil
}
