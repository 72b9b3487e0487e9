package index

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Build type-checks the package in the directory dir of fsys and indexes its declarations, in the order of
// files and positions. Tests are left out. Where files have build constraints, the package is checked for each of
// the [Platforms], and what a declaration refers to is what it refers to on any of them.
func Build(fsys fs.FS, dir string) ([]Decl, error) {
	builders, err := load(fsys, dir)
	if err != nil {
		return nil, err
	}
	type place struct {
		file  string
		start int
	}
	at := make(map[place]int)
	var decls []Decl
	for _, b := range builders {
		for _, file := range b.files {
			for _, d := range b.file(file) {
				i, known := at[place{d.File, d.Start}]
				if known {
					decls[i].merge(d)
					continue
				}
				at[place{d.File, d.Start}] = len(decls)
				decls = append(decls, d)
			}
		}
	}
	slices.SortFunc(decls, func(a, b Decl) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Start, b.Start))
	})
	return decls, nil
}

// merge adds what the same declaration refers to on another platform.
func (d *Decl) merge(other Decl) {
	maps.Copy(d.Refs, other.Refs)
	maps.Copy(d.Words, other.Words)
	maps.Copy(d.Imports, other.Imports)
	d.Methods = union(d.Methods, other.Methods)
	d.Selectors = union(d.Selectors, other.Selectors)
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// builder is the package on one platform.
type builder struct {
	fset  *token.FileSet
	files []*source
	pkg   *types.Package
	info  types.Info
}

// check type-checks the files that the platform builds. report is told what is wrong.
func check(fset *token.FileSet, dir string, sources []*source, p *Platform, report func(error)) *builder {
	b := &builder{
		fset: fset,
		info: types.Info{
			Defs:  make(map[*ast.Ident]types.Object),
			Uses:  make(map[*ast.Ident]types.Object),
			Types: make(map[ast.Expr]types.TypeAndValue),
		},
	}
	var files []*ast.File
	for _, s := range sources {
		if slices.Contains(s.platforms, p) {
			b.files = append(b.files, s)
			files = append(files, s.File)
		}
	}
	conf := types.Config{Importer: p, Sizes: types.SizesFor("gc", p.arch), Error: report}
	b.pkg, _ = conf.Check(dir, fset, files, &b.info)
	return b
}

func (b *builder) offset(p token.Pos) int { return b.fset.Position(p).Offset }
func (b *builder) line(p token.Pos) int   { return b.fset.Position(p).Line }

func (b *builder) file(file *source) []Decl {
	var decls []Decl
	add := func(d Decl, node ast.Node, doc *ast.CommentGroup) {
		if slices.Equal(d.Names, []string{"_"}) {
			return // an assertion to the compiler, checked here already
		}
		d.File, d.Build = file.name, file.build
		b.describe(&d, file.File, node, doc)
		decls = append(decls, d)
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			add(Decl{Names: []string{decl.Name.Name}, Recv: receiver(decl)}, decl, decl.Doc)
		case *ast.GenDecl:
			switch {
			case decl.Tok == token.IMPORT:
			case !decl.Lparen.IsValid() || b.inseparable(decl):
				add(Decl{Names: declared(decl.Specs...)}, decl, decl.Doc)
			default:
				start := b.offset(decl.TokPos)
				group := &Group{Keyword: decl.Tok.String(), Start: start, End: start}
				if decl.Doc != nil {
					group.Start, group.End = b.offset(decl.Doc.Pos()), b.offset(decl.Doc.End())
				}
				for _, spec := range decl.Specs {
					add(Decl{Names: declared(spec), Group: group}, spec, specDoc(spec))
				}
			}
		}
	}
	return decls
}

// inseparable says whether a group's members mean something else when they are taken apart.
func (b *builder) inseparable(decl *ast.GenDecl) bool {
	for _, spec := range decl.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.CONST {
			if len(v.Values) == 0 {
				return true // repeats the expression above
			}
			iota := false
			ast.Inspect(v, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				iota = iota || ok && b.info.Uses[id] == types.Universe.Lookup("iota")
				return true
			})
			if iota {
				return true
			}
		}
	}
	return false
}

