package gen

import (
	"go/types"

	"github.com/dave/jennifer/jen"
)

// lead puts stage k's item into the output that its key asks for.
func (l *loop) lead(k int, s *Stage, key *jen.Statement, ex exits) []jen.Code {
	ok := jen.Id(l.scope.Local("ok"))
	to := func(o *Output) *jen.Statement {
		return ok.Clone().Op("=").Add(l.hands[o].Clone()).Dot("put").Call(l.element(o, l.items[k].Clone(), l.index(k)))
	}
	var ports []*Output // in the order of the cases
	values := make(map[*Output][]jen.Code)
	for _, c := range s.Switch.Cases {
		if values[c.Output] == nil {
			ports = append(ports, c.Output)
		}
		values[c.Output] = append(values[c.Output], l.value(c.Value, l.params()))
	}
	rest := s.Switch.Default
	if basic, ok := s.Switch.Key.Underlying().(*types.Basic); ok && basic.Kind() == types.Bool && rest == nil {
		rest = ports[len(ports)-1] // true and false are all there is
	}
	var otherwise []jen.Code
	if rest != nil {
		otherwise = []jen.Code{to(rest)}
	} else {
		otherwise = l.failure(k, support("ErrNoCase").Call(key.Clone()), ex)
	}
	return []jen.Code{
		jen.Var().Add(ok.Clone()).Bool(),
		jen.Switch(key.Clone()).BlockFunc(func(g *jen.Group) {
			for _, o := range ports {
				if o != rest {
					g.Case(values[o]...).Block(to(o))
				}
			}
			g.Default().Block(otherwise...)
		}),
		jen.If(jen.Op("!").Add(ok)).Block(append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(k))}, ex.halt...)...),
	}
}
