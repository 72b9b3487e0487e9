package spec

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
)

// maxGo is the longest Go expression that a spec may contain, in bytes. It keeps go/parser's stack small.
const maxGo = 500

// parseRef reads a reference to a function. The result's Span is the caller's to set.
func parseRef(text string) (Ref, *Diagnostic) {
	refuse := func(help string) (Ref, *Diagnostic) {
		return Ref{}, &Diagnostic{
			Code:    CodeReference,
			Message: fmt.Sprintf("%s does not name a function", quote(text)),
			Label:   "not a reference",
			Help:    help,
		}
	}
	const forms = "name a Go function: F, pkg.F, F[T], pkg.F[T], T.M, (*T).M or (*pkg.T).M"
	expr, ok := parseGo(text)
	if !ok {
		return refuse(forms)
	}
	ref := Ref{Text: text}
	switch x := expr.(type) {
	case *ast.IndexExpr:
		ref.TypeArgs, expr = []string{types.ExprString(x.Index)}, x.X
		if !isType(x.Index) {
			return refuse("the brackets hold type arguments: " + forms)
		}
	case *ast.IndexListExpr:
		for _, arg := range x.Indices {
			if !isType(arg) {
				return refuse("the brackets hold type arguments: " + forms)
			}
			ref.TypeArgs = append(ref.TypeArgs, types.ExprString(arg))
		}
		expr = x.X
	case *ast.CallExpr:
		return refuse("name the function without calling it; its arguments stand under args")
	case *ast.FuncLit:
		return refuse("a spec contains no code: declare the function in Go and name it here")
	case *ast.BinaryExpr:
		if strings.Contains(text, "/") {
			return refuse("list the package's path under imports and write its name here: pkg.F")
		}
	}
	switch x := expr.(type) {
	case *ast.Ident:
		ref.Name = x.Name
	case *ast.SelectorExpr:
		ref.Name = x.Sel.Name
		switch recv := x.X.(type) {
		case *ast.Ident:
			ref.Pkg = recv.Name
		case *ast.ParenExpr:
			star, ok := recv.X.(*ast.StarExpr)
			if !ok || ref.TypeArgs != nil {
				return refuse(forms)
			}
			ref.Ptr = true
			if ref.Pkg, ref.Recv, ok = typeName(star.X); !ok {
				return refuse(forms)
			}
		default:
			return refuse(forms)
		}
	default:
		return refuse(forms)
	}
	if ref.Name == "_" || ref.Pkg == "_" || ref.Recv == "_" {
		return refuse(forms)
	}
	return ref, nil
}

// typeName takes T and pkg.T apart.
func typeName(x ast.Expr) (pkg, name string, ok bool) {
	switch x := x.(type) {
	case *ast.Ident:
		return "", x.Name, true
	case *ast.SelectorExpr:
		if p, ok := x.X.(*ast.Ident); ok {
			return p.Name, x.Sel.Name, true
		}
	}
	return "", "", false
}

// basicTypes are the types of params whose values pipegen reads from text.
var basicTypes = []string{"string", "int", "int64", "float64", "bool", "duration", "size"}

// checkType checks the type of a param and returns it in the spelling of go/types.
func checkType(text string) (string, *Diagnostic) {
	expr, ok := parseGo(text)
	if !ok || !isType(expr) {
		d := &Diagnostic{
			Code:    CodeType,
			Message: fmt.Sprintf("%s is not a type", quote(text)),
			Label:   "not a type",
			Help:    `write ` + orList(basicTypes) + ` or a Go type in quotes, such as "*sql.DB"`,
		}
		if m := unnamedType.FindStringSubmatch(text); m != nil {
			d.Message = fmt.Sprintf("%s is a type without a name", quote(text))
			d.Label = "no name"
			d.Help = fmt.Sprintf("declare it in Go, `type Cell %s{…}`, and write its name", m[1])
		}
		return "", d
	}
	return types.ExprString(expr), nil
}

// unnamedType matches a struct type with fields and an interface type with methods.
var unnamedType = regexp.MustCompile(`\b(struct|interface)\s*\{\s*[^}\s]`)

// checkGoType checks the type of what a shared resource holds.
func checkGoType(text string) (string, *Diagnostic) {
	typ, bad := checkType(text)
	if bad != nil && !unnamedType.MatchString(text) {
		bad.Help = `write a Go type: int, Task, time.Time; in quotes where it begins with * or [: "[]byte"`
	}
	return typ, bad
}

// parseGo parses text as one Go expression on one line without comments.
func parseGo(text string) (ast.Expr, bool) {
	if len(text) > maxGo || strings.ContainsAny(text, "\n\r;\"'`") || strings.Contains(text, "//") || strings.Contains(text, "/*") {
		return nil, false
	}
	expr, err := parser.ParseExpr(text)
	return expr, err == nil
}

// isType says whether x is a type expression of the kinds a spec may use. Struct types with fields,
// interface types with methods and array lengths that are not plain numbers are not: declare a named type.
func isType(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name != "_"
	case *ast.SelectorExpr:
		_, _, ok := typeName(x)
		return ok
	case *ast.ParenExpr:
		return isType(x.X)
	case *ast.StarExpr:
		return isType(x.X)
	case *ast.ArrayType:
		if x.Len != nil {
			if n, ok := x.Len.(*ast.BasicLit); !ok || n.Kind != token.INT {
				return false
			}
		}
		return isType(x.Elt)
	case *ast.MapType:
		return isType(x.Key) && isType(x.Value)
	case *ast.ChanType:
		return isType(x.Value)
	case *ast.FuncType:
		return x.TypeParams == nil && areTypes(x.Params) && areTypes(x.Results)
	case *ast.InterfaceType:
		return x.Methods.NumFields() == 0
	case *ast.StructType:
		return x.Fields.NumFields() == 0
	case *ast.IndexExpr:
		_, _, ok := typeName(x.X)
		return ok && isType(x.Index)
	case *ast.IndexListExpr:
		for _, arg := range x.Indices {
			if !isType(arg) {
				return false
			}
		}
		_, _, ok := typeName(x.X)
		return ok
	}
	return false
}

// areTypes says whether the parameters or results of a func type are types, the last perhaps variadic.
func areTypes(fields *ast.FieldList) bool {
	if fields == nil {
		return true
	}
	for _, f := range fields.List {
		t := f.Type
		if e, ok := t.(*ast.Ellipsis); ok {
			t = e.Elt
		}
		if t == nil || !isType(t) {
			return false
		}
	}
	return true
}
