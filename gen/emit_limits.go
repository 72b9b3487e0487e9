package gen

import (
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// retryPolicy makes the policy of a stage.
func (w *wiring) retryPolicy(s *Stage) *jen.Statement {
	r, p := s.Retry, w.id("p")
	fields := []jen.Code{
		key("attempts", w.value(r.MaxAttempts, p)),
		key("initial", w.value(r.Initial, p)),
		key("most", w.value(r.Max, p)),
		key("multiplier", w.value(r.Multiplier, p)),
		key("jitter", w.value(r.Jitter, p)),
	}
	when := jen.Nil()
	if r.When != nil {
		when = w.when(r.When)
	}
	switch {
	case s.commanded():
		fields = append(fields, key("when", support("UnlessCrashed").Call(when)))
	case r.When != nil:
		fields = append(fields, key("when", when))
	}
	return jen.Op("&").Add(support("Retry")).Values(fields...)
}

// when is c as a func(error) bool.
func (w *wiring) when(c *Call) *jen.Statement {
	sig := c.Sig
	if isError(sig.Params().At(0).Type()) && types.Identical(sig.Results().At(0).Type(), types.Typ[types.Bool]) && !sig.Variadic() {
		return w.callee(c)
	}
	err := jen.Id(w.fixed.Child().Local("err"))
	return jen.Func().Params(err.Clone().Error()).Bool().Block(jen.Return(jen.Bool().Call(w.callFunc(c, nil, err, nil))))
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

// limitKey is the key of item's limit; nil where there is one limit for all.
func (w *wiring) limitKey(s *Stage, item *jen.Statement) *jen.Statement {
	if s.Rate == nil || s.Rate.Key == nil {
		return nil
	}
	return w.callFunc(s.Rate.Key, w.id("w").Dot("ctx"), item, nil)
}

// limitWait waits until the stage's limit lets a call begin; nil where there is no limit.
func (w *wiring) limitWait(s *Stage, key *jen.Statement) *jen.Statement {
	switch {
	case s.Rate == nil:
		return nil
	case s.inWorker() && s.Verb != spec.Source: // one of several, for which the parent keeps the limit
		return w.id("w").Dot("turn").Call()
	}
	return w.ownLimitWait(s, key)
}

// ownLimitWait is limitWait where the limit is kept.
func (w *wiring) ownLimitWait(s *Stage, key *jen.Statement) *jen.Statement {
	args := []jen.Code{w.id("w").Dot("ctx")}
	if key != nil {
		args = append(args, key)
	}
	return w.id("r").Dot(w.calls[s].limit).Dot("wait").Call(args...)
}

// limitStream waits before stage k's function begins to hand out results.
func (l *loop) limitStream(k int, s *Stage, ex exits) []jen.Code {
	if s.attempted() {
		return nil // its method does
	}
	wait := l.limitWait(s, l.limitKey(s, l.items[k]))
	if wait == nil {
		return nil
	}
	return []jen.Code{jen.If(l.id("err").Op(":=").Add(wait), l.id("err").Op("!=").Nil()).Block(l.failure(k, l.id("err"), ex)...)}
}

// limitSource waits before an item of a source is put: a source is called once, its limit counts items.
func (w *wiring) limitSource(s *Stage, item *jen.Statement) []jen.Code {
	wait := w.limitWait(s, w.limitKey(s, item))
	if wait == nil {
		return nil
	}
	return []jen.Code{jen.Id("_").Op("=").Add(wait).Comment("what ends the wait ends the source below")}
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
