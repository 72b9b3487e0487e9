package gen

import (
	"github.com/dave/jennifer/jen"
)

// poolType is the pool of the support with the pipeline's types.
func (w *wiring) poolType() *jen.Statement { return support("Pool").Types(w.poolTypes()...) }

// poolTypes are the types of a pool's items and results.
func (w *wiring) poolTypes() []jen.Code {
	if w.plan.Output == nil {
		return []jen.Code{w.Type(w.plan.Input), jen.Struct()}
	}
	return []jen.Code{w.Type(w.plan.Input), w.Type(w.plan.Output)}
}

// poolError is one of the errors that a pipeline's pool declares.
type poolError struct{ name, text string }

func poolErrors(name string) []poolError {
	return []poolError{
		{"Err" + name + "Closed", "the pool is closed"},
		{"Err" + name + "QueueFull", "the pool's queue is full"},
		{"Err" + name + "Terminated", "the pool was terminated"},
		{"Err" + name + "Filtered", "the item was filtered out"},
	}
}

// emitPool writes what runs single items: Start, the pool and its futures.
func (w *wiring) emitPool() {
	name := w.plan.Name
	var inits []jen.Code
	for _, e := range poolErrors(name) {
		inits = append(inits, jen.Id(e.name))
	}
	w.emitPoolErrors()
	w.method("p", name, "Start", "Start starts a pool, which runs single items through the pipeline until Close, Shutdown or Terminate. "+
		"Cancelling ctx is Terminate, closing Drain is Close; what the items of the pool meet never stops it, whatever on_error says.").
		Params(w.ctxParam()).Params(jen.Op("*").Id(name+"Pool"), jen.Error()).Block(
		w.id("pool").Op(":=").Op("&").Add(w.poolType()).Values(key("errs", support("PoolErrors").Values(inits...))),
		jen.If(jen.List(jen.Id("_"), w.id("err")).Op(":=").Add(w.id("p")).Dot("begin").Call(w.id("ctx"), jen.Nil(), jen.Nil(), w.id("pool")), w.id("err").Op("!=").Nil()).Block(
			jen.Return(jen.Nil(), w.id("err"))),
		w.id("pool").Dot("serve").Call(),
		jen.Return(jen.Op("&").Id(name+"Pool").Values(w.id("pool")), jen.Nil()),
	)
	w.decls = append(w.decls, name+"Pool")
	w.comment(name + "Pool runs single items through the pipeline. Its methods may be called by any number of goroutines at once, but not from inside the pipeline's own functions: where the ctx given to a method comes from such a call, that is an error, and else it may wait for itself.")
	w.file.Type().Id(name + "Pool").Struct(jen.Id("pool").Op("*").Add(w.poolType()))
	w.emitPoolCalls()
	w.emitPoolEnds()
	w.emitFuture()
}

func (w *wiring) ctxParam() *jen.Statement { return w.id("ctx").Add(w.Std("context", "Context")) }

func (w *wiring) emitPoolErrors() {
	var defs []jen.Code
	for _, e := range poolErrors(w.plan.Name) {
		w.decls = append(w.decls, e.name)
		defs = append(defs, jen.Id(e.name).Op("=").Add(w.Std("errors", "New")).Call(jen.Lit(w.plan.File.Pipeline.Value+": "+e.text)))
	}
	w.comment("Errors of pools and their futures.")
	w.file.Var().Defs(defs...)
}

// poolMethod begins a method of the pool.
func (w *wiring) poolMethod(name, comment string) *jen.Statement {
	return w.method("p", "*"+w.plan.Name+"Pool", name, comment)
}

