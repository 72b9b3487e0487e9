package gen

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"
)

// names is the one table of names of one generated file. It knows the package-level names of the user's
// package, the imports, the predeclared identifiers and every local it has handed out, and keeps them
// apart: whatever it returns means what the caller asked for, wherever in the file it is written.
//
// A name that cannot be written in the user's package (an unexported type of another package, say) does
// not interrupt the caller: it is recorded, and Render returns it.
type names struct {
	pkg     *types.Package
	imports map[string]importName // by path
	aliases map[string]string     // import name → path
	locals  map[string]bool       // every local of every scope
	errs    []error
}

// importName is how one import appears in the file.
type importName struct {
	name     string
	explicit bool // the name is written in the import declaration
}

// newNames returns the name table of a file of pkg.
func newNames(pkg *types.Package) *names {
	return &names{
		pkg:     pkg,
		imports: make(map[string]importName),
		aliases: make(map[string]string),
		locals:  make(map[string]bool),
	}
}

// Reserve gives every package that the plan's functions, constants and types need its import name, so that
// locals keep clear of them. Calling it first is what makes net/url be "url" and a local "url2", not the
// local "url" and the package "neturl".
func (n *names) Reserve(p *Plan) {
	typ := func(t types.Type) {
		if t != nil {
			n.Type(t)
		}
	}
	value := func(v Value) {
		if v.Const != nil {
			n.Object(v.Const)
		}
	}
	call := func(c *Call) {
		if c == nil {
			return
		}
		if c.Recv != nil {
			typ(c.Recv)
		} else {
			n.Object(c.Object)
		}
		for _, t := range c.TypeArgs {
			typ(t)
		}
		for _, a := range c.Args {
			value(a.Value)
		}
	}
	for _, param := range p.Params {
		typ(param.Type)
	}
	for _, s := range p.Stages {
		typ(s.In)
		typ(s.Out)
		call(s.Call)
		call(s.Dead)
		if s.Retry != nil {
			call(s.Retry.When)
		}
		if s.Rate != nil {
			call(s.Rate.Key)
		}
		if s.State != nil {
			typ(s.State.Type)
			call(s.State.New)
		}
		if r := s.Reduce; r != nil {
			typ(r.Acc)
			typ(r.KeyType)
			for _, c := range []*Call{r.Add, r.Init, r.Merge, r.Key} {
				call(c)
			}
		}
	}
	for _, q := range p.Queues {
		typ(q.Type)
	}
	typ(p.Input)
	typ(p.Output)
	n.reserveCrossing(p)
}

// Std returns path.ident of the standard library: Std("context", "Context").
func (n *names) Std(path, ident string) *jen.Statement {
	return n.Qual(path, assumedName(path), ident)
}

// Qual returns ident of the package with the import path and the name that its package clause gives.
func (n *names) Qual(path, realName, ident string) *jen.Statement {
	if path == n.pkg.Path() {
		return jen.Id(ident)
	}
	if path == "C" || path == "main" || !importable(path, n.pkg.Path()) {
		n.fail("package %s cannot be imported here", path)
	}
	n.importName(path, realName)
	return jen.Qual(path, ident)
}

// Object returns a reference to a package-level or predeclared object.
func (n *names) Object(obj types.Object) *jen.Statement {
	pkg := obj.Pkg()
	switch {
	case pkg == nil:
		return jen.Id(obj.Name()) // Render looks for shadowed ones
	case !n.reaches(obj):
		n.fail("%s.%s cannot be named outside its package", pkg.Path(), obj.Name())
	case pkg.Path() != n.pkg.Path() && pkg.Name() == "main":
		n.fail("%s.%s is declared in a main package, which cannot be imported", pkg.Path(), obj.Name())
	}
	return n.Qual(pkg.Path(), pkg.Name(), obj.Name())
}

// reaches says whether the file can name obj: it stands at package level, and is exported or our own.
func (n *names) reaches(obj types.Object) bool {
	pkg := obj.Pkg()
	if pkg == nil {
		return true
	}
	if parent := obj.Parent(); parent != nil && parent != pkg.Scope() {
		return false // declared in a function
	}
	if !token.IsIdentifier(obj.Name()) {
		return false // the compiler's name of a type declared in a function
	}
	return pkg.Path() == n.pkg.Path() || obj.Exported() && importable(pkg.Path(), n.pkg.Path())
}