// describe fills in the range of the node with its comments, and what it refers to.
func (b *builder) describe(d *Decl, file *ast.File, node ast.Node, doc *ast.CommentGroup) {
	start, end := node.Pos(), node.End()
	if doc != nil {
		start = doc.Pos()
	}
	for _, group := range file.Comments {
		if group.Pos() >= end && b.line(group.Pos()) == b.line(node.End()) {
			end = group.End()
		}
	}
	d.Start, d.End = b.offset(start), b.offset(end)
	d.Doc = b.offset(node.Pos()) - d.Start
	d.Refs, d.Words, d.Imports = make(map[int]string), make(map[int]string), make(map[int]string)
	methods, selectors := make(map[string]bool), make(map[string]bool)
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			at := b.offset(n.Pos()) - d.Start
			if name, ok := b.packageLevel(n); ok {
				d.Refs[at] = name
			} else if pkg, ok := b.info.Uses[n].(*types.PkgName); ok {
				d.Imports[at] = pkg.Imported().Path()
			}
		case *ast.SelectorExpr:
			if f, ok := b.info.Uses[n.Sel].(*types.Func); ok && f.Signature().Recv() != nil {
				if recv := b.methodOf(f); recv != "" {
					methods[recv+"."+f.Name()] = true
				} else if types.IsInterface(f.Signature().Recv().Type()) {
					selectors[f.Name()] = true
				}
			}
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				for _, id := range m.Names {
					selectors[id.Name] = true
				}
			}
		}
		return true
	})
	d.Methods = slices.Sorted(maps.Keys(methods))
	d.Selectors = slices.Sorted(maps.Keys(selectors))
	for _, group := range file.Comments {
		if start <= group.Pos() && group.End() <= end {
			b.comments(d, group)
		}
	}
	b.subject(d, doc)
	if g, ok := node.(*ast.GenDecl); ok {
		for _, spec := range g.Specs {
			b.subject(d, specDoc(spec))
		}
	}
}

// packageLevel returns the package-level name that id stands for: the object itself, or the field of an
// embedded type, which is named like the type.
func (b *builder) packageLevel(id *ast.Ident) (string, bool) {
	for _, obj := range []types.Object{b.info.Defs[id], b.info.Uses[id]} {
		if obj == nil || obj.Pkg() != b.pkg || id.Name == "_" {
			continue
		}
		if obj.Parent() == b.pkg.Scope() {
			return obj.Name(), true
		}
		if v, ok := obj.(*types.Var); ok && v.Embedded() && b.embedsOwn(v) {
			return obj.Name(), true
		}
	}
	return "", false
}

// methodOf returns the name of the package's own type whose method f is, "" for an interface or another
// package's.
func (b *builder) methodOf(f *types.Func) string {
	t := f.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() == b.pkg && !types.IsInterface(n) {
		return n.Obj().Name()
	}
	return ""
}

func (b *builder) embedsOwn(v *types.Var) bool {
	t := v.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := t.(type) {
	case *types.Named:
		return t.Obj().Pkg() == b.pkg
	case *types.Alias:
		return t.Obj().Pkg() == b.pkg
	}
	return false
}

var link = regexp.MustCompile(`\[\*?([\pL_][\pL_\pN]*)(\.[\pL_][\pL_\pN]*)?\]`)

// comments records doc links: [name], [*name], [name.method].
func (b *builder) comments(d *Decl, group *ast.CommentGroup) {
	for _, c := range group.List {
		for _, m := range link.FindAllStringSubmatchIndex(c.Text, -1) {
			if m[0] > 0 && strings.ContainsRune(" \t(", rune(c.Text[m[0]-1])) {
				b.word(d, c.Pos()+token.Pos(m[2]), c.Text[m[2]:m[3]])
			}
		}
	}
}

// subject records the first word of a doc comment where it is the name that the comment describes.
func (b *builder) subject(d *Decl, doc *ast.CommentGroup) {
	if doc == nil || d.Recv != "" {
		return
	}
	text := doc.List[0].Text
	at := len(text) - len(strings.TrimLeft(text, "/* \t"))
	word := text[at:]
	if i := strings.IndexFunc(word, func(r rune) bool { return strings.ContainsRune(" \t,:;.'’", r) }); i >= 0 {
		word = word[:i]
	}
	if slices.Contains(d.Names, word) {
		b.word(d, doc.List[0].Pos()+token.Pos(at), word)
	}
}

// word records a name in a comment. It does not keep the declaration it names.
func (b *builder) word(d *Decl, pos token.Pos, name string) {
	if b.pkg.Scope().Lookup(name) != nil {
		d.Words[b.offset(pos)-d.Start] = name
	}
}

func specDoc(spec ast.Spec) *ast.CommentGroup {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Doc
	case *ast.ValueSpec:
		return s.Doc
	}
	return nil
}

func declared(specs ...ast.Spec) []string {
	var names []string
	for _, spec := range specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			names = append(names, s.Name.Name)
		case *ast.ValueSpec:
			for _, id := range s.Names {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// receiver returns the name of f's receiver type, "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch e := t.(type) {
		case *ast.ParenExpr:
			t = e.X
		case *ast.StarExpr:
			t = e.X
		case *ast.IndexExpr:
			t = e.X
		case *ast.IndexListExpr:
			t = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}
