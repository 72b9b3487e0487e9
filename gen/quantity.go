package gen

import (
	"fmt"
	"strings"
)

// A quantity is a number as far as it is known before the run: a sum of a constant, multiples of
// GOMAXPROCS, and terms with params. The zero quantity is 0.
type quantity struct {
	n     int
	procs int
	terms []string
}

func (q *quantity) isZero() bool { return q.n == 0 && q.procs == 0 && len(q.terms) == 0 }

func (q *quantity) add(n int) { q.n += n }

func (q *quantity) addWorkers(w Workers) {
	switch {
	case w.Param != nil:
		q.terms = append(q.terms, "$"+w.Param.Name)
	case w.Auto:
		q.procs++
	default:
		q.n += w.N
	}
}

func (q *quantity) addValue(v Value) {
	if n, ok := fixed(v); ok {
		q.n += n
	} else {
		q.terms = append(q.terms, valueText(v))
	}
}

// addProduct adds workers × v.
func (q *quantity) addProduct(w Workers, v Value) {
	n, known := fixed(v)
	switch {
	case known && w.Param == nil && w.Auto:
		q.procs += n
	case known && w.Param == nil:
		q.n += w.N * n
	default:
		var workers quantity
		workers.addWorkers(w)
		q.terms = append(q.terms, workers.String()+" × "+valueText(v))
	}
}

// addAhead adds what an ordered group may take before it hands on.
func (q *quantity) addAhead(g *Group) {
	if g.MaxAhead.IsSet() {
		q.addValue(g.MaxAhead)
		return
	}
	if n, ok := fixed(g.Chunk); ok {
		q.addProduct(g.Workers, Value{Lit: int64(4 * n)})
		return
	}
	var workers quantity
	workers.addWorkers(g.Workers)
	q.terms = append(q.terms, "4 × "+workers.String()+" × chunk")
}

// fixed returns the value where it is a number that the spec gives.
func fixed(v Value) (int, bool) {
	switch n := v.Lit.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case uint64:
		return int(n), true
	}
	return 0, false
}

// String reads "3 + 2 × GOMAXPROCS + $workers".
func (q *quantity) String() string {
	var parts []string
	if q.n != 0 {
		parts = append(parts, grouped(q.n))
	}
	switch {
	case q.procs == 1:
		parts = append(parts, "GOMAXPROCS")
	case q.procs > 1:
		parts = append(parts, fmt.Sprintf("%s × GOMAXPROCS", grouped(q.procs)))
	}
	parts = append(parts, q.terms...)
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " + ")
}

// grouped writes a number with a comma before each three digits.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
