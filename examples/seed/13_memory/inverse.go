package main

// Part is a part of a picture: an item of two numbers, however large the part is.
type Part struct{ From, To int }

// Invert inverts the part where it is.
func (p Part) Invert(pixels interface{ Slice() []uint32 }) {
	part := pixels.Slice()[p.From:p.To]
	for i, pixel := range part {
		part[i] = ^pixel
	}
}
