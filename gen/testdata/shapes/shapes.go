// Package shapes declares a function of every shape that a spec may name, mostly over int so that stages
// in any order fit together.
package shapes

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Sources.

func Slice() []int                                      { return []int{1, 2, 3} }
func SliceCtxErr(ctx context.Context) ([]int, error)    { return []int{1, 2, 3}, ctx.Err() }
func Seq() iter.Seq[int]                                { return func(func(int) bool) {} }
func SeqArgs(from, to int, label string) iter.Seq[int]  { return func(func(int) bool) {} }
func Seq2(ctx context.Context) iter.Seq2[int, error]    { return func(func(int, error) bool) {} }
func Seq2Err() (iter.Seq2[int, error], error)           { return nil, io.EOF }
func Chan(ctx context.Context) <-chan int               { return nil }
func ChanErr() (<-chan int, error)                      { return nil, io.EOF }
func Emit(emit func(int) error) error                   { return emit(1) }
func EmitCtx(ctx context.Context, emit func(int) error) {}
func Words() []string                                   { return nil }

// Maps, filters, taps.

func Inc(n int) int                                                         { return n + 1 }
func IncErr(n int) (int, error)                                             { return n + 1, nil }
func IncCtx(ctx context.Context, n int) (int, error)                        { return n + 1, ctx.Err() }
func Add(n, by int) int                                                     { return n + by }
func Many(n int, b bool, s string, f float64, d time.Duration, u uint8) int { return n }
func Rune(n int, r rune, e Level) int                                       { return n }
func Text(n int) string                                                     { return "" }
func Len(s string) int                                                      { return len(s) }
func Boxed(n int) Box[int]                                                  { return Box[int]{n} }
func Unboxed(b Box[int]) int                                                { return b.Value }
func Same[T any](v T) T                                                     { return v }
func Pair[T, U any](v T) (u U)                                              { return u }
func Even(n int) bool                                                       { return n%2 == 0 }
func EvenErr(ctx context.Context, n int) (bool, error)                      { return n%2 == 0, nil }
func Half(n int) (int, bool)                                                { return n / 2, n%2 == 0 }
func HalfErr(ctx context.Context, n int) (int, bool, error)                 { return n / 2, true, nil }
func See(n int)                                                             {}
func SeeErr(ctx context.Context, n int) error                               { return nil }
func Any(v any)                                                             {}
func Reader(r io.Reader) int                                                { return 0 }

// Flat maps.

func Twice(n int) []int                                                  { return []int{n, n} }
func TwiceErr(ctx context.Context, n int) ([]int, error)                 { return nil, nil }
func CountTo(n int) iter.Seq[int]                                        { return func(func(int) bool) {} }
func CountTo2(n int) iter.Seq2[int, error]                               { return func(func(int, error) bool) {} }
func Spread(n int, emit func(int) error) error                           { return emit(n) }
func SpreadCtx(ctx context.Context, n int, emit func(int) error, by int) {}
func SpreadArg(ctx context.Context, n int, emit func(int) error) error   { return emit(n) }

// Batches and reductions.

func SumOf(batch []int) int           { return 0 }
func Sum(acc, n int) int              { return acc + n }
func SumErr(acc, n int) (int, error)  { return acc + n, nil }
func Zero() int                       { return 0 }
func Merge(a, b int) int              { return a + b }
func Key(n int) string                { return "" }
func Parity(n int) bool               { return n%2 == 0 }
func Fold[A any, T any](acc A, v T) A { return acc }

// Switches, pairs of items, failed items.

func LevelOf(n int) (Level, error)                                           { return Low, nil }
func Plus(a, b int) int                                                      { return a + b }
func PlusErr(ctx context.Context, a, b int) (int, error)                     { return a + b, nil }
func Both[A, B any](a A, b B) A                                              { return a }
func Mend(n int, err error) (int, error)                                     { return n, nil }
func Note(ctx context.Context, n int, err error)                             {}
func Dead[T any](ctx context.Context, stage string, item T, err error) error { return nil }
func Transient(err error) bool                                               { return false }

// Values, methods, named types.

var IncVar = func(n int) int { return n + 1 }

var notYet func(int) int

type Level int

const (
	Low Level = iota
	High
)

type Box[T any] struct{ Value T }

func (b Box[T]) Get() T { return b.Value }
func (b *Box[T]) Put(T) {}

type Scaler struct{}

func (*Scaler) Scale(n int) int { return n }

type Step interface{ Do(n int) (int, error) }

func Steps() []Step { return nil }

func (l Level) Up(ctx context.Context) (Level, error) { return l + 1, nil }

func (l Level) Number() int { return int(l) }

func AtLevel(n int) Level { return Level(n) }

func NewScaler(n int) *Scaler { return &Scaler{} }

func (*Scaler) Size() (int, error) { return 0, nil }

func Levels() []Level { return []Level{Low, High} }

// Names that generated code likes to use.

func Run(n int) int   { return n }
func Start(n int) int { return n }
func Stats(n int) int { return n }
func queue(n int) int { return n }
func ctx(n int) int   { return n }
func in() []int       { return nil }
func out(n int)       {}

// Functions that fit no verb.

func Nothing()                          {}
func Three(n int) (int, int, int)       { return n, n, n }
func Variadic(ns ...int) int            { return 0 }
func ErrFirst(n int) (error, int)       { return errors.New(""), n }
func Constrained[T ~string](v T) T      { return v }
func secret(p struct{ x chan int }) int { return 0 }

// Functions around the calls of a stage.
func Soon(err error) bool                         { return true }
func Ever(any) bool                               { return true }
func Bury[T any](stage string, item T, err error) {}
func BuryCtx[T any](ctx context.Context, stage string, item T, err error, path string) error {
	return err
}

// A Store is a state.
type Store struct{}

func NewStore(by int) (*Store, error)                  { return &Store{}, nil }
func NewStoreOf(parts ...int) (*Store, error)          { return &Store{}, nil }
func NewStored[V any](ctx context.Context, v V) *Store { return &Store{} }

func (*Store) Close() error { return nil }

func (*Store) Put(ctx context.Context, n int) (int, error)            { return n, nil }
func Keep[S io.Closer](ctx context.Context, s S, n int) (bool, error) { return true, nil }
func Spill(s io.Closer, n int, emit func(int) error) error            { return emit(n) }
func Seen(s *Store, n int) iter.Seq2[int, error]                      { return nil }
func Done(s any, n int)                                               {}
func (*Store) All() []int                                             { return nil }

// Program is what a program in another language takes and gives.
type Program func(int) (int, error)

// Functions that take shared resources.

func Tally(n int, found interface{ Add(int64) int64 }) int { return int(found.Add(int64(n))) }
func Tell(n int, out interface {
	Lock()
	Unlock()
}, seen interface {
	Update(int, func(int, bool) int)
	Len() int
}) int {
	out.Lock()
	defer out.Unlock()
	return seen.Len()
}
func Remember[T any](n T, lines interface{ Append(...T) }) {}
func Ration(ctx context.Context, n int, gate interface {
	Acquire(context.Context) error
	Release()
}, ratio interface{ Store(float64) }) (int, error) {
	return n, nil
}
func BuryInto(stage string, n int, err error, lines interface{ Append(...int) }) {}
