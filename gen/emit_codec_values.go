package gen

import (
	"go/types"

	"github.com/dave/jennifer/jen"
)

// encodeBody writes down how *v is encoded.
func (w *wiring) encodeBody(t types.Type) []jen.Code {
	v := w.id("v")
	whole := jen.Op("*").Add(v)
	switch mannerOf(t) {
	case asStruct:
		fields := crossingFields(t.Underlying().(*types.Struct))
		if len(fields) == 0 {
			return []jen.Code{w.id("e").Dot("bool").Call(jen.True()).Comment("values in memory stand for bytes here")}
		}
		var code []jen.Code
		for _, f := range fields {
			field := v.Clone().Dot(f.Name())
			code = append(code, w.encodeValue(f.Type(), field, jen.Op("&").Add(field)))
		}
		return code
	case asArray:
		return []jen.Code{jen.For(w.id("i").Op(":=").Range().Add(v)).Block(w.encodeElement(elemOf(t), v))}
	case asSlice:
		s, elem := w.id("s"), elemOf(t)
		begin := w.id("e").Dot("length").Call(jen.Len(s), s.Clone().Op("==").Nil(), jen.Lit(leastBytes(elem)))
		if mannerOf(elem) == asNothing {
			return []jen.Code{s.Clone().Op(":=").Add(whole), begin}
		}
		return []jen.Code{
			s.Clone().Op(":=").Add(whole),
			jen.If(begin).Block(jen.For(w.id("i").Op(":=").Range().Add(s)).Block(w.encodeElement(elem, s))),
		}
	case asMap:
		m, key, value := t.Underlying().(*types.Map), w.id("key"), w.id("value")
		names := []jen.Code{key}
		body := []jen.Code{w.encodeKey(m.Key(), key)}
		if mannerOf(m.Elem()) != asNothing {
			names = append(names, value)
			body = append(body, w.encodeValue(m.Elem(), value, jen.Op("&").Add(value)))
		}
		loop := jen.For(jen.List(names...).Op(":=").Range().Add(whole)).Block(body...)
		if mannerOf(m.Key()) == asNothing {
			loop = jen.For(jen.Range().Add(whole)).Block(body...)
			if len(names) > 1 {
				loop = jen.For(jen.List(jen.Id("_"), value).Op(":=").Range().Add(whole)).Block(body...)
			}
		}
		return []jen.Code{
			jen.If(w.id("e").Dot("length").Call(jen.Len(whole), whole.Clone().Op("==").Nil(), jen.Lit(entryBytes(m)))).Block(loop),
		}
	case asPointer:
		present := w.id("e").Dot("present").Call(whole.Clone().Op("!=").Nil())
		if mannerOf(elemOf(t)) == asNothing {
			return []jen.Code{present}
		}
		return []jen.Code{jen.If(present).Block(w.encodeValue(elemOf(t), w.pointedAt(elemOf(t)), whole))}
	case asNothing:
		return nil
	case asByteArray:
		whole = v
	}
	return []jen.Code{w.encodeValue(t, whole, v)}
}

// pointedAt is what the pointer *v points at; of an array that is to be sliced, the pointer does.
func (w *wiring) pointedAt(t types.Type) *jen.Statement {
	if mannerOf(t) == asByteArray {
		return jen.Parens(jen.Op("*").Add(w.id("v")))
	}
	return jen.Op("**").Add(w.id("v"))
}

// entryBytes is how many bytes an entry of a map takes at least: the only key of a type of one value takes one.
func entryBytes(m *types.Map) int { return max(1, leastBytes(m.Key())) + leastBytes(m.Elem()) }

func (w *wiring) encodeKey(t types.Type, key *jen.Statement) jen.Code {
	if mannerOf(t) == asNothing {
		return w.id("e").Dot("bool").Call(jen.True())
	}
	return w.encodeValue(t, key, jen.Op("&").Add(key))
}

func (w *wiring) encodeElement(elem types.Type, list *jen.Statement) jen.Code {
	x := list.Clone().Index(w.id("i"))
	return w.encodeValue(elem, x, jen.Op("&").Add(x))
}

// encodeValue encodes the value x, at the address ref.
func (w *wiring) encodeValue(t types.Type, x, ref *jen.Statement) jen.Code {
	e := w.id("e")
	switch mannerOf(t) {
	case asBasic:
		basic := types.Typ[t.Underlying().(*types.Basic).Kind()]
		if !types.Identical(t, basic) {
			x = w.Type(basic).Call(x)
		}
		return e.Dot(basic.Name()).Call(x)
	case asByteArray:
		return e.Dot("raw").Call(x.Clone().Index(jen.Empty(), jen.Empty()))
	case asMarshaled:
		return e.Dot("marshal").Call(ref)
	}
	if method := valueMethods[mannerOf(t)]; method != "" {
		return e.Dot(method).Call(x)
	}
	return jen.Id(w.codecOf(t, false).encode).Call(e, ref)
}

// valueMethods are the coder's methods for values whose type has the manner.
var valueMethods = map[manner]string{asBytes: "bytes", asError: "error", asTime: "time"}

