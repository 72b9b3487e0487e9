package gen

import (
	"go/types"
	"strconv"

	"github.com/dave/jennifer/jen"
)

// Type returns t as the file writes it. The result is new at each call, and the caller's to extend.
//
// Aliases keep their name where the file can write it. A type that has none here (unexported in another
// package, declared in a function, internal) is recorded as an error of the table.
func (n *names) Type(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		return n.basic(t)
	case *types.Alias:
		if !n.reaches(t.Obj()) {
			return n.Type(t.Rhs())
		}
		return n.instance(t.Obj(), t.TypeArgs())
	case *types.Named:
		return n.instance(t.Obj(), t.TypeArgs())
	case *types.TypeParam:
		return jen.Id(t.Obj().Name())
	case *types.Pointer:
		return jen.Op("*").Add(n.Type(t.Elem()))
	case *types.Slice:
		return jen.Index().Add(n.Type(t.Elem()))
	case *types.Array:
		return jen.Index(jen.Lit(int(t.Len()))).Add(n.Type(t.Elem()))
	case *types.Map:
		return jen.Map(n.Type(t.Key())).Add(n.Type(t.Elem()))
	case *types.Chan:
		return n.channel(t)
	case *types.Signature:
		return jen.Func().Add(n.signature(t))
	case *types.Struct:
		return n.structure(t)
	case *types.Interface:
		return n.iface(t)
	case *types.Union:
		return n.union(t)
	}
	n.fail("type %v cannot be written", t)
	return jen.Id("any")
}

func (n *names) basic(t *types.Basic) *jen.Statement {
	if t.Kind() == types.UnsafePointer {
		return n.Std("unsafe", "Pointer")
	}
	if t.Kind() == types.Invalid || t.Info()&types.IsUntyped != 0 {
		n.fail("%s is no type that can be written", t.Name())
	}
	return jen.Id(t.Name())
}

func (n *names) instance(obj *types.TypeName, args *types.TypeList) *jen.Statement {
	s := n.Object(obj)
	if args.Len() == 0 {
		return s
	}
	list := make([]jen.Code, args.Len())
	for i := range list {
		list[i] = n.Type(args.At(i))
	}
	return s.Types(list...)
}

func (n *names) channel(t *types.Chan) *jen.Statement {
	elem := n.Type(t.Elem())
	switch t.Dir() {
	case types.SendOnly:
		return jen.Chan().Op("<-").Add(elem)
	case types.RecvOnly:
		return jen.Op("<-").Chan().Add(elem)
	}
	if c, ok := types.Unalias(t.Elem()).(*types.Chan); ok && c.Dir() == types.RecvOnly {
		elem = jen.Parens(elem) // chan <-chan T would be chan<- chan T
	}
	return jen.Chan().Add(elem)
}

// signature returns parameters and results, without the word func.
func (n *names) signature(sig *types.Signature) *jen.Statement {
	params := make([]jen.Code, sig.Params().Len())
	for i := range params {
		t := sig.Params().At(i).Type()
		if sig.Variadic() && i == len(params)-1 {
			if s, ok := t.(*types.Slice); ok {
				params[i] = jen.Op("...").Add(n.Type(s.Elem()))
				continue
			}
		}
		params[i] = n.Type(t)
	}
	s := jen.Params(params...)
	switch results := sig.Results(); results.Len() {
	case 0:
	case 1:
		s.Add(n.Type(results.At(0).Type()))
	default:
		list := make([]jen.Code, results.Len())
		for i := range list {
			list[i] = n.Type(results.At(i).Type())
		}
		s.Params(list...)
	}
	return s
}

func (n *names) structure(t *types.Struct) *jen.Statement {
	fields := make([]jen.Code, t.NumFields())
	for i := range fields {
		f := t.Field(i)
		n.checkMember(f)
		var s *jen.Statement
		if f.Embedded() {
			n.checkEmbedded(f)
			s = n.Type(f.Type())
		} else {
			s = jen.Id(f.Name()).Add(n.Type(f.Type()))
		}
		if tag := t.Tag(i); tag != "" {
			s.Op(quoteTag(tag))
		}
		fields[i] = s
	}
	return jen.Struct(fields...)
}

func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

// checkMember refuses a field or method that would be another one if this package declared it.
func (n *names) checkMember(obj types.Object) {
	if !obj.Exported() && obj.Pkg() != nil && obj.Pkg().Path() != n.pkg.Path() {
		n.fail("a type literal with the unexported member %s of %s cannot be written outside its package", obj.Name(), obj.Pkg().Path())
	}
}

// checkEmbedded refuses an embedded alias that would be written as the type it stands for: the field would
// have another name.
func (n *names) checkEmbedded(f *types.Var) {
	t := f.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if a, ok := t.(*types.Alias); ok && !n.reaches(a.Obj()) {
		n.fail("the embedded field %s of a type literal cannot be written outside its package", f.Name())
	}
}

func (n *names) iface(t *types.Interface) *jen.Statement {
	if t.NumEmbeddeds() == 0 && t.NumExplicitMethods() == 0 {
		if n.pkg.Scope().Lookup("any") != nil {
			return jen.Interface()
		}
		return jen.Id("any")
	}
	var members []jen.Code
	for e := range t.EmbeddedTypes() {
		members = append(members, n.Type(e))
	}
	for m := range t.ExplicitMethods() {
		n.checkMember(m)
		members = append(members, jen.Id(m.Name()).Add(n.signature(m.Signature())))
	}
	return jen.Interface(members...)
}

func (n *names) union(t *types.Union) *jen.Statement {
	s := jen.Null()
	for i := range t.Len() {
		if i > 0 {
			s.Op("|")
		}
		if t.Term(i).Tilde() {
			s.Op("~")
		}
		s.Add(n.Type(t.Term(i).Type()))
	}
	return s
}
