package gen

import (
	"fmt"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// generatedNames are the package-level names that the wiring of a pipeline declares.
func generatedNames(name string, pool, worker, shared bool) []string {
	names := []string{
		name,
		name + "Error",
		"new" + name + "Error",
		name + "Stats",
		lowerFirst(name) + "Run",
	}
	if worker {
		names = append(names, name+"Worker")
	}
	if shared {
		names = append(names, name+"Shared", "New"+name+"Shared")
	}
	if pool {
		names = append(names, name+"Pool", name+"Future", name+"Result")
		for _, e := range poolErrors(name) {
			names = append(names, e.name)
		}
	}
	return names
}

// generatedNames are those of the plan's wiring.
func (p *Plan) generatedNames() []string {
	return generatedNames(p.Name, p.HasPool, p.hasWorkers(), len(p.Shared) > 0)
}

// supportNames begin the names of support code.
const supportNames = "pipegen"

// predeclared are the identifiers that generated code relies on Go to declare.
var predeclared = []string{
	"any", "append", "bool", "byte", "cap", "clear", "close", "comparable", "copy", "delete", "error", "false",
	"float64", "int", "int64", "len", "make", "max", "min", "new", "nil", "panic", "print", "recover", "string",
	"true", "uint32", "uint64",
}

// byPackage returns the planners of each package, in the order of the first of them.
func byPackage(planners []*planner) [][]*planner {
	var groups [][]*planner
	at := make(map[*goPackage]int)
	for _, p := range planners {
		i, ok := at[p.unit.pkg]
		if !ok {
			i = len(groups)
			at[p.unit.pkg] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}

// nameOwn tells the planners of one package what may be generated from its specs.
func nameOwn(group []*planner) {
	var all []string
	for _, p := range group {
		if p.plan.Name != "" {
			all = append(all, generatedNames(p.plan.Name, true, true, true)...)
		}
	}
	for _, p := range group {
		p.ownNames = all
	}
}

// checkNames reports names that would be declared twice: by the package and a spec, or by two specs. The
// planners, of one package, know which pipelines have pools.
func checkNames(group []*planner) {
	for i, p := range group {
		p.checkDeclared()
		p.checkPredeclared()
		p.checkOtherSpecs(group[:i])
		p.complete = p.complete && !p.diags.HasErrors()
	}
}

// checkDeclared reports what the package declares and the spec would declare again.
func (p *planner) checkDeclared() {
	if p.plan.Name == "" {
		return
	}
	pkg := p.unit.pkg.types
	taken := func(name, help string, obj types.Object) {
		p.report(spec.Diagnostic{
			Code:    codeDeclared,
			Span:    p.file.Pipeline.Span,
			Message: fmt.Sprintf("package %s declares %s, which is to be generated", pkg.Name(), name),
			Label:   "declared",
			Where:   where(p.prog.position(p.unit.pkg, obj)),
			Help:    help,
		})
	}
	names := p.plan.generatedNames()
	for _, name := range names {
		if obj := pkg.Scope().Lookup(name); obj != nil {
			taken(name, "rename it, or the pipeline", obj)
		}
	}
	for _, name := range pkg.Scope().Names() {
		if strings.HasPrefix(name, supportNames) && !slices.Contains(names, name) {
			taken(name, "rename it: names that begin with pipegen belong to generated code", pkg.Scope().Lookup(name))
		}
	}
	// A name imported into one file cannot be declared by another.
	for i := range pkg.Scope().NumChildren() {
		file := pkg.Scope().Child(i)
		for _, name := range file.Names() {
			if slices.Contains(names, name) || strings.HasPrefix(name, supportNames) {
				taken(name, "a file imports it under this name: choose another there", file.Lookup(name))
			}
		}
	}
}

// checkPredeclared reports declarations of the package that give Go's own words another meaning.
func (p *planner) checkPredeclared() {
	pkg := p.unit.pkg.types
	for _, name := range predeclared {
		if obj := pkg.Scope().Lookup(name); obj != nil {
			p.report(spec.Diagnostic{
				Code:    codePredeclared,
				Span:    p.file.Pipeline.Span,
				Message: fmt.Sprintf("package %s declares %s, which generated code needs in Go's meaning", pkg.Name(), name),
				Label:   "declared",
				Where:   where(p.prog.position(p.unit.pkg, obj)),
				Help:    "rename it, or move the spec to a package of its own",
			})
		}
	}
}

// checkOtherSpecs reports what the spec would generate and another one of the package generates.
func (p *planner) checkOtherSpecs(others []*planner) {
	for _, other := range others {
		if out := OutputName(path.Base(filepath.ToSlash(p.file.Name))); out != "" && strings.EqualFold(out, OutputName(path.Base(filepath.ToSlash(other.file.Name)))) {
			p.report(spec.Diagnostic{
				Code:    codeTwoSpecs,
				Span:    p.file.Pipeline.Span,
				Message: fmt.Sprintf("%s and %s would be generated into one file, %s", other.file.Name, p.file.Name, out),
				Help:    "rename one of the specs",
			})
		}
		if p.plan.Name == "" || other.plan.Name == "" {
			continue
		}
		theirs := other.plan.generatedNames()
		for _, name := range p.plan.generatedNames() {
			if !slices.Contains(theirs, name) {
				continue
			}
			p.report(spec.Diagnostic{
				Code:    codeTwoSpecs,
				Span:    p.file.Pipeline.Span,
				Message: fmt.Sprintf("pipelines %q and %q would both declare %s", other.file.Pipeline.Value, p.file.Pipeline.Value, name),
				Notes:   []string{fmt.Sprintf("%s:%d:%d: %q is here", other.file.Name, other.file.Pipeline.Span.Line, other.file.Pipeline.Span.Col, other.file.Pipeline.Value)},
				Help:    "name one of them differently",
			})
			break // the others follow from it
		}
	}
}
