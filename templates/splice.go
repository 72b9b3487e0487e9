package templates

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"

	"github.com/pipegen/pipegen/templates/internal/index"
)

// A splice is a copy of declarations.
type splice struct {
	text        []byte   // all below the package clause
	predeclared []string // what it means in Go's sense: len, any, …
}

// splice copies the live declarations, in the order in which they stand in the templates.
func (s *splicer) splice(declared []string) (*splice, error) {
	imports := s.importNames(declared)
	kept := slices.Sorted(maps.Keys(s.live))
	key := fmt.Sprint(kept, imports)
	if known, ok := s.spliced.Load(key); ok {
		return known.(*splice), nil
	}
	const clause = "package p\n"
	var b bytes.Buffer
	b.WriteString(clause)
	imports.write(&b)
	for len(kept) > 0 {
		n := s.run(kept)
		if err := s.writeRun(&b, kept[:n], imports); err != nil {
			return nil, err
		}
		kept = kept[n:]
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, err
	}
	predeclared, err := predeclaredIn(text)
	if err != nil {
		return nil, err
	}
	made := &splice{text[len(clause):], predeclared}
	s.spliced.Store(key, made)
	return made, nil
}

// predeclaredIn returns the identifiers of Go itself that a file uses.
func predeclaredIn(src []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return nil, err
	}
	used := make(map[string]bool)
	for _, id := range file.Unresolved {
		if types.Universe.Lookup(id.Name) != nil {
			used[id.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(used)), nil
}

// run returns how many declarations at the start of kept stand in one pair of parentheses.
func (s *splicer) run(kept []int) int {
	group := s.decls[kept[0]].Group
	n := 1
	for group != nil && n < len(kept) && s.decls[kept[n]].Group == group {
		n++
	}
	return n
}

// writeRun writes declarations of one group; a single one does without parentheses.
func (s *splicer) writeRun(b *bytes.Buffer, kept []int, imports importNames) error {
	b.WriteString("\n")
	first := s.decls[kept[0]]
	src, err := index.ReadFile(s.sources, first.File)
	if err != nil {
		return err
	}
	group := first.Group
	switch {
	case group == nil:
		doc, decl := rename(src, first, imports)
		fmt.Fprintf(b, "%s%s\n", doc, decl)
	case len(kept) == 1:
		doc, decl := rename(src, first, imports)
		if len(doc) == 0 {
			doc = append(src[group.Start:group.End:group.End], '\n')
		}
		fmt.Fprintf(b, "%s%s %s\n", doc, group.Keyword, decl)
	default:
		fmt.Fprintf(b, "%s\n%s (\n", src[group.Start:group.End], group.Keyword)
		for _, i := range kept {
			doc, decl := rename(src, s.decls[i], imports)
			fmt.Fprintf(b, "%s%s\n", doc, decl)
		}
		b.WriteString(")\n")
	}
	return nil
}

// rename returns the doc comment, with the line break below it, and the rest of a declaration, both with
// the names of the copy.
func rename(src []byte, d index.Decl, imports importNames) (doc, decl []byte) {
	type edit struct{ old, new string }
	edits := make(map[int]edit)
	for at, name := range d.Refs {
		edits[at] = edit{name, index.Spliced(name)}
	}
	for at, name := range d.Words {
		edits[at] = edit{name, index.Spliced(name)}
	}
	for at, path := range d.Imports {
		edits[at] = edit{index.ImportName(path), imports[path]}
	}
	text := src[d.Start:d.End]
	piece := func(from, to int) []byte {
		var out []byte
		for _, at := range slices.Sorted(maps.Keys(edits)) {
			if from <= at && at < to {
				out = append(out, text[from:at]...)
				out = append(out, edits[at].new...)
				from = at + len(edits[at].old)
			}
		}
		return append(out, text[from:to]...)
	}
	return piece(0, d.Doc), piece(d.Doc, len(text))
}

// importNames says how each import is called in the file: path → name.
type importNames map[string]string

// importNames names what the live declarations import: by the package's own name, or one that begins with
// std where the user's package declares that.
func (s *splicer) importNames(declared []string) importNames {
	names := make(importNames)
	for i := range s.live {
		for _, path := range s.decls[i].Imports {
			names[path] = index.ImportName(path)
		}
	}
	for path, name := range names {
		for slices.Contains(declared, names[path]) {
			name = "std" + name
			names[path] = name
		}
	}
	return names
}

func (m importNames) write(b *bytes.Buffer) {
	if len(m) == 0 {
		return
	}
	b.WriteString("\nimport (\n")
	for _, path := range slices.Sorted(maps.Keys(m)) {
		if m[path] != index.ImportName(path) {
			b.WriteString(m[path] + " ")
		}
		b.WriteString(strconv.Quote(path) + "\n")
	}
	b.WriteString(")\n")
}
