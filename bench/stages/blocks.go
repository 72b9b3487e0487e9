package stages

import (
	"context"
	"encoding/binary"
	"iter"
)

// Block is a large item. Channels carry less than 64 KiB, together with what a library adds.
type Block [63 << 10]byte

// Blocks yields n blocks, numbered.
func Blocks(n int) iter.Seq[Block] {
	return func(yield func(Block) bool) {
		var b Block
		for i := range n {
			binary.NativeEndian.PutUint64(b[:], uint64(i))
			if !yield(b) {
				return
			}
		}
	}
}

// NewBlocks yields n fresh blocks, numbered.
func NewBlocks(n int) iter.Seq[*Block] {
	return func(yield func(*Block) bool) {
		for i := range n {
			b := new(Block)
			binary.NativeEndian.PutUint64(b[:], uint64(i))
			if !yield(b) {
				return
			}
		}
	}
}

// Stamp marks a block.
func Stamp(_ context.Context, b Block) (Block, error) {
	b[len(b)-1]++
	return b, nil
}

// StampInPlace is Stamp of the block itself.
func StampInPlace(_ context.Context, b *Block) (*Block, error) {
	b[len(b)-1]++
	return b, nil
}

// AddBlock counts a block.
func AddBlock(_ context.Context, b Block) error {
	Total.Items += int(b[len(b)-1])
	Total.Value += binary.NativeEndian.Uint64(b[:])
	return nil
}

// AddBlockInPlace is AddBlock of the block itself.
func AddBlockInPlace(_ context.Context, b *Block) error {
	Total.Items += int(b[len(b)-1])
	Total.Value += binary.NativeEndian.Uint64(b[:])
	return nil
}
