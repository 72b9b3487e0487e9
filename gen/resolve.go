package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// function is a Go function that a spec refers to, before anything is known of its use.
type function struct {
	ref   spec.Ref
	obj   types.Object
	recv  types.Type       // of a method expression
	sig   *types.Signature // as declared: generic where the function is; with the receiver first
	expr  ast.Expr         // the function without type arguments, for the goScope
	ident *ast.Ident       // its name in expr
	pos   token.Position

	contract bool // it is a func type, which says what a program takes and gives
	generic  bool // and has type parameters
}

// resolve finds the function that ref names. Where there is none it says so and returns nil.
func (p *planner) resolve(ref spec.Ref) *function {
	var f *function
	switch {
	case ref.Recv != "" || p.scope.isType(ref.Pkg):
		f = p.resolveMethod(ref)
	case ref.Pkg != "":
		f = p.resolveImported(ref)
	default:
		f = p.resolveLocal(ref)
	}
	if f == nil {
		return nil
	}
	f.pos = p.prog.position(p.unit.pkg, f.obj)
	syntax := p.unit.pkg.signatureError(p.prog.fset, f.obj.Pos())
	if !isBroken(f.sig) && syntax == "" {
		return f
	}
	d := spec.Diagnostic{
		Code:    codeBadSignature,
		Span:    ref.Span,
		Message: fmt.Sprintf("the signature of %s has a type that does not exist", ref.Text),
		Label:   "declared",
		Where:   where(f.pos),
		Help:    "mend the Go code",
	}
	if syntax != "" {
		d.Message = fmt.Sprintf("the signature of %s does not parse", ref.Text)
		d.Notes = []string{syntax}
	} else if goErr := p.unit.pkg.errorAt(f.obj.Pos()); goErr != "" {
		d.Notes = append(d.Notes, goErr)
		for _, name := range p.ownNames {
			if strings.HasSuffix(goErr, "undefined: "+name) {
				d.Message = fmt.Sprintf("the signature of %s names %s, which is generated from this package's specs", ref.Text, name)
				d.Help = "functions of a pipeline cannot mention what is generated from their signatures"
			}
		}
	}
	p.report(d)
	return nil
}

// resolveLocal resolves F.
func (p *planner) resolveLocal(ref spec.Ref) *function {
	obj := p.scope.object("", ref.Name)
	if obj == nil {
		obj = types.Universe.Lookup(ref.Name)
	}
	if ref.Name == "init" { // never in scope
		obj = types.NewFunc(token.NoPos, p.unit.pkg.types, ref.Name, types.NewSignatureType(nil, nil, nil, nil, nil, false))
	}
	if obj == nil {
		p.report(p.noFunction(ref))
		return nil
	}
	ident := ast.NewIdent(ref.Name)
	return p.asFunction(&function{ref: ref, obj: obj, expr: ident, ident: ident})
}

// noFunction says that the package lacks ref.
func (p *planner) noFunction(ref spec.Ref) spec.Diagnostic {
	own := p.unit.pkg
	d := spec.Diagnostic{
		Code:    codeNoFunction,
		Span:    ref.Span,
		Message: fmt.Sprintf("package %s has no function %s", own.types.Name(), ref.Name),
		Label:   "not found",
	}
	switch method := p.methodNamed(ref.Name); {
	case own.hidden[ref.Name] != "":
		d.Notes = []string{own.hidden[ref.Name]}
		d.Help = "move it to a file that is built, or build with -tags"
	case method != "":
		d.Help = fmt.Sprintf("it is a method: write %s", method)
	default:
		d.Help = suggestion(ref.Name, functionsOf(own.types, true))
		if d.Help == "" {
			d.Help = fmt.Sprintf("declare it in this package: func %s(…)", ref.Name)
		}
	}
	if goErr := own.syntaxError(); goErr != "" {
		d.Notes = append(d.Notes, "a file of the package does not parse: "+goErr)
	}
	return d
}

// methodNamed returns a method expression for the first type of the package with such a method, or "".
func (p *planner) methodNamed(name string) string {
	scope := p.unit.pkg.types.Scope()
	for _, typeName := range scope.Names() {
		t, ok := scope.Lookup(typeName).(*types.TypeName)
		if !ok || t.IsAlias() || types.IsInterface(t.Type()) {
			continue
		}
		if types.NewMethodSet(t.Type()).Lookup(t.Pkg(), name) != nil {
			return typeName + "." + name
		}
		if types.NewMethodSet(types.NewPointer(t.Type())).Lookup(t.Pkg(), name) != nil {
			return "(*" + typeName + ")." + name
		}
	}
	return ""
}

