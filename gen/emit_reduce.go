package gen

import "github.com/dave/jennifer/jen"

// foldState declares what one worker of a reduce stage folds.
func (l *loop) foldState(s *Stage) []jen.Code {
	acc := l.id("acc")
	var code []jen.Code
	if s.Reduce.KeyType != nil {
		code = append(code, acc.Clone().Op(":=").Make(l.foldType(s)))
	} else {
		code = append(code, jen.Var().Add(acc).Add(l.foldType(s)))
		if s.Reduce.Init != nil || !l.group.isSingle() {
			code = append(code, l.id("filled").Op(":=").False())
		}
	}
	if !l.group.isSingle() {
		code = append(code, l.id("joined").Op(":=").False())
	}
	return code
}

// fold is the code of a reduce stage on its item.
func (l *loop) fold(k int, s *Stage, ex exits) []jen.Code {
	r, acc, ctx := s.Reduce, l.id("acc"), l.id("w").Dot("ctx")
	item := l.items[k]
	var code []jen.Code
	into := acc
	if r.KeyType != nil {
		key, ok := jen.Id(l.scope.Local("key")), l.id("ok")
		into = jen.Id(l.scope.Local("sum"))
		code = append(code, l.assignNew(l.callFunc(r.Key, ctx, item, nil), r.Key.Err, key))
		if r.Key.Err {
			code = append(code, l.fail(k, l.id("err"), ex))
		}
		if r.Init == nil {
			code = append(code, into.Clone().Op(":=").Add(acc.Clone()).Index(key.Clone()))
		} else {
			code = append(code,
				jen.List(into.Clone(), ok.Clone()).Op(":=").Add(acc.Clone()).Index(key.Clone()),
				jen.If(jen.Op("!").Add(ok)).Block(l.initial(k, s, into, ex)...))
		}
		code = append(code, l.add(k, s, into, ex)...)
		code = append(code, acc.Clone().Index(key.Clone()).Op("=").Add(into.Clone()))
		return code
	}
	if r.Init != nil {
		block := append(l.initial(k, s, acc, ex), l.id("filled").Op("=").True())
		code = append(code, jen.If(jen.Op("!").Add(l.id("filled"))).Block(block...))
	}
	code = append(code, l.add(k, s, acc, ex)...)
	if r.Init == nil && !l.group.isSingle() {
		code = append(code, l.id("filled").Op("=").True())
	}
	return code
}

// add folds the item into into. An error leaves into as it was.
func (l *loop) add(k int, s *Stage, into *jen.Statement, ex exits) []jen.Code {
	call := l.callFunc(s.Reduce.Add, l.id("w").Dot("ctx"), into, nil, l.items[k])
	if !s.Reduce.Add.Err {
		return []jen.Code{into.Clone().Op("=").Add(call)}
	}
	next := jen.Id(l.scope.Local("next"))
	return []jen.Code{
		jen.List(next.Clone(), l.id("err")).Op(":=").Add(call),
		l.fail(k, l.id("err"), ex),
		into.Clone().Op("=").Add(next),
	}
}

// initial sets into to the value that init gives.
func (l *loop) initial(k int, s *Stage, into *jen.Statement, ex exits) []jen.Code {
	call := l.callFunc(s.Reduce.Init, l.id("w").Dot("ctx"), nil, nil)
	if !s.Reduce.Init.Err {
		return []jen.Code{into.Clone().Op("=").Add(call)}
	}
	first := jen.Id(l.scope.Local("first"))
	return []jen.Code{
		jen.List(first.Clone(), l.id("err")).Op(":=").Add(call),
		l.fail(k, l.id("err"), ex),
		into.Clone().Op("=").Add(first),
	}
}

func (l *loop) assignNew(call *jen.Statement, hasErr bool, name *jen.Statement) *jen.Statement {
	if hasErr {
		return jen.List(name.Clone(), l.id("err")).Op(":=").Add(call)
	}
	return name.Clone().Op(":=").Add(call)
}

// finishFold emits the result after the last item: the worker's own, or that of all workers together.
func (l *loop) finishFold(s *Stage) []jen.Code {
	k := len(l.group.Stages) - 1
	r, acc, done := s.Reduce, l.id("acc"), jen.Return(jen.True())
	over, ending := l.id("w").Dot("stopped").Call(), l.id("w").Dot("ending").Op("=").True()
	if !l.group.isSingle() {
		over.Op("||").Add(l.id("joined"))
		ending = jen.List(l.id("w").Dot("ending"), l.id("joined")).Op("=").List(jen.True(), jen.True())
	}
	code := []jen.Code{jen.If(over).Block(done.Clone()), ending}
	if k > 0 {
		code = append(code, l.id("at").Op("=").Lit(k))
	}
	needsInit := r.KeyType == nil && r.Init != nil
	filled := l.id("filled")
	if !l.group.isSingle() {
		has := filled.Clone()
		if r.KeyType != nil {
			has = jen.Len(acc.Clone()).Op(">").Lit(0)
		}
		some := jen.Id("_")
		if needsInit {
			some = l.id("some")
		}
		result, last := l.id("result"), l.id("last")
		code = append(code,
			jen.List(result.Clone(), some, last.Clone(), l.id("err")).Op(":=").Add(l.id("whole")).Dot("join").Call(acc.Clone(), has, l.merger(s)),
			jen.If(l.id("err").Op("!=").Nil()).Block(
				l.id("w").Dot("failed").Call(jen.Lit(k), jen.Lit(-1), jen.Nil(), l.id("err")), done.Clone()),
			jen.If(jen.Op("!").Add(last)).Block(done.Clone().Comment("another worker has the rest")),
		)
		acc, filled = result, some
	}
	if needsInit {
		code = append(code, jen.If(jen.Op("!").Add(filled.Clone())).Block(l.lastInit(k, s, acc)...))
	}
	return append(code,
		jen.If(l.id("out").Dot("put").Call(l.element(l.group.main(), acc.Clone(), jen.Lit(-1)))).Block(l.count(k, "out")))
}

// lastInit gives an empty input its result.
func (l *loop) lastInit(k int, s *Stage, into *jen.Statement) []jen.Code {
	call := l.callFunc(s.Reduce.Init, l.id("w").Dot("ctx"), nil, nil)
	if !s.Reduce.Init.Err {
		return []jen.Code{into.Clone().Op("=").Add(call)}
	}
	first := jen.Id(l.scope.Local("first"))
	return []jen.Code{
		jen.List(first.Clone(), l.id("err")).Op(":=").Add(call),
		jen.If(l.id("err").Op("!=").Nil()).Block(
			l.id("w").Dot("failed").Call(jen.Lit(k), jen.Lit(-1), jen.Nil(), l.id("err")),
			jen.Return(jen.True())),
		into.Clone().Op("=").Add(first),
	}
}

// merger is the user's merge as the fold calls it.
func (l *loop) merger(s *Stage) *jen.Statement {
	m := s.Reduce.Merge
	a, b := jen.Id(l.scope.Local("a")), jen.Id(l.scope.Local("b"))
	call := l.callFunc(m, l.id("w").Dot("ctx"), a, nil, b)
	body := jen.Return(call, jen.Nil())
	if m.Err {
		body = jen.Return(call)
	}
	f := jen.Func().Params(jen.List(a.Clone(), b.Clone()).Add(l.Type(s.Reduce.Acc))).Params(l.Type(s.Reduce.Acc), jen.Error()).Block(body)
	if s.Reduce.KeyType != nil {
		return support("MergeMaps").Types(l.Type(s.Reduce.KeyType)).Call(f)
	}
	return f
}
