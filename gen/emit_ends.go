package gen

import "github.com/dave/jennifer/jen"

// emitEnds writes the methods that run the pipeline: which there are depends on its open ends.
func (w *wiring) emitEnds() {
	p := w.plan
	switch {
	case p.Input == nil && p.Output == nil:
		w.emitRun("Run", "Run runs the pipeline until its sources end. It returns the first error, or context.Cause(ctx) when ctx ended first, after everything that it started has ended.", nil)
	case p.Output == nil:
		w.emitRun("Run", "Run runs the items of in through the pipeline. It returns the first error, or context.Cause(ctx) when ctx ended first, after everything that it started has ended, in included.", w.seq("Seq"))
		w.emitRun("RunSeq2", "RunSeq2 is Run for a sequence that can fail: its first error ends the run.", w.seq("Seq2"))
	case p.Input == nil:
		w.emitStream("Stream", "Stream runs the pipeline as its results are read. An error that on_error: yield lets through comes in the place of an item; after the final error nothing follows. Leaving the loop early stops the pipeline; when the loop is over, everything that it started has ended.", nil)
	default:
		w.emitStream("Stream", "Stream runs the items of in through the pipeline as the results are read. An error that on_error: yield lets through comes in the place of an item; after the final error nothing follows. Leaving the loop early stops the pipeline; when the loop is over, everything that it started has ended, in included.", w.seq("Seq"))
		w.emitStream("StreamSeq2", "StreamSeq2 is Stream for a sequence that can fail, such as another pipeline's Stream: its first error ends the run.", w.seq("Seq2"))
	}
	if p.HasMap {
		w.emitMap()
	}
	if p.HasPool {
		w.emitPool()
	}
}

// seq is the type of the caller's input.
func (w *wiring) seq(name string) *jen.Statement {
	if name == "Seq" {
		return w.Std("iter", "Seq").Types(w.Type(w.plan.Input))
	}
	return w.Std("iter", "Seq2").Types(w.Type(w.plan.Input), jen.Error())
}

// beginCall begins the run, with the caller's input if there is one.
func (w *wiring) beginCall(in *jen.Statement, name string) *jen.Statement {
	args := []jen.Code{w.id("ctx")}
	switch {
	case in == nil:
	case name == "Seq2":
		args = append(args, jen.Nil(), in)
	default:
		args = append(args, in, jen.Nil())
	}
	if w.plan.HasPool {
		args = append(args, jen.Nil())
	}
	return jen.List(w.id("r"), w.id("err")).Op(":=").Add(w.id("p")).Dot("begin").Call(args...)
}

func seqOf(method string) string {
	if len(method) > 4 && method[len(method)-4:] == "Seq2" {
		return "Seq2"
	}
	return "Seq"
}

func (w *wiring) inputParams(in *jen.Statement) ([]jen.Code, *jen.Statement) {
	params := []jen.Code{w.id("ctx").Add(w.Std("context", "Context"))}
	if in == nil {
		return params, nil
	}
	return append(params, w.id("in").Add(in)), w.id("in")
}

func (w *wiring) emitRun(name, comment string, in *jen.Statement) {
	params, arg := w.inputParams(in)
	w.method("p", w.plan.Name, name, comment).Params(params...).Error().Block(
		w.beginCall(arg, seqOf(name)),
		jen.If(w.id("err").Op("!=").Nil()).Block(jen.Return(w.id("err"))),
		jen.Return(w.id("r").Dot("run").Dot("wait").Call()),
	)
}

