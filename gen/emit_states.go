package gen

import "github.com/dave/jennifer/jen"

// ownsState says whether each worker of the stage makes a state of its own.
func (s *Stage) ownsState() bool { return s.State != nil && s.State.New != nil && !s.State.Pipeline }

// sharesState says whether the workers of the stage make one state for all.
func (s *Stage) sharesState() bool { return s.State != nil && s.State.New != nil && s.State.Pipeline }

// state is the stage's state as its loop knows it; nil without one.
func (w *wiring) state(s *Stage) *jen.Statement {
	switch {
	case s.sharesState():
		return w.id("r").Dot(w.calls[s].state).Dot("value")
	case s.ownsState():
		return jen.Id(w.calls[s].state).Dot("value")
	case s.State != nil:
		return w.id("r").Dot("params").Dot(s.State.Param.Field)
	}
	return nil
}

// newState is a state that is yet to be made. Its context is the run's, which is there until it is closed.
func (w *wiring) newState(s *Stage) *jen.Statement {
	c := s.State.New
	open := w.callee(c)
	if c.Sig.Params().Len() > 0 || !c.Err {
		call := w.callFunc(c, w.id("r").Dot("run").Dot("ctx"), nil, nil)
		result := jen.Return(call)
		if !c.Err {
			result = jen.Return(call, jen.Nil())
		}
		open = jen.Func().Params().Params(w.Type(s.State.Type), jen.Error()).Block(result)
	}
	return support("NewState").Call(jen.Lit(w.position(s)), open)
}

// ownStates declares the states that a worker makes for itself.
func (w *wiring) ownStates(stages ...*Stage) []jen.Code {
	var code []jen.Code
	for _, s := range stages {
		if s.ownsState() {
			code = append(code, jen.Id(w.calls[s].state).Op(":=").Add(w.newState(s)))
		}
	}
	return code
}

// holding is a loop between the making and the closing of its stages' states.
func (w *wiring) holding(loop *jen.Statement, stages ...*Stage) *jen.Statement {
	var states []jen.Code
	for _, s := range stages {
		switch {
		case s.ownsState():
			states = append(states, jen.Id(w.calls[s].state))
		case s.sharesState():
			states = append(states, w.id("r").Dot(w.calls[s].state))
		}
	}
	if len(states) == 0 {
		return loop
	}
	return w.id("w").Dot("holding").Call(append([]jen.Code{loop}, states...)...)
}