// resolveImported resolves pkg.F.
func (p *planner) resolveImported(ref spec.Ref) *function {
	imp := p.unit.imports[ref.Pkg]
	if imp == nil {
		p.report(p.noPackage(ref.Pkg, ref.Span))
		return nil
	}
	if imp.types == nil {
		return nil // reported at the import
	}
	obj := imp.types.Scope().Lookup(ref.Name)
	if exported := token.IsExported(ref.Name); obj == nil || !exported {
		var names []string
		for _, name := range functionsOf(imp.types, false) {
			names = append(names, ref.Pkg+"."+name)
		}
		d := spec.Diagnostic{
			Code:    codeNoFunction,
			Span:    ref.Span,
			Message: fmt.Sprintf("package %s has no function %s", imp.path, ref.Name),
			Label:   "not found",
			Help:    suggestion(ref.Pkg+"."+ref.Name, names),
		}
		switch {
		case !exported:
			d.Code = codeUnexported
			d.Message = fmt.Sprintf("package %s does not export %s: names that other packages can use begin with a capital", imp.path, ref.Name)
			d.Label = "not exported"
		case d.Help == "" && 0 < len(names) && len(names) <= 8:
			d.Help = "it has " + andList(names)
		}
		p.report(d)
		return nil
	}
	ident := ast.NewIdent(ref.Name)
	return p.asFunction(&function{
		ref: ref, obj: obj, ident: ident,
		expr: &ast.SelectorExpr{X: ast.NewIdent(ref.Pkg), Sel: ident},
	})
}

// noPackage says that the word before a dot is neither an import nor a type.
func (p *planner) noPackage(word string, span spec.Span) spec.Diagnostic {
	d := spec.Diagnostic{
		Code:    codeNoPackage,
		Span:    span,
		Message: fmt.Sprintf("%s is neither a package that the spec imports nor a type of package %s", word, p.unit.pkg.types.Name()),
		Label:   "not found",
	}
	for _, path := range wellKnown {
		if assumedName(path) == word {
			d.Help = fmt.Sprintf("add imports: [%s]", path)
			return d
		}
	}
	d.Help = suggestion(word, append(slices.Sorted(maps.Keys(p.unit.imports)), p.typeNames()...))
	if d.Help == "" {
		d.Help = "list its path under imports; only standard packages with a one-word path need no entry"
	}
	return d
}

// typeNames returns the types of the spec's package.
func (p *planner) typeNames() []string {
	scope := p.unit.pkg.types.Scope()
	return slices.DeleteFunc(scope.Names(), func(name string) bool {
		_, ok := scope.Lookup(name).(*types.TypeName)
		return !ok
	})
}

// wellKnown are packages of the standard library that specs name and that need an import.
var wellKnown = []string{
	"compress/gzip", "crypto/sha256", "database/sql", "encoding/base64", "encoding/csv", "encoding/hex",
	"encoding/json", "encoding/xml", "html/template", "io/fs", "log/slog", "math/rand/v2", "net/http", "net/netip",
	"net/url", "os/exec", "path/filepath", "unicode/utf8",
}

// resolveMethod resolves T.M, (*T).M and (*pkg.T).M.
func (p *planner) resolveMethod(ref spec.Ref) *function {
	recv := ref.Recv
	switch {
	case recv == "":
		recv = ref.Pkg
	case ref.Pkg != "":
		if imp := p.unit.imports[ref.Pkg]; imp == nil {
			p.report(p.noPackage(ref.Pkg, ref.Span))
			return nil
		} else if imp.types == nil {
			return nil
		}
		recv = ref.Pkg + "." + recv
	}
	t, err := p.scope.typ(recv)
	if err != nil {
		d := spec.Diagnostic{
			Code:    codeNoFunction,
			Span:    ref.Span,
			Message: fmt.Sprintf("%s: %s is no type", ref.Text, recv),
			Notes:   []string{err.Error()},
			Help:    suggestion(recv, p.typeNames()),
		}
		if strings.Contains(err.Error(), "without instantiation") {
			d.Code, d.Message = codeInfer, fmt.Sprintf("%s: %s is a generic type", ref.Text, recv)
			d.Help = "declare a function that calls the method"
		}
		p.report(d)
		return nil
	}
	x, _ := parser.ParseExpr(recv) // typ has parsed it
	clearPos(x)
	if ref.Ptr {
		t = types.NewPointer(t)
		x = &ast.ParenExpr{X: &ast.StarExpr{X: x}}
	}
	sel := &ast.SelectorExpr{X: x, Sel: ast.NewIdent(ref.Name)}
	tv, info, err := p.scope.eval(sel)
	method, _ := info.Selections[sel]
	if err != nil || method == nil || method.Kind() != types.MethodExpr {
		p.report(p.noMethod(ref, t))
		return nil
	}
	return &function{
		ref:   ref,
		obj:   method.Obj(),
		recv:  t,
		sig:   tv.Type.(*types.Signature),
		expr:  sel,
		ident: sel.Sel,
	}
}

