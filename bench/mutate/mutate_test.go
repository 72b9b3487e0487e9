package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

const small = `package p

func (q *queue) next(ctx context.Context) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.stopped && q.len() <= q.capacity-1 {
		q.head.Store(1)
		q.tail.Store(min(q.tail, 2))
		q.counts[0].filtered++
	}
	select {
	case <-q.wake:
	case <-ctx.Done():
		return false
	}
	n := q.len()
	_ = n
	q.close()
	return true
}
`

func TestMutants(t *testing.T) {
	found, err := mutants("x/small.go", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		got = append(got, fmt.Sprintf("%d %s: %s", m.line, m.kind, m.change))
		text := m.apply([]byte(small))
		if _, err := parser.ParseFile(token.NewFileSet(), "", text, 0); err != nil {
			t.Errorf("%s: %v\n%s", m, err, text)
		}
	}
	want := []string{
		"4 unlock: leave out q.mu.Lock()",
		"5 unlock: leave out defer q.mu.Unlock()",
		"6 cancel: leave out for !q.stopped && q.len() <= q.capacity-1 { q.head.Store(1) q.tail.Sto…",
		"6 cancel: turn round !q.stopped && q.len() <= q.capacity-1",
		"6 cancel: ignore !q.stopped in !q.stopped && q.len() <= q.capacity-1",
		"6 branch: ignore q.len() <= q.capacity-1 in !q.stopped && q.len() <= q.capacity-1",
		"6 bound: < for <= in q.len() <= q.capacity-1",
		"6 bound: without - 1: q.capacity-1",
		"7 other: leave out q.head.Store(1)",
		"7 order: exchange q.head.Store(1) and q.tail.Store(min(q.tail, 2))",
		"8 other: leave out q.tail.Store(min(q.tail, 2))",
		"8 order: exchange q.tail.Store(min(q.tail, 2)) and q.counts[0].filtered++",
		"8 bound: max for min(q.tail, 2)",
		"9 ack: leave out q.counts[0].filtered++",
		"12 wait: drop the case <-q.wake",
		"13 cancel: drop the case <-ctx.Done()",
		"14 branch: leave out return false",
		"14 result: return true for false",
		"18 close: leave out q.close()",
		"19 branch: leave out return true",
		"19 result: return false for true",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// In an emitter, statements of the generated code are left out too.
func TestMutantsOfEmitters(t *testing.T) {
	const emitter = `package gen

func emit() {
	body := []jen.Code{jen.Id("a").Dot("wait").Call()}
	jen.If(cond).Block(jen.Return(), jen.Id("b").Op("++"))
}
`
	found, err := mutants("gen/emit_small.go", []byte(emitter))
	if err != nil {
		t.Fatal(err)
	}
	changes := make(map[string]kind)
	for _, m := range found {
		changes[m.change] = m.kind
		if _, err := parser.ParseFile(token.NewFileSet(), "", m.apply([]byte(emitter)), 0); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	}
	for change, k := range map[string]kind{
		`emit no jen.Id("a").Dot("wait").Call()`: waits,
		`emit no jen.Return()`:                   others,
		`emit no jen.Id("b").Op("++")`:           others,
	} {
		if changes[change] != k {
			t.Errorf("%s is %q, want %q: %v", change, changes[change], k, changes)
		}
	}
}

// Every equivalent change is still one that is made.
func TestEquivalents(t *testing.T) {
	same, err := parseEquivalents(equivalent)
	if err != nil {
		t.Fatal(err)
	}
	names, err := sources("../..", "templates/threads/*.go,gen/emit*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := mutants(name, src)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			delete(same, m.id())
		}
	}
	for id := range same {
		t.Errorf("equivalent.txt: there is no change %q", id)
	}
	if _, err := parseEquivalents("a: b: c\n"); err == nil {
		t.Error("no reason given, no error")
	}
}

func TestParseKinds(t *testing.T) {
	wanted, err := parseKinds("close,ack")
	if err != nil || !wanted[closes] || !wanted[acks] || len(wanted) != 2 {
		t.Errorf("%v, %v", wanted, err)
	}
	if wanted, err = parseKinds("all"); err != nil || len(wanted) != len(kinds) {
		t.Errorf("%v, %v", wanted, err)
	}
	if _, err = parseKinds("closes"); err == nil {
		t.Error("an unknown kind is accepted")
	}
}
