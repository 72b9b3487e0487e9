package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	NegateWorker()
	InverseWorker()
	goleak.VerifyTestMain(m)
}

func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "13_value_array.py",
		Want:   "3.1415927\n[0, -1, -2, -3, -4, -5, -6, -7, -8, -9]\n",
	}.Test(t)
}

// Four processes change 100 MB where they are: what goes to the processes and comes from them are a hundred bytes
// or less for each part.
func TestNoCopy(t *testing.T) {
	shared := NewInverseShared()
	defer shared.Close()
	pixels := shared.Pixels.Slice()
	for i := range pixels {
		pixels[i] = uint32(i)
	}
	var stats InverseStats
	err := Inverse{Shared: shared, Stats: &stats}.Run(t.Context(), func(yield func(Part) bool) {
		const size = 1_000_000
		for from := 0; from < len(pixels) && yield(Part{from, from + size}); from += size {
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, pixel := range pixels {
		if pixel != ^uint32(i) {
			t.Fatalf("pixel %d is %#x", i, pixel)
		}
	}
	sent, received := stats.Invert.BytesOut(), stats.Invert.BytesIn()
	if sent == 0 || sent > 2500 || received == 0 || received > 2500 {
		t.Errorf("%d bytes went to the processes, %d came back", sent, received)
	}
}
