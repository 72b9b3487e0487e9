package gen

import (
	"bytes"
	"go/token"
	"go/types"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The plans of many packages in any order, any number of times: the same files in the same order.
func TestPromise20_SameFiles(t *testing.T) {
	plans := emittable(t)
	var want []File
	for try := range 20 {
		rand.Shuffle(len(plans), func(i, k int) { plans[i], plans[k] = plans[k], plans[i] })
		got, err := Emit(plans)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if len(got) != len(want) {
			t.Fatalf("try %d: %d files, the first time %d", try, len(got), len(want))
		}
		for i := range got {
			if got[i].Path != want[i].Path {
				t.Fatalf("try %d: file %d is %s, the first time %s", try, i, got[i].Path, want[i].Path)
			}
			if !bytes.Equal(got[i].Content, want[i].Content) {
				t.Errorf("try %d: %s differs", try, got[i].Path)
			}
		}
	}
	if !slices.IsSortedFunc(want, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not in the order of their paths")
	}
}

// Where several packages cannot be written, the error is about the first of them each time.
func TestPromise20_SameError(t *testing.T) {
	plans := emittable(t)
	for _, p := range plans {
		scope := p.Package.Scope()
		for _, name := range types.Universe.Names() { // some of them, the code needs
			scope.Insert(types.NewVar(token.NoPos, p.Package, name, types.Typ[types.Int]))
		}
	}
	want := ""
	for range 20 {
		_, err := Emit(plans)
		if err == nil {
			t.Fatal("no error where all that is predeclared is hidden")
		}
		if want == "" {
			want = err.Error()
		}
		if err.Error() != want {
			t.Fatalf("%v\nthe first time: %s", err, want)
		}
	}
}

// emittable returns the plans of all cases of testdata/plan that have no errors.
func emittable(t *testing.T) []*Plan {
	cases, prog := loadPlanCases(t)
	var all []*Plan
	for _, c := range cases {
		plans, diags := PlanAll(prog, c.files)
		if !c.diags.HasErrors() && !diags.HasErrors() {
			all = append(all, plans...)
		}
	}
	if len(all) < 10 {
		t.Fatalf("%d plans", len(all))
	}
	return all
}