// emitPoolCalls writes the methods that put items in.
func (w *wiring) emitPoolCalls() {
	name := w.plan.Name
	pool := w.id("p").Dot("pool")
	item := jen.Id(w.fixed.Child().Local("item"))
	itemParam := item.Clone().Add(w.Type(w.plan.Input))
	items := w.id("in").Index().Add(w.Type(w.plan.Input))
	future := []jen.Code{jen.Op("*").Id(name + "Future"), jen.Error()}
	f := w.futureName()
	asFuture := func(call *jen.Statement) []jen.Code {
		return []jen.Code{
			jen.List(f.Clone(), w.id("err")).Op(":=").Add(call),
			jen.Return(jen.Parens(jen.Op("*").Id(name+"Future")).Call(f.Clone()), w.id("err")),
		}
	}

	do := pool.Clone().Dot("do").Call(w.id("ctx"), item)
	all := pool.Clone().Dot("all").Call(w.id("ctx"), w.id("in"))
	w.poolMethod("Do", "Do is Submit and Get in one. Where ctx ends before the item has begun, it never begins.").
		Params(w.ctxParam(), itemParam).Add(w.poolResult()).Block(w.poolReturn(do)...)
	w.poolMethod("Submit", "Submit hands item to the pool. It blocks while the queue is full, until ctx ends at most. What ctx carries goes with the item: its values and its deadline, but not its cancellation.").
		Params(w.ctxParam(), itemParam).Params(future...).Block(asFuture(pool.Clone().Dot("submit").Call(w.id("ctx"), item))...)
	w.poolMethod("TrySubmit", "TrySubmit is Submit that returns Err"+name+"QueueFull instead of blocking.").
		Params(itemParam).Params(future...).Block(asFuture(pool.Clone().Dot("trySubmit").Call(item))...)
	mapText := "Map runs the items of in and waits for all of them. The results stand in the order of in, those of failed items are zero; the error joins all failures, each with its index. Where ctx ends, items that have not begun fail with its cause, and the context of the others is cancelled."
	if w.plan.Output == nil {
		mapText = "Map runs the items of in and waits for all of them. The error joins all failures, each with its index. Where ctx ends, items that have not begun fail with its cause, and the context of the others is cancelled."
	}
	result := w.poolResult()
	if w.plan.Output != nil {
		result = jen.Params(jen.Index().Add(w.Type(w.plan.Output)), jen.Error())
	}
	w.poolMethod("Map", mapText).Params(w.ctxParam(), items).Add(result).Block(w.poolReturn(all)...)

	fields := []jen.Code{f.Clone().Dot("index"), f.Clone().Dot("item")}
	if w.plan.Output != nil {
		fields = append(fields, f.Clone().Dot("value"))
	}
	fields = append(fields, f.Clone().Dot("err"))
	yielded := jen.Id(name + "Result")
	w.poolMethod("Each", "Each runs the items of in and yields their results as they come. After an item that the pool refuses, no more are taken. Where ctx ends, or the loop is left, items that have not begun never begin, and the context of the others is cancelled; when the loop is over, all of them are, in included.").
		Params(w.ctxParam(), w.id("in").Add(w.seq("Seq"))).Add(w.Std("iter", "Seq")).Types(yielded).Block(
		jen.Return(jen.Func().Params(w.id("yield").Func().Params(yielded).Bool()).Block(
			pool.Clone().Dot("each").Call(w.id("ctx"), w.id("in"), jen.Func().Params(f.Clone().Op("*").Add(w.futureType())).Bool().Block(
				jen.Return(w.id("yield").Call(yielded.Clone().Values(fields...))))))))
}

// futureName is what a future is called in the functions of pools.
func (w *wiring) futureName() *jen.Statement { return jen.Id(w.fixed.Child().Local("f")) }

// futureType is the future of the support with the pipeline's types.
func (w *wiring) futureType() *jen.Statement { return support("Future").Types(w.poolTypes()...) }

// poolResult is what comes of one item: its result, if there is any, and its error.
func (w *wiring) poolResult() *jen.Statement {
	if w.plan.Output == nil {
		return jen.Error()
	}
	return jen.Params(w.Type(w.plan.Output), jen.Error())
}

// poolReturn returns what call returns: the error alone where the items of the pipeline end in a sink.
func (w *wiring) poolReturn(call *jen.Statement) []jen.Code {
	if w.plan.Output == nil {
		return []jen.Code{
			jen.List(jen.Id("_"), w.id("err")).Op(":=").Add(call),
			jen.Return(w.id("err")),
		}
	}
	return []jen.Code{jen.Return(call)}
}

