package main

import (
	"fmt"
	"slices"
	"strings"
)

// Scalar is a text, else a number, else None. Python's dictionary takes keys of any type; a map has one type of keys, and
// this is one that has room for the three.
type Scalar struct {
	Text   string
	Number float64
}

// String is how Python prints it.
func (s Scalar) String() string {
	switch {
	case s.Text != "":
		return "'" + s.Text + "'"
	case s.Number != 0:
		return fmt.Sprint(s.Number)
	}
	return "None"
}

// dict is how Python prints a dictionary, sorted.
func dict(m map[Scalar]Scalar) string {
	var entries []string
	for key, value := range m {
		entries = append(entries, fmt.Sprintf("%v: %v", key, value))
	}
	slices.Sort(entries)
	return "{" + strings.Join(entries, ", ") + "}"
}
