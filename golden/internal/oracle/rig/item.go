// Package rig is what random pipelines do: their functions are thin wrappers around it, and the oracle calls the
// same code to know what they will do. Its source is copied into the module in which the pipelines are built, so it
// imports the standard library alone.
//
// What a function makes of an item depends on the item, the stage and the job, never on time or on other items.
package rig

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Item is what travels, whatever Go type stands for it. Key and Hops stay with all that is made of an item.
type Item struct {
	ID   uint64 // below 1<<idBits
	Key  int    // below Keys
	Hops int    // rounds through a cycle, below 8
}

// Keys is the number of keys that items have.
const Keys = 8

const idBits = 40

// Value is the canonical form of an item of any type: an Item, or a batch of them.
type Value struct {
	Item  Item
	Batch []Item // nil unless it is a batch, which is never empty
}

func (i Item) String() string { return fmt.Sprintf("%x.%d.%d", i.ID, i.Key, i.Hops) }

func (v Value) String() string {
	if v.Batch != nil {
		return fmt.Sprint(v.Batch)
	}
	return v.Item.String()
}

// Identity is what decides what happens to v: for a batch, that of all of its items in their order.
func (v Value) Identity() uint64 {
	if v.Batch == nil {
		return v.Item.ID
	}
	h := uint64(len(v.Batch))
	for _, i := range v.Batch {
		h = mix(h, i.ID)
	}
	return h & (1<<idBits - 1)
}

// Items are the items of v: one, unless it is a batch.
func (v Value) Items() []Item {
	if v.Batch != nil {
		return v.Batch
	}
	return []Item{v.Item}
}

// Sum is the accumulator of reductions: it does not depend on the order of what was added.
type Sum struct {
	N int64
	X uint64
}

// Plus is s with the items of v.
func (s Sum) Plus(v Value) Sum {
	for _, i := range v.Items() {
		s.N++
		s.X += mix(i.ID, uint64(i.Key)<<8|uint64(i.Hops))
	}
	return s
}

// Merge is s with what other has added to nothing.
func (s Sum) Merge(other Sum) Sum { return Sum{s.N + other.N, s.X + other.X} }

func (s Sum) item() Item {
	id := mix(uint64(s.N), s.X)
	return Item{ID: id & (1<<idBits - 1), Key: int(s.N) % Keys}
}

// ByKey is the canonical item of a map of sums whose keys are written as text.
func ByKey(sums map[string]Sum) Item {
	h := uint64(len(sums))
	for _, k := range slices.Sorted(maps.Keys(sums)) {
		h = mix(mix(h, sums[k].item().ID), uint64(k[len(k)-1]))
	}
	return Item{ID: h & (1<<idBits - 1), Key: len(sums) % Keys}
}

// From gives the canonical form of an item of one of the types that random pipelines use.
func From(v any) Value {
	switch v := v.(type) {
	case Item:
		return Value{Item: v}
	case *Item:
		if v == nil { // the result of an item that has none
			return Value{}
		}
		return Value{Item: *v}
	case int64:
		return Value{Item: Item{ID: uint64(v) >> 6, Key: int(v>>3) & 7, Hops: int(v) & 7}}
	case string:
		return Value{Item: parse(v)}
	case Sum:
		return Value{Item: v.item()}
	case map[int]Sum:
		sums := make(map[string]Sum)
		for k, s := range v {
			sums[strconv.Itoa(k)] = s
		}
		return Value{Item: ByKey(sums)}
	case map[string]Sum:
		return Value{Item: ByKey(v)}
	case []Item:
		return batch(v)
	case []*Item:
		return batch(v)
	case []int64:
		return batch(v)
	case []string:
		return batch(v)
	}
	panic(fmt.Sprintf("rig: no item is a %T", v))
}

func batch[T any](all []T) Value {
	items := make([]Item, len(all))
	for i, v := range all {
		items[i] = From(v).Item
	}
	return Value{Batch: items}
}

func parse(s string) Item {
	if s == "" { // the result of an item that has none
		return Item{}
	}
	id, rest, _ := strings.Cut(s, ".")
	key, hops, _ := strings.Cut(rest, ".")
	var i Item
	var err1, err2, err3 error
	i.ID, err1 = strconv.ParseUint(id, 16, 64)
	i.Key, err2 = strconv.Atoi(key)
	i.Hops, err3 = strconv.Atoi(hops)
	if err1 != nil || err2 != nil || err3 != nil {
		panic("rig: no item is " + strconv.Quote(s))
	}
	return i
}

// To makes an item of type T.
func To[T any](v Value) T {
	var to T
	switch p := any(&to).(type) {
	case *Item:
		*p = v.Item
	case **Item:
		*p = &v.Item
	case *int64:
		*p = int64(v.Item.ID<<6) | int64(v.Item.Key<<3) | int64(v.Item.Hops)
	case *string:
		*p = v.Item.String()
	case *[]Item:
		*p = unbatch[Item](v)
	case *[]*Item:
		*p = unbatch[*Item](v)
	case *[]int64:
		*p = unbatch[int64](v)
	case *[]string:
		*p = unbatch[string](v)
	default:
		panic(fmt.Sprintf("rig: no item is a %T", to))
	}
	return to
}

func unbatch[T any](v Value) []T {
	all := make([]T, len(v.Batch))
	for i, item := range v.Batch {
		all[i] = To[T](Value{Item: item})
	}
	return all
}

// ToAll makes items of type T.
func ToAll[T any](values []Value) []T {
	all := make([]T, len(values))
	for i, v := range values {
		all[i] = To[T](v)
	}
	return all
}

// mix is a hash of two numbers.
func mix(a, b uint64) uint64 {
	x := a*0x9e3779b97f4a7c15 ^ b
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
