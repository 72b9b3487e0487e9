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

// A splice is a file of copies.
type splice struct {
	suffix, build string   // of a companion
	text          []byte   // all below the package clause
	predeclared   []string // what it means in Go's sense: len, any, …
}

// splice copies the live declarations, in the order in which they stand in the templates, those without a build
// constraint first.
func (s *splicer) splice(declared []string) ([]*splice, error) {
	live := slices.Sorted(maps.Keys(s.live))
	imports := s.importNames(live, declared)
	key := fmt.Sprint(live, imports)
	if known, ok := s.spliced.Load(key); ok {
		return known.([]*splice), nil
	}
	files := make(map[string][]int) // by suffix
	for _, i := range live {
		suffix := ""
		if s.decls[i].Build != "" {
			suffix = index.Suffix(s.decls[i].File)
		}
		files[suffix] = append(files[suffix], i)
	}
	var all []*splice
	for _, suffix := range slices.Sorted(maps.Keys(files)) {
		made, err := s.spliceFile(files[suffix], declared)
		if err != nil {
			return nil, err
		}
		made.suffix, made.build = suffix, s.decls[files[suffix][0]].Build
		all = append(all, made)
	}
	s.spliced.Store(key, all)
	return all, nil
}

// spliceFile copies the declarations of one file.
func (s *splicer) spliceFile(kept []int, declared []string) (*splice, error) {
	const clause = "package p\n"
	imports := s.importNames(kept, declared)
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
	return &splice{text: text[len(clause):], predeclared: predeclared}, nil
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

// importNames names what declarations import: by the package's own name, or one that begins with std where the
// user's package declares that.
func (s *splicer) importNames(kept []int, declared []string) importNames {
	names := make(importNames)
	for _, i := range kept {
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
