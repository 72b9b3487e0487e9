package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// makeUp makes up two files: n orders, and payments of most of them, some in two parts, some for no order. They are the
// same ones every time.
func makeUp(n int) (orders, payments string) {
	random := rand.New(rand.NewPCG(uint64(n), 0))
	var ordered strings.Builder
	var paid []string
	pay := func(order int, amount Cents) {
		paid = append(paid, fmt.Sprintf("%06d,%v\n", order, amount))
	}
	for order := range n {
		amount := Cents(1 + random.IntN(20_000))
		fmt.Fprintf(&ordered, "customer-%04d,%06d,%v\n", random.IntN(1+n/10), order, amount)
		switch random.IntN(10) {
		case 0: // not yet
		case 1:
			pay(order, amount/3)
			pay(order, amount-amount/3)
		case 2:
			pay(n+order, amount) // for an order that there is not
		default:
			pay(order, amount)
		}
	}
	random.Shuffle(len(paid), func(i, j int) { paid[i], paid[j] = paid[j], paid[i] })
	return ordered.String(), strings.Join(paid, "")
}
