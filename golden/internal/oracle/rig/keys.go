package rig

import "errors"

// The functions that specs name as they are: keys of each type, eight or two of them, and what is to be retried.

func ItemKey(v Item) int     { return v.Key }
func ItemHalf(v Item) string { return half(v) }
func PtrKey(v *Item) int     { return v.Key }
func PtrHalf(v *Item) string { return half(*v) }
func NumKey(v int64) int     { return From(v).Item.Key }
func NumHalf(v int64) string { return half(From(v).Item) }
func StrKey(v string) int    { return From(v).Item.Key }
func StrHalf(v string) string {
	return half(From(v).Item)
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
