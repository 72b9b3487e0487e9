package stages

import (
	"context"
	"errors"
	"os"
)

// Square is the stage of most P shapes: next to nothing, so that a table shows what crossing costs.
//
//go:noinline
func Square(_ context.Context, x int) (int, error) {
	if x < 0 {
		return 0, errNegative
	}
	return x * x, nil
}

// CheckSquares says whether the run that just ended added the squares of 0, 1, …, n-1.
func CheckSquares(n int) error {
	want := Sum{Items: n}
	for i := range uint64(n) {
		want.Value += i * i
	}
	return checkTotal(want)
}

// Fatal is the item that SquareOrDie ends the process at.
const Fatal = -1

// SquareOrDie is Square in a process that one of its items kills.
func SquareOrDie(ctx context.Context, x int) (int, error) {
	if x == Fatal {
		os.Exit(3)
	}
	return Square(ctx, x)
}

// BlockSize is how many bytes a block has.
const BlockSize = 1 << 20

// NewBlock is an item of P4.
func NewBlock() []byte {
	block := make([]byte, BlockSize)
	for i := range block {
		block[i] = byte(i % 251)
	}
	return block
}

// Measure returns the length of a block whose bytes have arrived. It looks at the ends alone.
func Measure(_ context.Context, block []byte) (int, error) {
	if n := len(block); n == 0 || block[0] != 0 || block[n-1] != byte((n-1)%251) {
		return 0, errors.New("a block is damaged")
	}
	return len(block), nil
}
