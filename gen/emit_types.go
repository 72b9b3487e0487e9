package gen

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"
)

// emitTypes writes the pipeline's type, its error and its stats.
func (w *wiring) emitTypes() {
	w.emitPipeline()
	w.emitError()
	w.emitStats()
}

func (w *wiring) emitPipeline() {
	p := w.plan
	w.decls = append(w.decls, p.Name)
	text := p.Name + " runs"
	if len(p.Shapes) > 0 {
		text += ":"
	}
	for _, line := range Comment(text) {
		w.file.Comment(line)
	}
	w.file.Comment("//")
	for _, shape := range p.Shapes {
		w.file.Comment("//\t" + strings.TrimSpace(printable(shape)))
	}
	if doc := Comment(p.File.Doc.Value); doc != nil {
		w.file.Comment("//")
		for _, line := range doc {
			w.file.Comment(line)
		}
	}
	w.file.Type().Id(p.Name).StructFunc(func(g *jen.Group) {
		for _, param := range p.Params {
			for _, line := range Comment(paramDoc(param)) {
				g.Comment(line)
			}
			g.Id(param.Field).Add(w.Type(param.Type))
		}
		if len(p.Params) > 0 {
			g.Line()
		}
		if len(p.Shared) > 0 {
			g.Id("Shared").Op("*").Id(p.sharedType()).Comment("optional: what the stages share, the caller's; nil: each run makes its own")
		}
		g.Id("Stats").Op("*").Id(w.statsType()).Comment("optional: live counters, may be read while it runs")
		g.Id("Drain").Op("<-").Chan().Struct().Comment("optional: when closed, sources end and what they have produced is finished")
		g.Id("Log").Op("*").Add(w.Std("log/slog", "Logger")).Comment("optional: " + w.logged() + "default slog.Default()")
	})
}

// logged is what a run tells its log.
func (w *wiring) logged() string {
	var what []string
	skips := slices.ContainsFunc(w.plan.Stages, func(s *Stage) bool { return s.OnError == Skip })
	if skips {
		what = append(what, "what is left out by on_error: skip")
	}
	if w.plan.hasWorkers() {
		what = append(what, "how worker processes end that were not asked to")
	}
	if len(what) == 0 {
		return ""
	}
	return strings.Join(what, ", ") + "; "
}

func paramDoc(p *Param) string {
	var notes []string
	if p.Env != "" {
		notes = append(notes, "environment variable "+p.Env)
	}
	switch d := p.Default.(type) {
	case nil:
	case string:
		notes = append(notes, fmt.Sprintf("default %q", d))
	default:
		notes = append(notes, fmt.Sprintf("default %v", d))
	}
	if p.Required || p.Kind == GoParam && nilable(p.Type) {
		notes = append(notes, "required")
	}
	text := p.Doc
	if len(notes) > 0 {
		if text != "" {
			text += "; "
		}
		text += strings.Join(notes, ", ")
	}
	if text == "" {
		return ""
	}
	return p.Field + ": " + text
}

func nilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Map, *types.Slice, *types.Chan, *types.Signature:
		return true
	}
	return false
}

func (w *wiring) emitError() {
	name := w.errorType()
	w.decls = append(w.decls, name, "new"+name)
	w.comment(name + " is the error of one item, or of a source: Stage is the stage's name, Index the item's position in the input or -1 where that is not known, Attempt counts from 1, Stack is set after a panic. errors.Is and errors.As see Err.")
	w.file.Type().Id(name).Struct(
		jen.Id("Stage").String(),
		jen.Id("Index").Int(),
		jen.Id("Attempt").Int(),
		jen.Id("Item").Id("any"),
		jen.Id("Err").Error(),
		jen.Id("Stack").Index().Byte(),
	)
	w.method("e", "*"+name, "Error", "").Params().String().Block(jen.Return(
		support("ErrorText").Call(jen.Lit(w.plan.File.Pipeline.Value), w.id("e").Dot("Stage"), w.id("e").Dot("Index"), w.id("e").Dot("Attempt"), w.id("e").Dot("Err")),
	))
	w.method("e", "*"+name, "Unwrap", "Unwrap returns Err.").Params().Error().Block(jen.Return(w.id("e").Dot("Err")))
	w.file.Line()
	w.comment("new" + name + " makes the errors of this pipeline.")
	w.file.Func().Id("new"+name).Params(
		jen.Id("stage").String(), jen.List(jen.Id("index"), jen.Id("attempt")).Int(), jen.Id("item").Id("any"), jen.Id("err").Error(), jen.Id("stack").Index().Byte(),
	).Error().Block(jen.Return(jen.Op("&").Id(name).Values(jen.Id("stage"), jen.Id("index"), jen.Id("attempt"), jen.Id("item"), jen.Id("err"), jen.Id("stack"))))
}