func (w *wiring) emitStream(name, comment string, in *jen.Statement) {
	params, arg := w.inputParams(in)
	out := w.Type(w.plan.Output)
	q := w.outQueue()
	item := jen.Op("*").Add(w.id("r")).Dot("out").Dot("item").Call()
	yielded := []jen.Code{jen.If(jen.Op("!").Add(w.id("yield")).Call(item, jen.Nil())).Block(jen.Return())}
	if q.Elem.Err {
		yielded = []jen.Code{
			w.id("e").Op(":=").Add(w.id("r")).Dot("out").Dot("item").Call(),
			jen.If(jen.Op("!").Add(w.id("yield")).Call(w.id("e").Dot("value"), w.id("e").Dot("err"))).Block(jen.Return()),
		}
	} else if wraps(q) {
		yielded = []jen.Code{jen.If(jen.Op("!").Add(w.id("yield")).Call(w.id("r").Dot("out").Dot("item").Call().Dot("value"), jen.Nil())).Block(jen.Return())}
	}
	fail := func(err *jen.Statement) []jen.Code {
		return []jen.Code{w.id("yield").Call(jen.Op("*").New(w.Type(w.plan.Output)), err)}
	}
	w.method("p", w.plan.Name, name, comment).Params(params...).Add(w.Std("iter", "Seq2").Types(out, jen.Error())).Block(
		jen.Return(jen.Func().Params(w.id("yield").Func().Params(w.Type(w.plan.Output), jen.Error()).Bool()).Block(
			w.beginCall(arg, seqOf(name)),
			jen.If(w.id("err").Op("!=").Nil()).Block(append(fail(w.id("err")), jen.Return())...),
			jen.Defer().Add(w.id("r")).Dot("run").Dot("abandon").Call().Comment("where the reader leaves early, or panics"),
			jen.For(w.id("r").Dot("out").Dot("next").Call()).Block(yielded...),
			jen.If(w.id("err").Op(":=").Add(w.id("r")).Dot("run").Dot("wait").Call(), w.id("err").Op("!=").Nil()).Block(fail(w.id("err"))...),
		)),
	)
}

func (w *wiring) emitMap() {
	q := w.outQueue()
	out := jen.Index().Add(w.Type(w.plan.Output))
	comment := "Map returns the results of the items of in, in their order. The first error cancels the rest and is returned with nil; an item that on_error: skip or yield leaves out has a zero result"
	results := w.id("results")
	body := []jen.Code{
		w.beginCall(w.Std("slices", "Values").Call(w.id("in")), "Seq"),
		jen.If(w.id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), w.id("err"))),
		jen.Defer().Add(w.id("r")).Dot("run").Dot("abandon").Call(),
		w.id("results").Op(":=").Make(out.Clone(), jen.Len(w.id("in"))),
	}
	last := jen.Nil()
	store := []jen.Code{
		w.id("e").Op(":=").Add(w.id("r")).Dot("out").Dot("item").Call(),
		results.Clone().Index(w.id("e").Dot("index")).Op("=").Add(w.id("e")).Dot("value"),
	}
	if q.Elem.Err {
		comment += ", and the yielded errors are returned joined"
		body = append(body, jen.Var().Add(w.id("errs")).Index().Error())
		store = append(store, jen.If(w.id("e").Dot("err").Op("!=").Nil()).Block(
			w.id("errs").Op("=").Append(w.id("errs"), w.id("e").Dot("err"))))
		last = w.Std("errors", "Join").Call(w.id("errs").Op("..."))
	}
	body = append(body,
		jen.For(w.id("r").Dot("out").Dot("next").Call()).Block(store...),
		jen.If(w.id("err").Op(":=").Add(w.id("r")).Dot("run").Dot("wait").Call(), w.id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), w.id("err"))),
		jen.If(w.id("r").Dot("run").Dot("taken").Call().Op("<").Len(w.id("in"))).Block(jen.Return(jen.Nil(), support("ErrDrained"))),
		jen.Return(results, last),
	)
	w.method("p", w.plan.Name, "Map", comment+".").
		Params(w.id("ctx").Add(w.Std("context", "Context")), w.id("in").Index().Add(w.Type(w.plan.Input))).
		Params(out, jen.Error()).Block(body...)
}

// outQueue is the queue of the open output.
func (w *wiring) outQueue() *Queue {
	for _, q := range w.plan.Queues {
		if q.Reader == nil {
			return q
		}
	}
	return nil
}
