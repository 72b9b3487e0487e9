// Package index describes the declarations of the support templates, so that they can be copied one by one
// into a user's package under other names.
//
// The description is made once, in this repository, by a type checker: which names a declaration uses, and
// at which bytes. Generation then only closes over it and copies bytes; it never parses a template.
package index

import (
	"unicode"
	"unicode/utf8"
)

// Decl is one top-level declaration: a function, a method, a type, a constant or variable, or a group of
// constants that depend on each other by iota.
type Decl struct {
	Names      []string // several for a group, or for var a, b; a method's own name
	Recv       string   // a method's receiver type
	File       string
	Build      string         // the build constraint of File; "" for none
	Start, End int            // bytes of File, with the doc comment and a comment on the last line
	Doc        int            // length of the doc comment and the space below it
	Group      *Group         // the parentheses from which the declaration can be taken alone; nil for none
	Refs       map[int]string // offset from Start → package-level name there, to be renamed
	Words      map[int]string // the same in comments, which keep nothing alive
	Imports    map[int]string // offset from Start → path of the package that is named there
	Methods    []string       // "T.m" for each method of the package that is used; sorted
	Selectors  []string       // methods called through interfaces or declared by them; sorted
}

// Group is a parenthesised declaration whose members can be copied alone.
type Group struct {
	Keyword    string // const, var, type
	Start, End int    // bytes of the doc comment; equal where there is none
}

// Prefix begins every name in its copy.
const Prefix = "pipegen"

// Spliced is the name that a package-level name has in its copy: pipegenQueue for queue.
func Spliced(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	return Prefix + string(unicode.ToUpper(r)) + name[size:]
}