// decodeBody writes down how *v is decoded.
func (w *wiring) decodeBody(t types.Type) []jen.Code {
	v := w.id("v")
	whole := jen.Op("*").Add(v)
	switch mannerOf(t) {
	case asStruct:
		fields := crossingFields(t.Underlying().(*types.Struct))
		if len(fields) == 0 {
			return []jen.Code{w.id("d").Dot("bool").Call()}
		}
		var code []jen.Code
		for _, f := range fields {
			field := v.Clone().Dot(f.Name())
			code = append(code, w.decodeValue(f.Type(), field, jen.Op("&").Add(field)))
		}
		return code
	case asArray:
		return []jen.Code{jen.For(w.id("i").Op(":=").Range().Add(v)).Block(w.decodeElement(elemOf(t), v))}
	case asSlice:
		s, elem := w.id("s"), elemOf(t)
		body := []jen.Code{s.Clone().Op(":=").Make(w.Type(t), w.id("n"))}
		if mannerOf(elem) == asNothing {
			body = []jen.Code{whole.Clone().Op("=").Make(w.Type(t), w.id("n"))}
		} else {
			body = append(body,
				jen.For(w.id("i").Op(":=").Range().Add(s)).Block(w.decodeElement(elem, s)),
				whole.Clone().Op("=").Add(s))
		}
		return w.unlessNil(leastBytes(elem), body)
	case asMap:
		m, entries := t.Underlying().(*types.Map), w.id("m")
		body := append(w.decodeKey(m.Key()), w.decodeLocal(m.Elem(), w.id("value"))...)
		return w.unlessNil(entryBytes(m), []jen.Code{
			entries.Clone().Op(":=").Make(w.Type(t), w.id("n")),
			jen.For(jen.Range().Add(w.id("n"))).Block(append(body, entries.Clone().Index(w.id("key")).Op("=").Add(w.id("value")))...),
			whole.Clone().Op("=").Add(entries),
		})
	case asPointer:
		elem := elemOf(t)
		body := []jen.Code{whole.Clone().Op("=").New(w.Type(elem))}
		if mannerOf(elem) != asNothing {
			body = append(body, w.decodeValue(elem, w.pointedAt(elem), whole))
		}
		return []jen.Code{
			whole.Clone().Op("=").Nil(),
			jen.If(w.id("d").Dot("present").Call(jen.Lit(leastBytes(elem)))).Block(body...),
		}
	case asNothing:
		return nil
	case asByteArray:
		whole = v
	}
	return []jen.Code{w.decodeValue(t, whole, v)}
}

// unlessNil decodes a length n, of elements that take at least size bytes, and what stands in body where that is
// not nil.
func (w *wiring) unlessNil(size int, body []jen.Code) []jen.Code {
	n := w.id("n")
	return []jen.Code{
		jen.Op("*").Add(w.id("v")).Op("=").Nil(),
		jen.If(n.Clone().Op(":=").Add(w.id("d")).Dot("length").Call(jen.Lit(size)), n.Clone().Op(">=").Lit(0)).Block(body...),
	}
}

func (w *wiring) decodeElement(elem types.Type, list *jen.Statement) jen.Code {
	x := list.Clone().Index(w.id("i"))
	return w.decodeValue(elem, x, jen.Op("&").Add(x))
}

func (w *wiring) decodeKey(t types.Type) []jen.Code {
	if mannerOf(t) == asNothing {
		return []jen.Code{w.id("d").Dot("bool").Call(), jen.Var().Add(w.id("key")).Add(w.Type(t))}
	}
	return w.decodeLocal(t, w.id("key"))
}

// decodeLocal declares a variable and decodes its value.
func (w *wiring) decodeLocal(t types.Type, name *jen.Statement) []jen.Code {
	if x := w.decoded(t); x != nil {
		return []jen.Code{name.Clone().Op(":=").Add(x)}
	}
	code := []jen.Code{jen.Var().Add(name).Add(w.Type(t))}
	if mannerOf(t) != asNothing {
		code = append(code, w.decodeValue(t, name, jen.Op("&").Add(name)))
	}
	return code
}

// decodeValue decodes into the variable x, at the address ref.
func (w *wiring) decodeValue(t types.Type, x, ref *jen.Statement) jen.Code {
	if value := w.decoded(t); value != nil {
		return x.Clone().Op("=").Add(value)
	}
	switch d := w.id("d"); mannerOf(t) {
	case asByteArray:
		return d.Dot("raw").Call(x.Clone().Index(jen.Empty(), jen.Empty()))
	case asMarshaled:
		return d.Dot("unmarshal").Call(ref)
	default:
		return jen.Id(w.codecOf(t, false).decode).Call(d, ref)
	}
}

// decoded is the expression of the next value, of a type that can be assigned to t; nil where there is none.
func (w *wiring) decoded(t types.Type) *jen.Statement {
	d := w.id("d")
	if mannerOf(t) != asBasic {
		if method := valueMethods[mannerOf(t)]; method != "" {
			return d.Dot(method).Call()
		}
		return nil
	}
	basic := types.Typ[t.Underlying().(*types.Basic).Kind()]
	value := d.Dot(basic.Name()).Call()
	if !types.Identical(t, basic) {
		return w.Type(t).Call(value)
	}
	return value
}
