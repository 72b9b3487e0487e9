package gen

import (
	"fmt"
	"go/types"
	"path"
	"path/filepath"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// PlanAll plans the pipelines of files, which prog was loaded for. It reports everything that is wrong with
// them and returns the plans of those without an error, in the order of files; warnings about these are in
// the plans.
//
// It is a pure function: neither the disk nor the go command is asked again, and the same arguments give the
// same plans.
func PlanAll(prog *Program, files []*spec.File) ([]*Plan, spec.Diagnostics) {
	var planners []*planner
	for _, f := range files {
		if u := prog.units[f]; u != nil {
			planners = append(planners, newPlanner(prog, u))
		}
	}
	groups := byPackage(planners)
	for _, group := range groups {
		nameOwn(group)
	}
	for _, p := range planners {
		p.run()
	}
	for _, group := range groups {
		checkNames(group)
	}
	var plans []*Plan
	var diags spec.Diagnostics
	for _, p := range planners {
		var unused spec.Diagnostics
		if p.complete { // else warnings may be missing
			unused = p.file.UnusedIgnores(p.diags, func(code string) bool { return !isOfVet(code) })
		}
		p.diags = append(p.file.Silence(p.diags), unused...)
		p.diags.Sort()
		if !p.complete {
			diags = append(diags, p.diags...)
			continue
		}
		p.plan.Warnings = p.diags
		plans = append(plans, p.plan)
	}
	return plans, diags
}

// planner makes the plan of one spec, in five steps: params, the graph by names, functions and types along
// it, groups, queues.
type planner struct {
	prog  *Program
	unit  *unit
	file  *spec.File
	scope *goScope
	plan  *Plan
	diags spec.Diagnostics

	unproven   bool     // zips may deadlock: for tests of what is refused
	complete   bool     // the plan is; without a report in diags, the reason has been reported elsewhere
	ownNames   []string // what is generated from the package's specs
	params     map[string]*Param
	resources  map[string]*Resource // shared
	kinds      *types.Package       // interfaces of the kinds of resources; nil until one is needed
	whens      map[spec.Span]*Call  // of retry policies, by where they stand; nil: reported
	deadBroken bool                 // the dead letter function is; reported
	nodes      []*node              // in the order of the file
	queues     map[string]*namedQueue
	queueOrder []*namedQueue    // in the order of the file
	unlinked   bool             // what a stage reads or writes is not known; reported
	open       *port            // whose items go to the caller; nil where every branch ends in a sink
	groups     map[*node]*Group // without sources
}

func newPlanner(prog *Program, u *unit) *planner {
	p := &planner{prog: prog, unit: u, file: u.file, scope: newGoScope(prog.fset, u)}
	p.plan = &Plan{
		File:    u.file,
		Package: u.pkg.types,
		Dir:     path.Dir(filepath.ToSlash(u.file.Name)),
	}
	if spec.IsName(u.file.Pipeline.Value) {
		p.plan.Name = spec.GoName(u.file.Pipeline.Value)
	}
	return p
}

func (p *planner) run() {
	p.planParams()
	p.checkUnusedParams()
	p.planShared()
	p.checkDeadLetter()
	p.connect()
	p.checkUnusedShared()
	p.checkEnds()
	p.checkReaders()
	order, sorted := p.sortNodes()
	p.checkCircles()
	for _, n := range order {
		p.planStage(n)
	}
	p.passYields(order)
	p.checkReturning(order)
	p.checkSharedTypes()
	p.placeShared(order)
	p.planKeys(order)
	p.planGroups(order)
	p.checkStages(order)
	p.checkCrossing(order)
	if len(order) == 0 || !sorted {
		return // reported
	}
	p.placeStages(order)
	failed := slices.ContainsFunc(order, func(n *node) bool { return n.failed })
	if failed || p.unit.failed || p.plan.Name == "" || p.diags.HasErrors() {
		return // what follows relies on all types
	}
	p.planQueues(order)
	p.planKnownErrors()
	p.plan.Shapes = p.shapes(order)
	p.complete = true
}

// report adds a diagnostic about the spec.
func (p *planner) report(d spec.Diagnostic) {
	d.File = p.file.Name
	p.diags.Add(d)
}

// warn adds a warning about the spec.
func (p *planner) warn(d spec.Diagnostic) {
	d.Severity = spec.Warning
	p.report(d)
}

// at writes a place in the spec, for notes.
func (p *planner) at(span spec.Span) string {
	return fmt.Sprintf("%s:%d:%d", p.file.Name, span.Line, span.Col)
}

// typ writes a Go type as the user's package would.
func (p *planner) typ(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == p.unit.pkg.path {
			return ""
		}
		return pkg.Name()
	})
}

// unnameable says why generated code cannot write t, or returns "".
func (p *planner) unnameable(t types.Type) string {
	n := newNames(p.unit.pkg.types)
	n.Type(t)
	if len(n.errs) > 0 {
		return n.errs[0].Error()
	}
	return ""
}
