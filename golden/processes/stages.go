// Package processes holds stages that run in worker processes.
package processes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

func numbers() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range 100 {
			if !yield(i) {
				return
			}
		}
	}
}

func isPrime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return n > 1
}

func double(n int) (int, error) { return 2 * n, nil }

// square tells by its environment how.
func square(n int) int {
	if os.Getenv("SQUARE") == "by-ten" {
		fmt.Println("squaring", n)
		return 10 * n * n
	}
	return n * n
}

func same(n int) int   { return n }
func half(n int) int   { return n / 2 }
func negate(n int) int { return -n }
func parity(n int) int { return n % 2 }
func visit(int)        {}

type pair struct{ left, right int }

func pairOf(left, right int) pair { return pair{left, right} }
func sum(p pair) int              { return p.left + p.right }

func total(all []int) (n int) {
	for _, one := range all {
		n += one
	}
	return n
}

func add(so, far int) int { return so + far }

var totals []int

func keepTotal(n int) { totals = append(totals, n) }

var primes []int

func keepPrime(n int) { primes = append(primes, n) }

// mark says which call of its process this is; every 30th item of a key kills the process once.
func mark(v visitor) visitor {
	v.Pid = os.Getpid()
	if v.N%30 == 29 && !exists(v.Fatal) {
		_ = os.WriteFile(v.Fatal, nil, 0o600)
		os.Exit(3)
	}
	return v
}

// visitor is an item with a key.
type visitor struct {
	Key, N, Pid int
	Fatal       string
}

func key(v visitor) int { return v.Key }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// attempts counts calls in this process.
var attempts = map[string]int{}
var attemptsMu sync.Mutex

// try is an item that comes out well at its attempt number Good; the errors before are temporary, or not.
type try struct {
	Name      string
	Good      int
	permanent bool
}

func flaky(t try) (string, error) {
	attemptsMu.Lock()
	defer attemptsMu.Unlock()
	attempts[t.Name]++
	switch n := attempts[t.Name]; {
	case n >= t.Good:
		return fmt.Sprint(t.Name, " ", n), nil
	case t.permanent:
		return "", fs.ErrPermission
	default:
		return "", fmt.Errorf("%s: %w", t.Name, errTemporary)
	}
}

// patient waits as long as it is told and heeds its context.
func patient(ctx context.Context, d time.Duration) (time.Duration, error) {
	if d < 0 {
		return d, nil // stubborn waits
	}
	select {
	case <-time.After(d):
		return 0, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// stubborn waits for ever where it is told to, and takes no context.
func stubborn(d time.Duration) time.Duration {
	if d == -1 {
		select {}
	}
	return d
}

func slowly(ctx context.Context, d time.Duration, emit func(time.Duration) error) error {
	if err := emit(d); err != nil || d != -2 {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func begun(n int) time.Time { return time.Now() }

func again(t time.Time) (time.Time, error) { return t, nil }

func bucket(t time.Time) int { return t.Nanosecond() % 2 }

// scale is made in each worker. It leaves a file while it is open.
type scale struct {
	unit string
	path string
	used int
}

func newScale(ctx context.Context, dir, unit string) (*scale, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s := &scale{unit: unit, path: filepath.Join(dir, strconv.Itoa(os.Getpid()))}
	return s, os.WriteFile(s.path+".open", nil, 0o600)
}

func (s *scale) Close() error { return os.Rename(s.path+".open", s.path+".closed") }

func (s *scale) weigh(n int) (string, error) {
	if s == nil {
		return "", errors.New("no scale")
	}
	s.used++
	return strconv.Itoa(n) + s.unit, nil
}

func newPlainScale(unit string) scale { return scale{unit: unit} }

func (s scale) name(text string) string { return text + " " + s.unit }

// Unit is a param of a type of the package's own.
type Unit struct {
	Name   string
	factor float64
}

func describe(n int, text string, number int, wide int64, ratio float64, exact bool, pause time.Duration, most int64, unit Unit) string {
	return fmt.Sprint(n, text, number, wide, ratio, exact, pause, most, unit)
}

// Address has no code of its own for JSON.
type Address struct {
	Street string         `json:"street,omitempty"`
	Extra  map[string]any `json:"extra"`
	hidden string
}

func address(n int) (Address, error) {
	if n < 0 {
		return Address{}, errRotten
	}
	return Address{Street: strconv.Itoa(n), Extra: map[string]any{"n": n}, hidden: "stays"}, nil
}

func capital(a Address) (json.RawMessage, error) { return json.Marshal(a) }

func seeds() []int { return []int{1, 2} }

// links leads from small numbers to two others.
func links(n int) []int {
	if n >= 20 {
		return nil
	}
	return []int{2 * n, 2*n + 1}
}

var seen = map[int]bool{}

func unseen(n int) bool {
	was := seen[n]
	seen[n] = true
	return !was
}

var crawled []int

func crawl(n int) { crawled = append(crawled, n) }

// deeper runs the pipeline of which it is a stage, in the worker process, n times deeper.
func deeper(ctx context.Context, n int) (int, error) {
	if n == 0 {
		return 1, nil
	}
	for v, err := range (Nested{}).Stream(ctx, func(yield func(int) bool) { yield(n - 1) }) {
		return v + 1, err
	}
	return 0, errors.New("nothing")
}

// outlast returns n, and if that is negative not before the run is over.
func outlast(ctx context.Context, n int) int {
	if n < 0 {
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond) // all know of it
	}
	return n
}

func glance(int) {}