// noMethod says that t has no method of the name, or has it on the pointer only.
func (p *planner) noMethod(ref spec.Ref, t types.Type) spec.Diagnostic {
	d := spec.Diagnostic{
		Code:    codeNoFunction,
		Span:    ref.Span,
		Message: fmt.Sprintf("%s has no method %s", p.typ(t), ref.Name),
		Label:   "not found",
	}
	own := p.unit.pkg.types
	if !ref.Ptr && types.NewMethodSet(types.NewPointer(t)).Lookup(own, ref.Name) != nil {
		d.Help = fmt.Sprintf("it has a pointer receiver: write (*%s).%s", ref.Pkg, ref.Name)
		return d
	}
	if ptr, ok := t.(*types.Pointer); ok && types.IsInterface(ptr.Elem()) && ref.Pkg == "" {
		d.Help = fmt.Sprintf("it points to an interface: write %s.%s", ref.Recv, ref.Name)
		return d
	}
	var names []string
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		names = append(names, set.At(i).Obj().Name())
	}
	d.Help = suggestion(ref.Name, names)
	return d
}

// asFunction fills f.sig, or says why f.obj cannot be called.
func (p *planner) asFunction(f *function) *function {
	d := spec.Diagnostic{
		Code:  codeNotFunction,
		Span:  f.ref.Span,
		Label: "not a function",
		Where: where(p.prog.position(p.unit.pkg, f.obj)),
	}
	switch obj := f.obj.(type) {
	case *types.Func:
		f.sig = obj.Signature()
		if f.ref.Pkg == "" && (f.ref.Name == "init" || f.ref.Name == "main" && obj.Pkg().Name() == "main") {
			d.Message = fmt.Sprintf("%s is called by Go, not by a pipeline", f.ref.Name)
			break
		}
		return f
	case *types.Var:
		if sig, ok := obj.Type().Underlying().(*types.Signature); ok {
			f.sig = sig
			return f
		}
		if isBroken(obj.Type()) {
			f.sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewParam(token.NoPos, nil, "", obj.Type())), nil, false)
			return f // resolve says what is wrong with it
		}
		d.Message = fmt.Sprintf("%s is a variable of type %s, not a function", f.ref.Text, p.typ(obj.Type()))
		d.Help = "a stage takes a function or a variable of a func type"
	case *types.TypeName:
		if sig, ok := obj.Type().Underlying().(*types.Signature); ok {
			f.sig, f.contract = sig, true
			if named, ok := types.Unalias(obj.Type()).(*types.Named); ok {
				f.generic = named.TypeParams().Len() > 0
			}
			return f
		}
		d.Message = fmt.Sprintf("%s is a type, not a function", f.ref.Text)
		d.Help = "name one of its methods, (*T).M or T.M, or declare a function"
	case *types.Const:
		d.Message = fmt.Sprintf("%s is a constant, not a function", f.ref.Text)
		d.Help = "constants can be args"
	case *types.Builtin:
		d.Message = fmt.Sprintf("%s is built into the language and has no signature", f.ref.Text)
		d.Help = fmt.Sprintf("declare a function that calls %s", f.ref.Text)
	case *types.PkgName:
		d.Message = fmt.Sprintf("%s is a package", f.ref.Text)
		d.Help = fmt.Sprintf("name a function of it: %s.F", f.ref.Text)
	default:
		d.Message = fmt.Sprintf("%s is not a function", f.ref.Text)
	}
	p.report(d)
	return nil
}

// functionsOf returns the names of what a stage could call: functions and variables of func types.
func functionsOf(pkg *types.Package, unexported bool) []string {
	var names []string
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() && !unexported {
			continue
		}
		switch obj := obj.(type) {
		case *types.Func:
			names = append(names, name)
		case *types.Var:
			if _, ok := obj.Type().Underlying().(*types.Signature); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// suggestion returns "did you mean x?" for the candidate nearest to word, or the first that ends with it as
// ToUpper does with Upper; or "". Of pkg.F and its candidates, which have the same pkg, only F counts.
func suggestion(word string, candidates []string) string {
	pkg := word[:strings.LastIndexByte(word, '.')+1]
	word = word[len(pkg):]
	var names []string
	for _, c := range candidates {
		if name, ok := strings.CutPrefix(c, pkg); ok {
			names = append(names, name)
		}
	}
	name, ok := spec.Suggest(word, names)
	if !ok {
		i := slices.IndexFunc(names, func(c string) bool { return len(word) > 3 && strings.HasSuffix(c, word) })
		if i < 0 {
			return ""
		}
		name = names[i]
	}
	return fmt.Sprintf("did you mean %s%s?", pkg, name)
}

// where writes a position of Go code, "" for an unknown one.
func where(pos token.Position) string {
	if !pos.IsValid() {
		return ""
	}
	return pos.String()
}
