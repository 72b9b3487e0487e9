package rig

import (
	"errors"
	"runtime"
	"sync/atomic"
)

// The functions that specs name as they are: keys of each type, eight or two of them, and what is to be retried.

func ItemKey(v Item) int      { return keyed(v).Key }
func ItemHalf(v Item) string  { return half(keyed(v)) }
func PtrKey(v *Item) int      { return keyed(*v).Key }
func PtrHalf(v *Item) string  { return half(keyed(*v)) }
func NumKey(v int64) int      { return keyed(From(v).Item).Key }
func NumHalf(v int64) string  { return half(keyed(From(v).Item)) }
func StrKey(v string) int     { return keyed(From(v).Item).Key }
func StrHalf(v string) string { return half(keyed(From(v).Item)) }

// badKey is the item of which no function can tell the key; 0 is none.
var badKey atomic.Uint64

// KeyFunctions is the stage of faults in a key function.
const KeyFunctions = -1

// keyed is v, unless a function of its key is to go wrong.
func keyed(v Item) Item {
	if v.ID == badKey.Load() && v.ID != 0 {
		if v.ID%2 == 0 {
			runtime.Goexit()
		}
		panic(&Fault{KeyFunctions, v.ID, Panic})
	}
	return v
}

func half(v Item) string {
	if v.Key < Keys/2 {
		return "0"
	}
	return "1"
}

// Half is the key of the functions whose names end so.
func Half(v Item) int { return int(half(v)[0] - '0') }

// Retryable says whether the error may be gone in the next attempt.
func Retryable(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == Flaky
}

// Colour is what some switches decide by.
type Colour int

// The colours.
const (
	Red Colour = iota
	Green
	Blue
)
