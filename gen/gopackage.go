package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// goPackage is the package of a spec: the hand-written files of one directory.
type goPackage struct {
	dir    string // absolute
	module string // absolute directory of its module
	path   string // import path

	files    []*ast.File
	imports  []string // paths that its declarations need, sorted
	excluded []exclusion
	problem  *spec.Diagnostic // why specs of the directory cannot be planned

	types    *types.Package
	importer importerFunc // of what its declarations need
	env      *goEnv
	errs     []error           // of go/parser and go/types, in the order found
	hidden   map[string]string // functions in excluded files that specs name → why they are out of reach
	scanned  bool              // hidden is complete
}

// exclusion is a Go file that does not belong to the package as it is built.
type exclusion struct {
	name string // base name
	test bool
}

// read parses the directory's files. Pipegen's own output is left out, by name: the declarations in it are
// the ones about to be generated.
func (p *goPackage) read(fset *token.FileSet, env *goEnv) (*spec.Diagnostic, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return nil, err
	}
	clause := "" // the first file with a package clause
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || name[0] == '_' || name[0] == '.' || IsOutputName(name) {
			continue
		}
		test := strings.HasSuffix(name, "_test.go")
		if match, err := env.MatchFile(p.dir, name); test || !match && err == nil {
			p.excluded = append(p.excluded, exclusion{name, test})
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(p.dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			p.errs = append(p.errs, err)
		}
		if f == nil || f.Name == nil || f.Name.Name == "" || f.Name.Name == "_" || f.Name.Name == "documentation" {
			continue
		}
		if usesCgo(f) && !env.CgoEnabled {
			p.excluded = append(p.excluded, exclusion{name, false})
			continue
		}
		if len(p.files) > 0 && f.Name.Name != p.files[0].Name.Name {
			return &spec.Diagnostic{
				Code: codeDirectory,
				Message: fmt.Sprintf("the spec's directory has two packages: %s in %s, %s in %s",
					p.files[0].Name.Name, clause, f.Name.Name, name),
				Help: "a spec's directory is one Go package",
			}, nil
		}
		if len(p.files) == 0 {
			clause = name
		}
		p.files = append(p.files, f)
	}
	if len(p.files) == 0 {
		d := &spec.Diagnostic{
			Code:    codeDirectory,
			Message: "the spec's directory has no Go files that are built",
			Help:    "the generated file joins the package of its directory: add a file with a package clause",
		}
		if len(p.excluded) > 0 {
			d.Notes = []string{p.excluded[0].name + " is " + p.excluded[0].why()}
		}
		if len(p.errs) > 0 {
			d.Notes = append(d.Notes, p.relative(p.errs[0].Error()))
		}
		return d, nil
	}
	for _, f := range p.files {
		p.imports = append(p.imports, neededImports(f)...)
	}
	slices.Sort(p.imports)
	p.imports = slices.Compact(p.imports)
	return nil, nil
}

func (e exclusion) why() string {
	if e.test {
		return "a test file"
	}
	return "excluded by its build constraint or name"
}

