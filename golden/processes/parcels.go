package processes

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"time"
)

// Parcel is what most stages pass on. Its fields are the package's own business, and cross all the same.
type Parcel struct {
	ID     int
	weight float64
	marks  []string
	counts map[string]int
	at     time.Time
	inside *Parcel
}

var (
	errTemporary = errors.New("temporary")
	errRotten    = errors.New("rotten")
)

// BrokenError is an error of which only the text and the name of the type cross.
type BrokenError struct{ Text string }

func (e *BrokenError) Error() string { return "broken " + e.Text }

func isTemporary(err error) bool { return errors.Is(err, errTemporary) }

func count(ctx context.Context, n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if ctx.Err() != nil || !yield(i, nil) {
				return
			}
		}
	}
}

func parcelOf(n int) Parcel {
	p := Parcel{ID: n, weight: float64(n) / 2, marks: []string{"new"}, counts: map[string]int{"n": n}, at: time.Unix(int64(n), 5)}
	if n%2 == 0 {
		p.inside = &Parcel{ID: -n}
	}
	return p
}

// parse makes a parcel of a number. Other words say what goes wrong.
func parse(text string) (Parcel, error) {
	switch text {
	case "rotten":
		return Parcel{}, fmt.Errorf("parse: %w", errRotten)
	case "broken":
		return Parcel{}, &BrokenError{text}
	case "panic":
		panic("parse panics")
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return Parcel{}, err
	}
	return parcelOf(n), nil
}

func (p Parcel) atLeast(n int) bool { return p.ID >= n }

// weigh leaves out every fifth.
func weigh(p Parcel) (Parcel, bool) {
	p.weight *= 10
	return p, p.ID%5 != 0
}

func halves(p Parcel) []Parcel {
	second := p
	second.weight = -p.weight
	return []Parcel{p, second}
}

func copies(p Parcel) iter.Seq[Parcel] {
	return slices.Values([]Parcel{p, p})
}

// copiesOrError fails for every seventh, after one copy.
func copiesOrError(p Parcel) iter.Seq2[Parcel, error] {
	return func(yield func(Parcel, error) bool) {
		if !yield(p, nil) {
			return
		}
		if p.ID%7 == 3 {
			yield(Parcel{}, errRotten)
			return
		}
		yield(p, nil)
	}
}

func copiesByEmit(ctx context.Context, p Parcel, emit func(Parcel) error) error {
	for range 2 {
		if err := emit(p); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func look(Parcel) {}

func label(p Parcel) string { return fmt.Sprint(p.ID, " ", p.weight) }

// stamp writes a line that says who has had the parcel.
func stamp(p Parcel, path string) error {
	return appendLine(path, fmt.Sprintln("tap", p.ID, os.Getpid()))
}

func write(p Parcel, path string) error {
	return appendLine(path, fmt.Sprintln("sink", p.ID, os.Getpid()))
}

func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}

func (p Parcel) sound() (bool, error) {
	if p.ID%3 == 0 {
		return false, fmt.Errorf("parcel %d: %w", p.ID, errRotten)
	}
	return true, nil
}

func (p Parcel) open() (Parcel, error) {
	if p.ID%5 == 0 {
		return p, &BrokenError{strconv.Itoa(p.ID)}
	}
	p.marks = append(p.marks, "open")
	return p, nil
}

func relabel(p Parcel) (Parcel, error) {
	if p.ID%7 == 0 {
		return p, errTemporary
	}
	return p, nil
}

func mend(p Parcel, err error) (Parcel, error) {
	p.marks = append(p.marks, err.Error())
	return p, nil
}

// gathered is what sinks of the parent have taken.
var gathered []string

func keep(p Parcel) { gathered = append(gathered, fmt.Sprint(p.ID, " ", p.marks)) }

// buried is what could not be done.
var buried []string

func bury[T any](_ context.Context, stage string, item T, err error) error {
	buried = append(buried, fmt.Sprintf("%s %+v %v", stage, item, err))
	return nil
}
