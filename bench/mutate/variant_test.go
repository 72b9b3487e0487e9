package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const counted = `package main

import "fmt"

type counter[E any] struct{ n int }

func (c *counter[E]) add(n int) {
	c.n += n
	c.n++
}

func (c *counter[E]) last() int {
	return c.n - 1
}

func rest() (s string) {
loop:
	for i := range 3 {
		switch i {
		case 2:
			break loop
		}
		s += fmt.Sprint(i)
	}
	return
}

func main() {
	defer func() { fmt.Print(" ", recover() != nil, " ", rest()) }()
	c := new(counter[int])
	c.add(2)
	fmt.Print(c.last())
	if c.n > 3 {
		panic(c)
	}
}
`

// A program that holds all of its mutants does with each what the source does that has only this one.
func TestMerge(t *testing.T) {
	found, err := mutants("main.go", []byte(counted))
	if err != nil {
		t.Fatal(err)
	}
	f, err := parse("main.go", []byte(counted))
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[int]string)
	var variants []variant
	for number, m := range append([]mutant{{}}, found...) {
		if _, ok := map[string]bool{
			"":                             true,
			"leave out c.n++":              true,
			"leave out c.n += n":           true,
			"without - 1: c.n - 1":         true,
			"turn round c.n > 3":           true,
			"leave out s += fmt.Sprint(i)": true,
			"leave out break loop":         true,
		}[m.change]; !ok {
			continue
		}
		want[number] = play(t, map[string][]byte{"main.go": m.apply([]byte(counted))}, 0)
		if number > 0 {
			variants = append(variants, f.mutantVariant(number, m))
		}
	}
	if len(want) != 7 {
		t.Fatalf("%d of the changes are made", len(want)-1)
	}
	if all := slices.Collect(maps.Values(want)); len(slices.Compact(slices.Sorted(slices.Values(all)))) != 7 {
		t.Fatalf("they cannot be told apart: %q", all)
	}
	merged := map[string][]byte{"main.go": f.merge("selected", variants), "mutant.go": selector("main", "selected", "own")}
	for number, text := range want {
		if got := play(t, merged, number); got != text {
			t.Errorf("mutant %d prints %q, want %q\n%s", number, got, text, merged["main.go"])
		}
	}
}

// play runs a program.
func play(t *testing.T, files map[string][]byte, number int) string {
	dir := t.TempDir()
	var names []string
	for name, src := range files {
		names = append(names, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), src, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run"}, names...)...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", selectorVariable, number))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestDifferences(t *testing.T) {
	const before = "package p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\ntype a int\n\nfunc f() { fmt.Print(os.Args) }\n\nfunc (a) g() {}\n"
	base, err := parse("", []byte(before))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, src   string
		mayLack, ok bool
		bodies      []string
	}{
		{"the same", before, false, true, nil},
		{"a body, and an import less", "package p\nimport \"fmt\"\ntype a int\nfunc f() { fmt.Print() }\nfunc (a) g() {}\n", false, true, []string{"f"}},
		{"a method's body", "package p\nimport (\n\"fmt\"\n\"os\"\n)\ntype a int\nfunc f() { fmt.Print(os.Args) }\nfunc (a) g() { f() }\n", false, true, []string{"a.g"}},
		{"a type", "package p\nimport \"fmt\"\ntype a int8\nfunc f() { fmt.Print() }\nfunc (a) g() {}\n", false, false, nil},
		{"a parameter", "package p\ntype a int\nfunc f(int) {}\nfunc (a) g() {}\n", false, false, nil},
		{"an import", "package p\nimport \"io\"\ntype a int\nfunc f() { io.Discard.Write(nil) }\nfunc (a) g() {}\n", false, false, nil},
		{"one method less", "package p\ntype a int\nfunc f() { fmt.Print(os.Args) }\n", false, false, nil},
		{"one method less where that may be", "package p\ntype a int\nfunc f() { fmt.Print(os.Args) }\n", true, true, nil},
		{"one function more", before + "func h() {}\n", true, false, nil},
	} {
		changed, err := parse("", []byte(test.src))
		if err != nil {
			t.Fatal(err)
		}
		bodies, ok := base.differences(changed, test.mayLack)
		if got := slices.Sorted(maps.Keys(bodies)); ok != test.ok || !slices.Equal(got, test.bodies) {
			t.Errorf("%s: %v %q, want %v %q", test.name, ok, got, test.ok, test.bodies)
		}
	}
}

// What is likely to notice a mutant, for the time that it takes, runs first.
func TestByPromise(t *testing.T) {
	var programs []*program
	for _, p := range []struct {
		dir                     string
		usual                   time.Duration
		here, elsewhere, missed int
	}{
		{"dear", 4 * time.Second, 0, 0, 0},
		{"vain", 100 * time.Millisecond, 0, 0, 50},
		{"cheap", 200 * time.Millisecond, 0, 0, 0},
		{"elsewhere", 200 * time.Millisecond, 0, 30, 30},
		{"here", 200 * time.Millisecond, 30, 0, 30},
	} {
		made := &program{dir: p.dir, usual: p.usual}
		for range p.here {
			made.count("a.go", true)
		}
		for range p.elsewhere {
			made.count("b.go", true)
		}
		for range p.missed {
			made.count("b.go", false)
		}
		programs = append(programs, made)
	}
	byPromise(programs, "a.go")
	var got []string
	for _, p := range programs {
		got = append(got, p.dir)
	}
	if want := []string{"cheap", "here", "elsewhere", "dear", "vain"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
