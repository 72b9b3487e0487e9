//go:build linux

package shared

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var (
	histories = flag.Int("histories", 100, "how many histories TestHistories records")
	seed      = flag.Uint64("seed", 1, "what the random steps and kills depend on")
)

// world is the state of all resources, as one thing after the other would make it.
type world struct {
	found, held int
	seen        map[string]int
	line        []int
}

// after is what s does to w, and what it must see then.
func (w world) after(s Step) (world, Seen) {
	value, ok := w.seen[s.Key]
	put := func(value int) {
		w.seen = maps.Clone(w.seen)
		w.seen[s.Key] = value
	}
	switch s.Op {
	case "add":
		w.found += s.Arg
		return w, Seen{w.found, true}
	case "load":
		return w, Seen{w.found, true}
	case "locked add":
		w.held += s.Arg
		return w, Seen{w.held, true}
	case "get":
		return w, Seen{value, ok}
	case "set":
		put(s.Arg)
	case "delete":
		w.seen = maps.Clone(w.seen)
		delete(w.seen, s.Key)
	case "update":
		put(value + s.Arg)
		return w, Seen{value + s.Arg, true}
	case "put":
		w.line = append(slices.Clone(w.line), s.Arg)
		return w, Seen{OK: true}
	case "take":
		if len(w.line) == 0 {
			return w, Seen{}
		}
		first := w.line[0]
		w.line = w.line[1:]
		return w, Seen{first, true}
	}
	return w, Seen{}
}

// outcome is what a client knows of a step: what it saw, or nothing, because its process died.
type outcome struct {
	Seen
	lost bool
}

// model has each resource, and each key of the map, be linearizable by itself.
func model(start world) porcupine.Model {
	return porcupine.Model{
		Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
			byResource := make(map[string][]porcupine.Operation)
			for _, o := range history {
				s := o.Input.(Step)
				name := map[string]string{"add": "found", "load": "found", "locked add": "held", "put": "line", "take": "line"}[s.Op]
				name = cmp.Or(name, "key "+s.Key)
				byResource[name] = append(byResource[name], o)
			}
			for _, part := range byResource {
				parts = append(parts, part)
			}
			return parts
		},
		Init: func() any { return start },
		Step: func(state, input, output any) (bool, any) {
			next, want := state.(world).after(input.(Step))
			got := output.(outcome)
			return got.lost || got.Seen == want, next
		},
		Equal: func(a, b any) bool {
			x, y := a.(world), b.(world)
			return x.found == y.found && x.held == y.held && maps.Equal(x.seen, y.seen) && slices.Equal(x.line, y.line)
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " → ", output) },
	}
}

// What processes share is linearizable, also where some of them are killed in between.
//
//	go test ./golden/shared -run TestHistories -histories 1000 -seed 7
func TestHistories(t *testing.T) {
	begin(t)
	r := rand.New(rand.NewPCG(*seed, 1))
	sh := NewHistoriesShared()
	defer sh.Close()
	var stats HistoriesStats
	pool, err := Histories{Shared: sh, Stats: &stats}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Terminate()
	var killed atomic.Int64
	over, kill := make(chan struct{}), make(chan time.Duration)
	var killer sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-over:
				return
			case after := <-kill:
				time.Sleep(after)
				for pid, state := range probe.Children(os.Getpid()) { // in random order
					if state != "Z" && syscall.Kill(pid, syscall.SIGKILL) == nil {
						killed.Add(1)
						break
					}
				}
			}
		}
	})
	lost := 0
	for i := range *histories {
		if r.IntN(3) > 0 {
			select {
			case kill <- time.Duration(r.Int64N(int64(2 * time.Millisecond))):
			default: // it is still at the last one
			}
		}
		start := world{int(sh.Found.Load()), int(sh.Held.Load()), sh.Seen.Snapshot(), nil}
		for sh.Line.Len() > 0 {
			value, _ := sh.Line.TryGet()
			sh.Line.Done()
			start.line = append(start.line, value)
		}
		for _, value := range start.line {
			sh.Line.TryPut(value)
		}
		history := record(t, pool, r.Uint64(), i)
		for _, o := range history {
			if o.Output.(outcome).lost {
				lost++
			}
		}
		if !porcupine.CheckOperations(model(start), history) {
			t.Fatalf("history %d of seed %d is not linearizable, from %v:\n%s", i, *seed, start, text(history))
		}
	}
	close(over)
	killer.Wait()
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d histories, %d processes killed, %d steps with them, %d locks freed", *histories, killed.Load(), lost, stats.Step.LostLocks())
}

// record has four clients do random steps and returns what they saw, with the times before and after.
func record(t *testing.T, pool *HistoriesPool, seed uint64, number int) []porcupine.Operation {
	const clients, steps = 4, 8
	var all [clients][]porcupine.Operation
	var working sync.WaitGroup
	began := time.Now()
	for c := range clients {
		r := rand.New(rand.NewPCG(seed, uint64(c)))
		working.Go(func() {
			for i := range steps {
				ops := []string{"add", "load", "locked add", "locked add", "locked add", "get", "set", "delete", "update", "update", "put", "put", "take", "take"}
				s := Step{Op: ops[r.IntN(len(ops))], Key: string(rune('a' + r.IntN(2))), Arg: 1000*number + 100*c + i + 1}
				o := porcupine.Operation{ClientId: c, Input: s, Call: int64(time.Since(began))}
				got, err := pool.Do(t.Context(), s)
				o.Output, o.Return = outcome{Seen: got}, int64(time.Since(began))
				if err != nil {
					if !strings.Contains(err.Error(), "signal: killed") {
						t.Error(err)
					}
					// It may have been done or not: what is done after all else is as if it had not.
					o.Output = outcome{lost: true}
					o.Return = math.MaxInt64
				}
				all[c] = append(all[c], o)
			}
		})
	}
	working.Wait()
	return slices.Concat(all[:]...)
}

func text(history []porcupine.Operation) string {
	var b strings.Builder
	for _, o := range history {
		fmt.Fprintf(&b, "%d: %9d … %9d %v\n", o.ClientId, o.Call, o.Return, fmt.Sprint(o.Input, " → ", o.Output))
	}
	return b.String()
}
