package gen

import (
	"fmt"
	"go/types"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"
	"golang.org/x/tools/go/types/typeutil"
)

// codecs are the functions with which values cross between the processes of a plan.
type codecs struct {
	byType [2]typeutil.Map // binary, JSON: type → *codec
	order  []*codec        // as they were asked for
	known  string          // the function that lists the known errors; "" where it is not used
}

// codec is the pair of functions for one type.
type codec struct {
	typ            types.Type
	json           bool
	encode, decode string
}

// reserveCrossing is Reserve for what is named where values cross between processes.
func (n *names) reserveCrossing(p *Plan) {
	var seen typeutil.Map
	var reserve func(list []types.Type)
	reserve = func(list []types.Type) {
		for _, t := range list {
			if seen.Set(t, true) == nil {
				n.Type(t)
				reserve(parts(t))
			}
		}
	}
	for _, s := range p.Stages {
		if s.Process != nil && !s.Process.JSON {
			reserve(s.crossing())
		}
	}
	for _, v := range p.Known {
		n.Object(v)
	}
}

// codec returns the functions for values of t, func(*pipegenEncoder, *T) and func(*pipegenDecoder, *T), which
// emitCodecs will write. t crosses, as the planner has seen.
func (w *wiring) codec(t types.Type, p *Process) (encode, decode *jen.Statement) {
	c := w.codecOf(t, p != nil && p.JSON)
	return jen.Id(c.encode), jen.Id(c.decode)
}

func (w *wiring) codecOf(t types.Type, json bool) *codec {
	table, hint := &w.codecs.byType[0], codecHint(t)
	if json {
		table, hint = &w.codecs.byType[1], hint+"JSON"
	}
	if c, ok := table.At(t).(*codec); ok {
		return c
	}
	hint = w.plan.Name + hint
	name := fresh(hint, func(name string) bool {
		return w.declarable("encode"+name) && w.declarable("decode"+name)
	})
	c := &codec{typ: t, json: json, encode: "encode" + name, decode: "decode" + name}
	w.declare(c.encode)
	w.declare(c.decode)
	table.Set(t, c)
	w.codecs.order = append(w.codecs.order, c)
	return c
}

// declarable says whether the file can declare name, as far as all specs of the package are concerned.
func (w *wiring) declarable(name string) bool {
	return w.free(name) && !w.locals[name] && !w.taken[name]
}

// own is a name that the file alone uses: hint, unless that is taken. It is declared once.
func (w *wiring) own(hint string) string {
	name, ok := w.owned[hint]
	if !ok {
		name = fresh(hint, w.declarable)
		w.owned[hint] = name
		w.declare(name)
	}
	return name
}

func (w *wiring) declare(name string) {
	w.taken[name] = true
	w.decls = append(w.decls, name)
}

// codecHint names a type by its words: map[string][]url.URL is StringURLSliceMap.
func codecHint(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return upperFirst(t.Name())
	case *types.Named:
		name := upperFirst(t.Obj().Name())
		for arg := range t.TypeArgs().Types() {
			name += codecHint(arg)
		}
		return name
	case *types.Pointer:
		return codecHint(t.Elem()) + "Pointer"
	case *types.Slice:
		return codecHint(t.Elem()) + "Slice"
	case *types.Array:
		return codecHint(t.Elem()) + "Array" + strconv.FormatInt(t.Len(), 10)
	case *types.Map:
		return codecHint(t.Key()) + codecHint(t.Elem()) + "Map"
	}
	return "Struct"
}

func upperFirst(word string) string {
	r, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[size:]
}

// knownErrors is a call of the function that lists the errors that both ends know.
func (w *wiring) knownErrors() *jen.Statement {
	w.codecs.known = w.own(lowerFirst(w.plan.Name) + "Errors")
	return jen.Id(w.codecs.known).Call()
}

// emitCodecs writes what codec and knownErrors have promised.
func (w *wiring) emitCodecs() {
	if name := w.codecs.known; name != "" {
		w.comment(name + " are the errors that errors.Is knows again when they come from another process.")
		w.file.Func().Id(name).Params().Index().Error().Block(jen.Return(
			support("KnownErrors").CallFunc(func(g *jen.Group) {
				for _, v := range w.plan.Known {
					g.Line().Add(w.Object(v))
				}
				if len(w.plan.Known) > 0 {
					g.Line()
				}
			})))
	}
	for i := 0; i < len(w.codecs.order); i++ { // it grows
		w.emitCodec(w.codecs.order[i])
	}
}

func (w *wiring) emitCodec(c *codec) {
	var encode, decode []jen.Code
	switch {
	case c.json:
		encode = []jen.Code{w.id("e").Dot("json").Call(w.id("v"))}
		// JSON goes into what is there: the item before, whose pointers and maps somebody else may have by now.
		decode = []jen.Code{
			jen.Op("*").Add(w.id("v")).Op("=").Op("*").New(w.Type(c.typ)),
			w.id("d").Dot("json").Call(w.id("v")),
		}
	case isRecursive(c.typ):
		encode = nested(w.id("e"), w.encodeBody(c.typ))
		decode = nested(w.id("d"), w.decodeBody(c.typ))
	default:
		encode, decode = w.encodeBody(c.typ), w.decodeBody(c.typ)
	}
	pointer := jen.Op("*").Add(w.Type(c.typ))
	w.comment(fmt.Sprintf("%s appends *v.", c.encode))
	w.file.Func().Id(c.encode).Params(w.id("e").Op("*").Add(support("Encoder")), w.id("v").Add(pointer)).Block(encode...)
	w.comment(fmt.Sprintf("%s reads *v.", c.decode))
	w.file.Func().Id(c.decode).Params(w.id("d").Op("*").Add(support("Decoder")), w.id("v").Add(pointer.Clone())).Block(decode...)
}

// nested bounds how deep values of a recursive type stand in each other.
func nested(coder *jen.Statement, body []jen.Code) []jen.Code {
	return []jen.Code{jen.If(coder.Clone().Dot("enter").Call()).Block(append(body, coder.Clone().Dot("leave").Call())...)}
}