func (w *wiring) emitStats() {
	name, stages := w.statsType(), w.plan.Stages
	w.decls = append(w.decls, name)
	w.comment(name + " counts what happens to the items of each stage. The zero value is ready to use.")
	w.file.Type().Id(name).StructFunc(func(g *jen.Group) {
		for _, s := range stages {
			if w.plan.leads(s) {
				g.Id(s.Field).Add(support(w.plan.processStats(s)))
			} else {
				g.Id(s.Field).Add(support("StageStats"))
			}
		}
	})
	w.method("s", "*"+name, "Each", "Each calls f for every metric of every stage, in the order items flow.").
		Params(jen.Id("f").Func().Params(jen.List(jen.Id("stage"), jen.Id("metric")).String(), jen.Id("v").Float64())).
		BlockFunc(func(g *jen.Group) {
			for _, s := range stages {
				g.Add(w.id("s")).Dot(s.Field).Dot("each").Call(jen.Lit(s.Name), jen.Id("f"))
			}
		})
	w.method("s", "*"+name, "String", "String returns the metrics as JSON, so that the stats are an expvar.Var.").
		Params().String().Block(jen.Return(support("StatsJSON").Call(w.id("s").Dot("Each"))))
	w.method("s", "*"+name, "stages", "stages returns the stats of each stage; nil where nobody counts.").
		Params().Params(w.id("all").Index(jen.Lit(len(stages))).Op("*").Add(support("StageStats"))).
		Block(
			jen.If(w.id("s").Op("==").Nil()).Block(jen.Return(w.id("all"))),
			jen.Return(jen.Index(jen.Lit(len(stages))).Op("*").Add(support("StageStats")).ValuesFunc(func(g *jen.Group) {
				for _, s := range stages {
					if w.plan.leads(s) {
						g.Op("&").Add(w.id("s")).Dot(s.Field).Dot("pipegenStageStats")
					} else {
						g.Op("&").Add(w.id("s")).Dot(s.Field)
					}
				}
			})),
		)
}

func (w *wiring) comment(text string) {
	for _, line := range Comment(text) {
		w.file.Comment(line)
	}
}

// value is v as an expression of the wanted type; params is the expression that holds the params.
func (w *wiring) value(v Value, params *jen.Statement) *jen.Statement {
	switch {
	case v.Shared != nil:
		return w.resource(v.Shared)
	case v.Param != nil:
		return params.Clone().Dot(v.Param.Field)
	case v.Const != nil:
		return w.Object(v.Const)
	}
	switch lit := v.Lit.(type) {
	case time.Duration:
		return w.duration(lit)
	case int64:
		return jen.Lit(int(lit))
	case uint64:
		return jen.Op(fmt.Sprintf("%d", lit))
	}
	return jen.Lit(v.Lit)
}

// duration writes d with the largest unit that divides it: 2 * time.Second.
func (w *wiring) duration(d time.Duration) *jen.Statement {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d != 0 && d%u.unit == 0 {
			if d == u.unit {
				return w.Std("time", u.name)
			}
			return jen.Lit(int(d / u.unit)).Op("*").Add(w.Std("time", u.name))
		}
	}
	return w.Std("time", "Duration").Call(jen.Lit(int(d)))
}
