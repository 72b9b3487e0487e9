package gen

import (
	"go/types"
	"testing"
)

func TestDefaultCapacity(t *testing.T) {
	bytes := func(n int64) types.Type { return types.NewArray(types.Typ[types.Byte], n) }
	with := func(fields ...types.Type) types.Type {
		var vars []*types.Var
		for _, f := range fields {
			vars = append(vars, types.NewField(0, nil, "_", f, false))
		}
		return types.NewStruct(vars, nil)
	}
	for _, tc := range []struct {
		name string
		typ  types.Type
		want int
	}{
		{"empty struct", with(), 4096},
		{"byte", types.Typ[types.Byte], 4096},
		{"int", types.Typ[types.Int], 4096},
		{"64 bytes fill 256 KiB", bytes(64), 4096},
		{"65 bytes: 4,032 fit, rounded down", bytes(65), 2048},
		{"4 KiB", bytes(4 << 10), 64},
		{"64 KiB", bytes(64 << 10), 4},
		{"256 KiB: at least 4", bytes(256 << 10), 4},
		{"1 GiB", bytes(1 << 30), 4},
		{"a size that overflows", types.NewArray(bytes(1<<62), 8), 4},
		{"string", types.Typ[types.String], 512},
		{"slice", types.NewSlice(types.Typ[types.Byte]), 64},
		{"pointer", types.NewPointer(types.Typ[types.Int]), 64},
		{"any", types.Universe.Lookup("any").Type(), 64},
		{"error", errorType, 64},
		{"channel", types.NewChan(types.SendRecv, types.Typ[types.Int]), 64},
		{"map", types.NewMap(types.Typ[types.Int], types.Typ[types.Int]), 64},
		{"func", types.NewSignatureType(nil, nil, nil, nil, nil, false), 64},
		{"unsafe.Pointer", types.Typ[types.UnsafePointer], 64},
		{"array of no pointers", types.NewArray(types.NewPointer(types.Typ[types.Int]), 0), 4096},
		{"struct of numbers", with(types.Typ[types.Int], types.Typ[types.Float64]), 4096},
		{"struct with a string", with(types.Typ[types.Int], types.Typ[types.String]), 64},
		{"pointer in a large struct", with(bytes(32<<10), types.NewPointer(types.Typ[types.Int])), 4},
		{"array of strings", types.NewArray(types.Typ[types.String], 2), 64},
	} {
		if got, reason := defaultCapacity(tc.typ); got != tc.want || reason == "" {
			t.Errorf("%s: %d (%s), want %d", tc.name, got, reason, tc.want)
		}
	}
}
