package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// A program holds all of its mutants: a function that has some begins with a switch, in which each of them has a whole
// body of its own, and an integer from the environment selects one. So all are compiled at once, whatever they change.

// selector declares that integer in a package, under the given name. What it imports has names that begin with prefix,
// where the package may have others of the usual ones.
func selector(pkg, name, prefix string) []byte {
	return fmt.Appendf(nil, `package %[1]s

import (
	%[4]sos "os"
	%[4]sstrconv "strconv"
)

var %[2]s, _ = %[4]sstrconv.Atoi(%[4]sos.Getenv(%[3]q))
`, pkg, name, selectorVariable, prefix)
}

const selectorVariable = "PIPEGEN_MUTANT"

// variant is what the functions of one file are with one mutant.
type variant struct {
	number int
	bodies map[string]string // without the braces, by functionName
}

// functionName is the name of f in its package: that of a method has its type in front.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return t.(*ast.Ident).Name + "." + f.Name.Name
		}
	}
}

// goFile is a parsed file.
type goFile struct {
	name string
	src  []byte
	fset *token.FileSet
	*ast.File
}

func parse(name string, src []byte) (*goFile, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	return &goFile{name, src, fset, file}, err
}

func (f *goFile) text(from, to token.Pos) string {
	return string(f.src[f.fset.Position(from).Offset:f.fset.Position(to).Offset])
}

// functions are those that have a body, by name.
func (f *goFile) functions() map[string]*ast.FuncDecl {
	all := make(map[string]*ast.FuncDecl)
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			all[functionName(fn)] = fn
		}
	}
	return all
}

// body is what stands between the braces of fn.
func (f *goFile) body(fn *ast.FuncDecl) string { return f.text(fn.Body.Lbrace+1, fn.Body.Rbrace) }

// merge returns f with its variants, selected by the variable of the given name.
func (f *goFile) merge(selected string, variants []variant) []byte {
	type insertion struct {
		at   int
		text string
	}
	var insertions []insertion
	functions := f.functions()
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		fn := functions[name]
		var b strings.Builder
		for _, v := range variants {
			if body, ok := v.bodies[name]; ok {
				fmt.Fprintf(&b, "case %d: %s\n%s\n", v.number, variantMark, relabel(body, v.number))
				if fn.Type.Results == nil { // all others end by themselves
					b.WriteString("return\n")
				}
			}
		}
		if b.Len() > 0 {
			insertions = append(insertions, insertion{f.fset.Position(fn.Body.Lbrace).Offset + 1, "\nswitch " + selected + " {\n" + b.String() + "}\n"})
		}
	}
	slices.SortFunc(insertions, func(a, b insertion) int { return cmp.Compare(a.at, b.at) })
	var b bytes.Buffer
	last := 0
	for _, in := range insertions {
		b.Write(f.src[last:in.at])
		b.WriteString(in.text)
		last = in.at
	}
	b.Write(f.src[last:])
	return b.Bytes()
}

// variantMark is how the cases are told from those of the functions themselves.
const variantMark = "// mutant"

// relabel gives the labels of a body names of their own: each may stand only once in a function.
func relabel(body string, number int) string {
	const before = "package p\nfunc f() {"
	f, err := parse("", []byte(before+body+"}"))
	if err != nil {
		return body
	}
	var ends []int
	ast.Inspect(f.File, func(n ast.Node) bool {
		var label *ast.Ident
		switch n := n.(type) {
		case *ast.LabeledStmt:
			label = n.Label
		case *ast.BranchStmt:
			label = n.Label
		}
		if label != nil {
			ends = append(ends, f.fset.Position(label.End()).Offset-len(before))
		}
		return true
	})
	slices.Sort(ends)
	for _, at := range slices.Backward(ends) {
		body = body[:at] + fmt.Sprint(number) + body[at:]
	}
	return body
}

// mutantVariant is f with one mutant, in whose function it lies.
func (f *goFile) mutantVariant(number int, m mutant) variant {
	for name, fn := range f.functions() {
		from, to := f.fset.Position(fn.Body.Lbrace).Offset+1, f.fset.Position(fn.Body.Rbrace).Offset
		if from <= m.from && m.to <= to {
			return variant{number, map[string]string{name: string(f.src[from:m.from]) + m.with + string(f.src[m.to:to])}}
		}
	}
	panic("no function holds " + m.String())
}

// differences returns the bodies that differ where changed, another version of f, differs in nothing but bodies, and
// imports or, where it may lack some, has no declarations that f does not have.
func (f *goFile) differences(changed *goFile, mayLack bool) (map[string]string, bool) {
	has := make(map[string]bool)
	for _, text := range f.declarations() {
		has[text] = true
	}
	theirs := changed.declarations()
	for _, text := range theirs {
		if !has[text] {
			return nil, false
		}
		delete(has, text)
	}
	for text := range has {
		if !mayLack && !strings.HasPrefix(text, "import ") {
			return nil, false
		}
	}
	bodies := make(map[string]string)
	own := f.functions()
	for name, fn := range changed.functions() {
		if body := changed.body(fn); body != f.body(own[name]) {
			bodies[name] = body
		}
	}
	return bodies, true
}

// declarations are the texts of what the file declares, without comments and the bodies of functions.
func (f *goFile) declarations() []string {
	var all []string
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			end := d.End()
			if d.Body != nil {
				end = d.Body.Lbrace
			}
			all = append(all, f.text(d.Type.Pos(), end))
		case *ast.GenDecl:
			if d.Tok != token.IMPORT {
				all = append(all, f.text(d.Pos(), d.End()))
				continue
			}
			for _, spec := range d.Specs {
				all = append(all, "import "+f.text(spec.Pos(), spec.End()))
			}
		}
	}
	return all
}
