package gen

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// paramKinds are the types of params whose values are read from text.
var paramKinds = map[string]ParamKind{
	"string":   StringParam,
	"int":      IntParam,
	"int64":    Int64Param,
	"float64":  Float64Param,
	"bool":     BoolParam,
	"duration": DurationParam,
	"size":     SizeParam,
}

// planParams resolves the spec's params.
func (p *planner) planParams() {
	p.params = make(map[string]*Param)
	for _, sp := range p.file.Params {
		if !spec.IsName(sp.Name.Value) || p.params[sp.Name.Value] != nil {
			continue // reported with the text of the spec
		}
		param := &Param{
			Name:     sp.Name.Value,
			Field:    spec.GoName(sp.Name.Value),
			Env:      sp.Env.Value,
			Required: sp.Required.Value,
			Doc:      sp.Doc.Value,
		}
		p.params[param.Name] = param
		p.plan.Params = append(p.plan.Params, param)
		kind, basic := paramKinds[sp.Type.Value]
		if !basic {
			kind = GoParam
		}
		param.Kind = kind
		switch kind {
		case StringParam:
			param.Type = types.Typ[types.String]
		case IntParam:
			param.Type = types.Typ[types.Int]
		case Int64Param, SizeParam:
			param.Type = types.Typ[types.Int64]
		case Float64Param:
			param.Type = types.Typ[types.Float64]
		case BoolParam:
			param.Type = types.Typ[types.Bool]
		case DurationParam:
			param.Type = p.unit.time.Scope().Lookup("Duration").Type()
		case GoParam:
			param.Type = p.goType(sp.Type, "param "+sp.Name.Value)
		}
		if sp.Default.IsSet() && kind != GoParam {
			param.Default, _, _ = literalValue(sp.Default, param.Type) // one that does not fit is reported with the text of the spec
			if n, isInt := param.Default.(int64); isInt && kind == IntParam {
				param.Default = int(n)
			}
		}
	}
	p.checkFields()
}

// goType resolves a Go type that the spec writes for a param or shared resource; nil after a report.
func (p *planner) goType(text spec.Scalar[string], owner string) types.Type {
	if text.Value == "" {
		return nil
	}
	t, err := p.scope.typ(text.Value)
	d := spec.Diagnostic{Code: codeParamType, Span: text.Span}
	switch {
	case err != nil:
		d.Message = fmt.Sprintf("the type of %s does not exist: %s", owner, err)
		if word, ok := strings.CutPrefix(err.Error(), "undefined: "); ok {
			d.Help = p.suggestType(word, strings.HasPrefix(owner, "param "))
		}
		if text.Value == "duration" || text.Value == "size" {
			d.Help = fmt.Sprintf("%s is a word for params; in Go it is %s", text.Value, map[string]string{"duration": "time.Duration", "size": "int64"}[text.Value])
		}
		for _, word := range qualifiersOf(text.Value) {
			if p.unit.imports[word] == nil && !p.scope.isType(word) {
				d = p.noPackage(word, text.Span)
			} else if imp := p.unit.imports[word]; imp != nil && imp.types == nil {
				return nil // reported at the import
			}
		}
	case isBroken(t):
		d.Message = fmt.Sprintf("the type of %s does not exist: %s", owner, text.Value)
	default:
		if problem := p.unnameable(t); problem != "" {
			d.Code, d.Message = codeUnnameable, fmt.Sprintf("generated code cannot have a field of type %s: %s", p.typ(t), problem)
			break
		}
		return t
	}
	p.report(d)
	return nil
}

// typeWords are words for types in other languages.
var typeWords = map[string]string{
	"integer": "int", "number": "float64", "long": "int64", "float": "float64", "double": "float64", "real": "float64",
	"boolean": "bool", "str": "string", "text": "string",
}

// suggestType says which type a word may mean, that of a param or of what a shared resource holds.
func (p *planner) suggestType(word string, param bool) string {
	if meant := typeWords[strings.ToLower(word)]; meant != "" {
		return fmt.Sprintf("did you mean %s?", meant)
	}
	candidates := p.typeNames()
	for _, name := range slices.Sorted(maps.Keys(paramKinds)) {
		if types.Universe.Lookup(name) != nil || param { // in Go there is neither duration nor size
			candidates = append(candidates, name)
		}
	}
	return suggestion(word, candidates)
}

// reservedFields are what the generated struct has beside params: its other fields, and its methods.
var reservedFields = []string{"Stats", "Drain", "Log", "Shared", "Run", "RunSeq2", "Stream", "StreamSeq2", "Map", "Start"}

// checkFields reports params whose fields collide, with each other or with what the struct has anyway.
func (p *planner) checkFields() {
	byField := make(map[string]*spec.Param)
	for _, sp := range p.file.Params {
		if p.params[sp.Name.Value] == nil {
			continue
		}
		field := p.params[sp.Name.Value].Field
		d := spec.Diagnostic{Code: codeField, Span: sp.Name.Span, Help: "choose another name"}
		switch other := byField[field]; {
		case slices.Contains(reservedFields, field):
			d.Message = fmt.Sprintf("param %s would be the field %s, and pipelines have a field or method of that name", sp.Name.Value, field)
			d.Label = "taken"
		case other != nil && other.Name.Value != sp.Name.Value:
			d.Message = fmt.Sprintf("params %s and %s would both be the field %s", other.Name.Value, sp.Name.Value, field)
		default:
			byField[field] = sp
			continue
		}
		p.report(d)
	}
}

// checkUnusedParams reports params that nothing mentions.
func (p *planner) checkUnusedParams() {
	for _, sp := range p.file.Params {
		if p.params[sp.Name.Value] != nil && !p.file.Mentions[sp.Name.Value] {
			p.report(spec.Diagnostic{
				Code:    codeUnused,
				Span:    sp.Name.Span,
				Message: fmt.Sprintf("nothing uses the param %s", sp.Name.Value),
				Help:    fmt.Sprintf("write $%s where its value belongs, or remove it", sp.Name.Value),
			})
		}
	}
}