// emitPoolEnds writes the methods that end a pool.
func (w *wiring) emitPoolEnds() {
	name := w.plan.Name
	pool := w.id("p").Dot("pool")
	w.poolMethod("Close", "Close lets no more items in, waits until all of them have ended, and then until nothing that the pool started is alive. It returns Err"+name+"Terminated where the pool was terminated before that.").
		Params().Error().Block(jen.Return(pool.Clone().Dot("shutdown").Call(w.Std("context", "Background").Call())))
	w.poolMethod("Shutdown", "Shutdown is Close; where ctx ends first it is Terminate, and returns context.Cause(ctx).").
		Params(w.ctxParam()).Error().Block(jen.Return(pool.Clone().Dot("shutdown").Call(w.id("ctx"))))
	w.poolMethod("Terminate", "Terminate cancels the items that wait and the context of those that have begun, and returns nil when nothing that the pool started is alive. Their futures return Err"+name+"Terminated, joined with the error of the call that was under way.").
		Params().Error().Block(pool.Clone().Dot("terminate").Call(), jen.Return(jen.Nil()))
}

// emitFuture writes the future and the result of an item.
func (w *wiring) emitFuture() {
	name, f := w.plan.Name, w.futureName()
	future := func(method, comment string) *jen.Statement {
		return w.methodOf(f, "*"+name+"Future", method, comment)
	}
	of := jen.Parens(jen.Op("*").Add(w.futureType())).Call(f.Clone())
	w.decls = append(w.decls, name+"Future", name+"Result")
	w.comment(name + "Future is what an item of a pool comes to.")
	w.file.Type().Id(name + "Future").Add(w.futureType())
	w.emitGet(future, of)
	future("Done", "Done returns a channel that is closed when the item has ended.").
		Params().Op("<-").Chan().Struct().Block(jen.Return(f.Clone().Dot("done")))
	future("Cancel", "Cancel makes the item never begin, and its error context.Canceled. It returns false where the item has begun.").
		Params().Bool().Block(jen.Return(of.Clone().Dot("withdraw").Call()))

	w.file.Line()
	w.comment(name + "Result is what one item of Each has come to: Index is its position in the input.")
	w.file.Type().Id(name + "Result").StructFunc(func(g *jen.Group) {
		g.Id("Index").Int()
		g.Id("In").Add(w.Type(w.plan.Input))
		if w.plan.Output != nil {
			g.Id("Out").Add(w.Type(w.plan.Output))
		}
		g.Id("Err").Error()
	})
}

func (w *wiring) emitGet(future func(string, string) *jen.Statement, of *jen.Statement) {
	comment := "Get waits until the item has ended, or ctx has, and returns its result."
	if w.plan.Output == nil {
		comment = "Get waits until the item has ended, or ctx has, and returns its error."
	}
	future("Get", comment).Params(w.ctxParam()).Add(w.poolResult()).Block(w.poolReturn(of.Clone().Dot("get").Call(w.id("ctx")))...)
}

// attachPool makes the caller's pool the source of the run; otherwise is what is done without one.
func (w *wiring) attachPool(locals map[*Queue]string, otherwise []jen.Code) *jen.Statement {
	first := w.plan.Sources[0].Out
	attach := []jen.Code{w.id("pool").Dot("attach").Call(w.id("run"), jen.Id(locals[first]), w.capacity(first))}
	if q := w.outQueue(); q != nil {
		e := w.id("e")
		attach = append(attach, jen.Id(locals[q]).Dot("deliver").Call(jen.Func().Params(e.Clone().Add(w.elementType(q))).Bool().Block(
			jen.Return(w.id("pool").Dot("finishTask").Call(e.Clone().Dot("index"), e.Clone().Dot("value"), jen.Nil())))))
	}
	return jen.If(w.id("pool").Op("!=").Nil()).Block(attach...).Else().Block(otherwise...)
}

// beginTask passes over items of a pool that have ended before their turn.
func (l *loop) beginTask() []jen.Code {
	if !l.plan.HasPool {
		return nil
	}
	return []jen.Code{jen.If(jen.Op("!").Add(l.id("w")).Dot("begin").Call(l.number())).Block(jen.Continue())}
}

// number is the number of the item in hand: of its task in the run of a pool, else its position in the input.
func (l *loop) number() *jen.Statement {
	return l.id("in").Dot("items").Index(l.id("in").Dot("pos")).Dot("index")
}
