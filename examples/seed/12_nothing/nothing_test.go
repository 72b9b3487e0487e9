package main

import (
	"os"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

func TestMain(m *testing.M) {
	NegateWorker()
	goleak.VerifyTestMain(m)
}

func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "12_nothing_shared.py",
		Want:   "0\n[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n",
	}.Test(t)
}

// The function does assign both, where it is called.
func TestAssigns(t *testing.T) {
	defer func() { num = 0 }()
	list := []int{1, 2}
	F(list)
	if num != 3.1415927 || !slices.Equal(list, []int{-1, -2}) {
		t.Errorf("num = %v, list = %v", num, list)
	}
}

// What surprises in Python, pipegen vet says before the program is run.
func TestVet(t *testing.T) {
	const name = "negate.pipegen.yaml"
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, diagnostics := spec.Parse(name, source)
	program, loading, err := gen.Load(t.Context(), gen.LoadConfig{}, []*spec.File{file})
	if err != nil {
		t.Fatal(err)
	}
	plans, planning := gen.PlanAll(program, []*spec.File{file})
	diagnostics = append(append(append(diagnostics, loading...), planning...), gen.Vet(program, plans)...)
	const want = "F assigns the package variable num in a worker process, which no other process sees"
	if len(diagnostics) != 1 || diagnostics[0].Code != "PG508" || diagnostics[0].Message != want {
		t.Errorf("diagnostics %v, want one: %s", diagnostics, want)
	}
}