func usesCgo(f *ast.File) bool {
	return slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"C"` })
}

// neededImports returns the imports that f's declarations may refer to, function bodies left aside. An
// import whose package name only the package itself can tell is kept unless every name is accounted for.
func neededImports(f *ast.File) []string {
	names := make(map[string]bool)
	for _, decl := range f.Decls {
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BlockStmt: // blocks stand in bodies alone
				return false
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					names[x.Name] = true
				}
			}
			return true
		})
	}
	var needed, unsure []string
	known := make(map[string]bool) // names that an import accounts for
	for _, imp := range f.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		if err != nil || path == "C" || path == "unsafe" {
			continue
		}
		std := !strings.Contains(strings.Split(path, "/")[0], ".")
		switch {
		case imp.Name != nil && imp.Name.Name == ".":
			needed = append(needed, path)
		case imp.Name != nil && names[imp.Name.Name]:
			needed = append(needed, path)
			known[imp.Name.Name] = true
		case imp.Name != nil:
		case std && names[assumedName(path)]:
			needed = append(needed, path)
			known[assumedName(path)] = true
		default: // in a module without a dot in its path a name may differ, too
			unsure = append(unsure, path)
		}
	}
	if len(known) < len(names) {
		needed = append(needed, unsure...)
	}
	return needed
}

// check type-checks the package's declarations.
func (p *goPackage) check(fset *token.FileSet, env *goEnv, imp func(string) (*types.Package, error)) {
	p.importer, p.env = imp, env
	conf := types.Config{
		Importer:                 p.importer,
		Sizes:                    env.sizes,
		IgnoreFuncBodies:         true,
		FakeImportC:              true,
		DisableUnusedImportCheck: true,
		Error:                    func(err error) { p.errs = append(p.errs, err) },
	}
	p.types, _ = conf.Check(p.path, fset, p.files, nil) // errors are in p.errs
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// findHidden looks in the files that are not built for functions which the spec names and the package lacks.
func (p *goPackage) findHidden(f *spec.File) {
	missing := false
	for _, ref := range refs(f) {
		missing = missing || ref.Pkg == "" && ref.Recv == "" && p.types.Scope().Lookup(ref.Name) == nil
	}
	if !missing || p.scanned {
		return
	}
	p.scanned = true
	p.hidden = make(map[string]string)
	for _, e := range p.excluded {
		file, _ := parser.ParseFile(token.NewFileSet(), filepath.Join(p.dir, e.name), nil, parser.SkipObjectResolution)
		if file == nil {
			continue
		}
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && p.hidden[fn.Name.Name] == "" {
				p.hidden[fn.Name.Name] = fmt.Sprintf("%s is declared in %s, which is %s", fn.Name.Name, e.name, e.why())
			}
		}
	}
}

// relative shortens file names inside the package directory.
func (p *goPackage) relative(text string) string {
	return strings.ReplaceAll(text, p.dir+string(filepath.Separator), "")
}

// errorAt returns the Go error inside the declaration at pos, "work.go:5:12: undefined: LinkCheck"; where
// there is none, the package's first; or "".
func (p *goPackage) errorAt(pos token.Pos) string {
	for _, f := range p.files {
		for _, decl := range f.Decls {
			if pos < decl.Pos() || decl.End() <= pos {
				continue
			}
			for _, err := range p.errs {
				if e, ok := err.(types.Error); ok && decl.Pos() <= e.Pos && e.Pos < decl.End() {
					return p.relative(e.Error())
				}
			}
		}
	}
	if len(p.errs) == 0 {
		return ""
	}
	text, _, _ := strings.Cut(p.relative(p.errs[0].Error()), "\n")
	return "the package's first error: " + text
}

// signatureError returns the error of syntax in the signature of the function whose name is declared at pos, or "". Of
// such a signature the parser keeps a part; errors in bodies do no harm.
func (p *goPackage) signatureError(fset *token.FileSet, pos token.Pos) string {
	for _, f := range p.files {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Pos() != pos {
				continue
			}
			begin, end := fset.Position(fn.Pos()), fset.Position(fn.Type.End())
			within := func(at token.Position) bool {
				switch {
				case at.Filename != begin.Filename || at.Offset < begin.Offset:
					return false
				case fn.Body != nil:
					return at.Offset <= fset.Position(fn.Body.Lbrace).Offset
				case end.Filename == begin.Filename:
					return at.Line <= end.Line
				}
				return true // nothing in the file closes it
			}
			for _, err := range p.errs {
				list, _ := err.(scanner.ErrorList)
				for _, e := range list {
					if within(e.Pos) {
						return p.relative(e.Error())
					}
				}
			}
		}
	}
	return ""
}

// syntaxError returns the package's first error of syntax, or "".
func (p *goPackage) syntaxError() string {
	for _, err := range p.errs {
		if _, ok := err.(types.Error); !ok {
			text, _, _ := strings.Cut(p.relative(err.Error()), "\n")
			return text
		}
	}
	return ""
}
