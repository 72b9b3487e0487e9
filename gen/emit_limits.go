package gen

import "github.com/dave/jennifer/jen"

// retryPolicy makes a policy of the support.
func (w *wiring) retryPolicy(r *Retry) *jen.Statement {
	p := w.id("p")
	fields := []jen.Code{
		key("attempts", w.value(r.MaxAttempts, p)),
		key("initial", w.value(r.Initial, p)),
		key("most", w.value(r.Max, p)),
		key("multiplier", w.value(r.Multiplier, p)),
		key("jitter", w.value(r.Jitter, p)),
	}
	if r.When != nil {
		fields = append(fields, key("when", w.callee(r.When)))
	}
	return jen.Op("&").Add(support("Retry")).Values(fields...)
}

// newLimit makes a limit of the support.
func (w *wiring) newLimit(r *RateLimit) *jen.Statement {
	p := w.id("p")
	return w.limitType(r, "NewLimit", "NewKeyedLimit").Call(
		w.value(r.Count, p), w.value(Value{Lit: r.Per}, p), w.value(r.Burst, p))
}

// limitType is the support's name for a limit, or for limits by key.
func (w *wiring) limitType(r *RateLimit, plain, keyed string) *jen.Statement {
	if r.Key == nil {
		return support(plain)
	}
	return support(keyed).Types(w.Type(r.Key.Sig.Results().At(0).Type()))
}

// limitWait waits until the stage's limit lets a call on item begin; code comes once before. It is nil where
// there is no limit.
func (w *wiring) limitWait(s *Stage, item *jen.Statement, scope *scope) (code []jen.Code, wait *jen.Statement) {
	if s.Rate == nil {
		return nil, nil
	}
	args := []jen.Code{w.id("w").Dot("ctx")}
	if s.Rate.Key != nil {
		name := jen.Id(scope.Local("key"))
		code = []jen.Code{name.Clone().Op(":=").Add(w.callFunc(s.Rate.Key, w.id("w").Dot("ctx"), item, nil))}
		args = append(args, name)
	}
	return code, w.id("r").Dot(w.calls[s].limit).Dot("wait").Call(args...)
}

// limitStream waits before stage k's function begins to hand out results.
func (l *loop) limitStream(k int, s *Stage, ex exits) []jen.Code {
	if s.attempted() {
		return nil // its method does
	}
	code, wait := l.limitWait(s, l.items[k], l.scope)
	if wait == nil {
		return nil
	}
	return append(code, jen.If(l.id("err").Op(":=").Add(wait), l.id("err").Op("!=").Nil()).Block(l.failure(k, l.id("err"), ex)...))
}

// limitSource waits before an item of a source is put: a source is called once, its limit counts items.
func (w *wiring) limitSource(s *Stage, item *jen.Statement, scope *scope) []jen.Code {
	code, wait := w.limitWait(s, item, scope)
	if wait == nil {
		return nil
	}
	return append(code, jen.Id("_").Op("=").Add(wait).Comment("an end of the wait shows below"))
}

// callee is the function of a call as a value.
func (w *wiring) callee(c *Call) *jen.Statement {
	fn := w.Object(c.Object)
	if c.Recv != nil {
		fn = jen.Parens(w.Type(c.Recv)).Dot(c.Object.Name())
	}
	if len(c.TypeArgs) > 0 {
		var list []jen.Code
		for _, t := range c.TypeArgs {
			list = append(list, w.Type(t))
		}
		fn.Types(list...)
	}
	return fn
}
