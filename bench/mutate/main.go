// Mutate asks the tests what they would miss. It changes one statement at a time of the run-time support and of
// the emitters, in a copy of the repository, and reports the changes that no test notices.
//
//	go -C bench run ./mutate                                    everything: an hour or two
//	go -C bench run ./mutate -n 40 -seed 7                      a sample
//	go -C bench run ./mutate -kind close,wait,cancel,unlock,ack what must not go unnoticed
//	go -C bench run ./mutate -files 'templates/threads/order.go'
//	go -C bench run ./mutate -match 'finish: leave out'          one again, by its text
//	go -C bench run ./mutate -list                              what there is to change, without running it
//
// A change is a statement left out, a condition turned round or one of its parts ignored, a case of a select
// dropped, a bound moved by one, two neighbouring atomic steps exchanged, a boolean result turned round; in the
// emitters also one statement of the generated code left out. What does not compile is not counted.
//
// All changes are compiled at once, into test programs in which an environment variable selects one. These run from
// the cheapest and most successful to the dearest until one fails: those of the package that holds the change and of the
// golden packages that have a copy of it; for an emitter those of the golden packages whose generated files it changes,
// at last its own. A change of an emitter that only the comparison with the committed files notices stands apart, as
// "text": somebody who updates them would not notice it.
//
// Changes that mean the same as what they replace are listed in equivalent.txt, with the reason, and are left out.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

//go:embed equivalent.txt
var equivalent string

// options are the flags.
type options struct {
	root  string
	files string
	kinds string
	match string
	n     int
	seed  uint64
	list  bool
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", "..", "the repository's `directory`")
	flag.StringVar(&o.files, "files", "templates/threads/*.go,gen/emit*.go", "comma-separated `patterns` of the files to change; tests never are")
	flag.StringVar(&o.kinds, "kind", "all", "comma-separated `kinds` of changes: "+strings.Join(kindNames(), ", ")+" or all")
	flag.StringVar(&o.match, "match", "", "only changes whose line in the report contains `text`")
	flag.IntVar(&o.n, "n", 0, "a random sample of `so many` changes; 0: all")
	flag.Uint64Var(&o.seed, "seed", 1, "the sample's `seed`")
	flag.BoolVar(&o.list, "list", false, "print the changes and stop")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	same, err := parseEquivalents(equivalent)
	if err != nil {
		return err
	}
	mutants, err := choose(o, same)
	if err != nil {
		return err
	}
	if o.list {
		for _, m := range mutants {
			fmt.Println(m)
		}
		return nil
	}
	began := time.Now()
	c := &campaign{root: o.root, all: len(mutants)}
	err = c.run(ctx, mutants)
	report(os.Stdout, c.outcomes)
	fmt.Printf("\n%d changes, seed %d, %v\n", len(c.outcomes), o.seed, time.Since(began).Round(time.Second))
	return err
}

// choose finds the mutants that the flags ask for.
func choose(o options, same map[string]bool) ([]mutant, error) {
	wanted, err := parseKinds(o.kinds)
	if err != nil {
		return nil, err
	}
	names, err := sources(o.root, o.files)
	if err != nil {
		return nil, err
	}
	var chosen []mutant
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join(o.root, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		found, err := mutants(name, src)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if wanted[m.kind] && !same[m.id()] && strings.Contains(m.String(), o.match) {
				chosen = append(chosen, m)
			}
		}
	}
	if o.n > 0 && o.n < len(chosen) {
		rnd := rand.New(rand.NewPCG(o.seed, 0))
		rnd.Shuffle(len(chosen), func(i, k int) { chosen[i], chosen[k] = chosen[k], chosen[i] })
		chosen = chosen[:o.n]
	}
	if len(chosen) == 0 {
		return nil, errors.New("nothing to change")
	}
	return chosen, nil
}

// sources are the files that match the patterns, tests aside, slash-separated and relative to root.
func sources(root, patterns string) ([]string, error) {
	var names []string
	for pattern := range strings.SplitSeq(patterns, ",") {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			name, err := filepath.Rel(root, path)
			if err != nil {
				return nil, err
			}
			if name = filepath.ToSlash(name); !strings.HasSuffix(name, "_test.go") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no file matches %s", patterns)
	}
	return names, nil
}

// campaign finds out what the tests say to each mutant.
type campaign struct {
	root     string
	all      int // mutants
	outcomes []outcome
}

// run tries the mutants. Where ctx ends early, outcomes has those that have been tried.
func (c *campaign) run(ctx context.Context, mutants []mutant) error {
	slices.SortStableFunc(mutants, func(a, b mutant) int { return a.kind.rank() - b.kind.rank() })
	var support, raced, emitters []mutant
	for _, m := range mutants {
		switch {
		case path.Dir(m.file) != supportDir:
			emitters = append(emitters, m)
		case m.kind.raced():
			raced = append(raced, m)
		default:
			support = append(support, m)
		}
	}
	for _, part := range []struct {
		mutants []mutant
		try     func() error
	}{
		{support, func() error { return c.support(ctx, support, false) }},
		{raced, func() error { return c.support(ctx, raced, true) }},
		{emitters, func() error { return c.emitters(ctx, emitters) }},
	} {
		if len(part.mutants) > 0 {
			if err := part.try(); err != nil {
				return err
			}
		}
	}
	return nil
}