func (n *names) fail(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, e := range n.errs {
		if e.Error() == err.Error() {
			return
		}
	}
	n.errs = append(n.errs, err)
}

// importName returns the name by which the file refers to the package, choosing it at the first call:
// the package's own name where that is free, else a longer one made from the path.
func (n *names) importName(path, realName string) string {
	if im, ok := n.imports[path]; ok {
		return im.name
	}
	name := realName
	if !n.importFree(name) {
		name = fresh(pathPrefix(path)+strings.ToLower(realName), n.importFree)
	}
	n.imports[path] = importName{name: name, explicit: name != assumedName(path)}
	n.aliases[name] = path
	return name
}

// importFree says whether name may become an import name.
func (n *names) importFree(name string) bool {
	return n.free(name) && !n.locals[name] && !jen.IsReservedWord(name) // jennifer renames those by itself
}

// free says whether name has no meaning yet outside functions.
func (n *names) free(name string) bool {
	_, imported := n.aliases[name]
	return !imported &&
		token.IsIdentifier(name) && // no keyword
		name != "_" && name != "init" && name != "main" &&
		types.Universe.Lookup(name) == nil &&
		n.pkg.Scope().Lookup(name) == nil &&
		!isSupportName(name)
}

// isSupportName says whether name looks like a declaration of pipegen_support.go: pipegenRun.
func isSupportName(name string) bool {
	rest, ok := strings.CutPrefix(name, "pipegen")
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && unicode.IsUpper(r)
}

// Scope opens the scope of a function.
func (n *names) Scope() *scope {
	return &scope{names: n, own: make(map[string]bool), inner: make(map[string]bool)}
}

// scope hands out the locals of one function or function literal.
type scope struct {
	names  *names
	parent *scope
	own    map[string]bool
	inner  map[string]bool // locals of the literals inside
}

// Child opens the scope of a function literal inside s. Its locals shadow none of s's, before or after.
func (s *scope) Child() *scope {
	c := s.names.Scope()
	c.parent = s
	return c
}

// Local returns a fresh name made from hint, which may be any text: "HTTPClient" becomes httpClient,
// "read-words" readWords. A taken name gets a number.
func (s *scope) Local(hint string) string {
	name := fresh(localName(hint), s.free)
	s.own[name] = true
	s.names.locals[name] = true
	for p := s.parent; p != nil; p = p.parent {
		p.inner[name] = true
	}
	return name
}

func (s *scope) free(name string) bool {
	if s.inner[name] || !s.names.free(name) {
		return false
	}
	for p := s; p != nil; p = p.parent {
		if p.own[name] {
			return false
		}
	}
	return true
}

// ImportPaths returns the imports named so far, path → name, for the census.
func (n *names) ImportPaths() map[string]string {
	m := make(map[string]string, len(n.imports))
	for path, im := range n.imports {
		m[path] = im.name
	}
	return m
}

// fresh returns base, or base with the first number from 2 that ok accepts. A number always helps: what ok
// refuses is a finite set of names, and keywords and names of the support, which base is not.
func fresh(base string, ok func(string) bool) string {
	name := base
	for i := 2; !ok(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// localName turns any text into a lower camel case identifier. It may still be a keyword.
func localName(hint string) string {
	words := strings.FieldsFunc(hint, notIdentOrUnderscore)
	var b strings.Builder
	for i, word := range words {
		if i == 0 {
			b.WriteString(lowerFirst(word))
			continue
		}
		r := []rune(word)
		r[0] = unicode.ToUpper(r[0])
		b.WriteString(string(r))
	}
	name := strings.TrimLeftFunc(b.String(), unicode.IsDigit)
	if isSupportName(name) {
		name = strings.ToLower(name)
	}
	return cmp.Or(name, "item")
}

func notIdentOrUnderscore(r rune) bool { return r == '_' || notIdent(r) }

// lowerFirst lowers the first letter, or all of a leading initialism: URL → url, HTTPGet → httpGet.
func lowerFirst(word string) string {
	r := []rune(word)
	for i := range r {
		if !unicode.IsUpper(r[i]) || i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

// sortedKeys returns m's keys in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
