package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// makeCommand makes what calls the program of a group's one stage.
func (w *wiring) makeCommand(s *Stage) []jen.Code {
	p, attempts := w.id("p"), jen.Lit(1)
	stats, count := w.processStats(s)
	if s.Process.InFlight == RetryInFlight {
		attempts = w.value(s.Process.MaxAttempts, p)
	}
	return append(count, w.command(s).Op("=").Add(support("NewCommand")).Call(
		w.id("group"), w.commandConfig(s.Process), stats, w.size(s.Process.MaxItem), attempts))
}

// command is the field with it.
func (w *wiring) command(s *Stage) *jen.Statement { return w.id("r").Dot(w.calls[s].command) }

// commandConfig says how the processes of a program are started and supervised.
func (w *wiring) commandConfig(c *Process) *jen.Statement {
	var args []jen.Code
	for _, arg := range c.Command {
		args = append(args, jen.Lit(arg))
	}
	return w.processConfig(append([]jen.Code{key("command", jen.Index().String().Values(args...))}, w.supervision(c)...))
}

// processConfig is the support's, with the given fields.
func (w *wiring) processConfig(fields []jen.Code) *jen.Statement {
	return support("ProcessConfig").Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, fields...)
}

// supervision are the fields that commands and other worker processes have in common.
func (w *wiring) supervision(c *Process) (fields []jen.Code) {
	p := w.id("p")
	var env []jen.Code
	for _, v := range c.Env {
		if v.Value.Param != nil {
			env = append(env, jen.Lit(v.Name+"=").Op("+").Add(w.value(v.Value, p)))
		} else {
			env = append(env, jen.Lit(v.Name+"="+v.Value.Lit.(string)))
		}
	}
	if len(env) > 0 {
		fields = append(fields, key("env", jen.Index().String().Values(env...)))
	}
	for _, f := range []struct {
		name  string
		value Value
	}{
		{"spare", c.Spare},
		{"maxRestarts", c.MaxRestarts},
		{"within", c.Within},
		{"recycleAfter", c.RecycleAfter},
		{"memoryLimit", c.MemoryLimit},
		{"shutdownTimeout", c.ShutdownTimeout},
	} {
		if f.value.IsSet() && f.value.Lit != int64(0) {
			fields = append(fields, key(f.name, w.size(f.value)))
		}
	}
	return fields
}

// size is the value of v, a number.
func (w *wiring) size(v Value) *jen.Statement {
	if n, ok := v.Lit.(int64); ok {
		return size(n)
	}
	return w.value(v, w.id("p"))
}

// size is a number, where large powers of two are factors written so: 64 << 20.
func size(n int64) *jen.Statement {
	for _, shift := range []int{30, 20, 10} {
		if n >= 1<<shift && n%(1<<shift) == 0 {
			return jen.Lit(int(n >> shift)).Op("<<").Lit(shift)
		}
	}
	return jen.Lit(int(n))
}

// commandCall is a call of the stage's program. It has the results that a call of the stage's func type has, and an
// error in any case.
func (w *wiring) commandCall(s *Stage, item *jen.Statement) *jen.Statement {
	timeout := jen.Lit(0)
	if s.Timeout.IsSet() {
		timeout = w.value(s.Timeout, w.id("r").Dot("params"))
	}
	call := support("Tell")
	if s.Verb != spec.Tap && s.Verb != spec.Sink {
		call = support("Ask")
		if s.Verb == spec.FilterMap {
			call = support("AskMaybe")
		}
		call = call.Types(w.Type(s.Call.Sig.Results().At(0).Type()))
	}
	return call.Call(w.command(s), w.id("w"), timeout, item)
}
