package main

import (
	"context"
	"fmt"
	"math"
)

// Rates knows how much of a currency one euro is; ok is false where it has never heard of the currency. The server
// asks a service that is far away; a test asks a fake.
type Rates interface {
	Rate(ctx context.Context, currency string) (rate float64, ok bool, err error)
}

// Amount is an amount of money.
type Amount struct {
	Value    float64
	Currency string
}

func (a Amount) String() string { return fmt.Sprintf("%.2f %s", a.Value, a.Currency) }

// Question asks for an amount of euros in another currency.
type Question struct {
	Euros float64
	To    string
}

// Price answers a question as exactly as the rates do.
func Price(ctx context.Context, rates Rates, q Question) (Amount, bool, error) {
	rate, ok, err := rates.Rate(ctx, q.To)
	return Amount{q.Euros * rate, q.To}, ok, err
}

// Round rounds an amount to what can be paid.
func Round(a Amount) Amount {
	a.Value = math.Round(100*a.Value) / 100
	return a
}
