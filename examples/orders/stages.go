package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
)

// Cents are an amount of money.
type Cents int

func (c Cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }

// Order is a line of the file of orders.
type Order struct {
	Buyer  string
	Number string // of the order, given by the shop
	Amount Cents
}

// Customer is who has ordered.
func (o Order) Customer() string { return o.Buyer }

// ID is the number of the order.
func (o Order) ID() string { return o.Number }

// Payment is a line of the file of payments.
type Payment struct {
	For    string // the number of an order
	Amount Cents
}

// Order is the number of the order that is paid.
func (p Payment) Order() string { return p.For }

// Entry is an order in its customer's statement.
type Entry struct {
	Order
	No   int // the customer's first order is 1
	Paid Cents
}

// ReadOrders reads lines of a customer, an order and an amount.
func ReadOrders(r io.Reader) iter.Seq2[Order, error] {
	return records(r, 3, func(fields []string) (Order, error) {
		amount, err := cents(fields[2])
		return Order{fields[0], fields[1], amount}, err
	})
}

// ReadPayments reads lines of an order and an amount.
func ReadPayments(r io.Reader) iter.Seq2[Payment, error] {
	return records(r, 2, func(fields []string) (Payment, error) {
		amount, err := cents(fields[1])
		return Payment{fields[0], amount}, err
	})
}

// records reads CSV. The first error is the last item.
func records[T any](r io.Reader, fields int, parse func([]string) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		lines := csv.NewReader(r)
		lines.Comment = '#'
		lines.FieldsPerRecord = fields
		lines.TrimLeadingSpace = true
		for {
			record, err := lines.Read()
			if err == io.EOF {
				return
			}
			var item T
			if err == nil {
				if item, err = parse(record); err != nil {
					line, _ := lines.FieldPos(0)
					err = fmt.Errorf("line %d: %w", line, err)
				}
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// cents reads an amount such as 12.50.
func cents(text string) (Cents, error) {
	amount, err := strconv.ParseFloat(text, 64)
	if err == nil && !(0 <= amount && amount <= 1e12) {
		err = fmt.Errorf("%s is not an amount of money", text)
	}
	return Cents(math.Round(100 * amount)), err
}

// Numbers are the numbers of the last orders of some customers.
type Numbers struct{ last map[string]int }

// NewNumbers returns Numbers of nobody.
func NewNumbers() *Numbers { return &Numbers{make(map[string]int)} }

// Number gives an order its number in the customer's statement.
func (n *Numbers) Number(o Order) Entry {
	n.last[o.Buyer]++
	return Entry{Order: o, No: n.last[o.Buyer]}
}

// Settle is an order with one of its payments.
func Settle(e Entry, p Payment) Entry {
	e.Paid = p.Amount
	return e
}

// Statement are the orders of a customer: that with the number 1 first.
type Statement []Entry

// Add adds an order, or one more payment of it. They may come in any sequence.
func (s Statement) Add(e Entry) Statement {
	for len(s) < e.No {
		s = append(s, Entry{})
	}
	e.Paid += s[e.No-1].Paid
	s[e.No-1] = e
	return s
}
