package gen

import (
	"fmt"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/pipegen/pipegen/spec"
)

// checkCrossing reports items and params of worker processes that cannot cross to them and back, each type once.
func (p *planner) checkCrossing(order []*node) {
	var items, params typeutil.Map
	for _, n := range order {
		if n.Process == nil || n.failed {
			continue
		}
		for _, t := range n.crossing() {
			if items.Set(t, true) == nil {
				p.checkItem(n, t)
			}
		}
		for _, use := range sentParams(n.Spec) {
			param := p.params[use.Param]
			if param == nil || param.Type == nil || params.Set(param.Type, true) != nil {
				continue
			}
			if found := refusals(p.plan.Package, param.Type); len(found) > 0 {
				p.report(spec.Diagnostic{
					Code:    codeWorkerParam,
					Span:    use.Span,
					Message: fmt.Sprintf("the param %s cannot reach the worker processes of %q: %s", param.Name, n.Name, found[0]),
					Label:   "is " + p.typ(param.Type),
					Notes:   moreRefusals(found),
					Help:    "let each worker make its own, of params that are text and numbers: `state: {new: F}`",
				})
			}
		}
	}
}

func (p *planner) checkItem(n *node, t types.Type) {
	found := refusals(p.plan.Package, t)
	if n.Process.JSON {
		found = jsonRefusals(p.plan.Package, t)
	}
	if len(found) == 0 {
		return
	}
	p.report(spec.Diagnostic{
		Code:    codeCrossing,
		Span:    nameSpan(n.Spec),
		Message: fmt.Sprintf("the items of %q cannot cross between processes: %s", n.Name, found[0]),
		Label:   "runs in worker processes",
		Notes:   moreRefusals(found),
		Help:    crossingHelp(found[0], n.Process.JSON),
	})
}

// moreRefusals are notes about all but the first.
func moreRefusals(found []refusal) []string {
	var notes []string
	for _, r := range found[1:] {
		notes = append(notes, "nor can "+r.String())
	}
	return notes
}

func crossingHelp(r refusal, json bool) string {
	switch owner := r.owner; {
	case owner == "":
		return "let the stages hand on plain data, and open what it names in the worker: `state: {new: F}`"
	case json:
		return fmt.Sprintf("tag it `json:\"-\"`, or give %s the methods MarshalJSON and UnmarshalJSON", owner)
	default:
		return fmt.Sprintf("leave it out of the items, or give %s the methods MarshalBinary and UnmarshalBinary", owner)
	}
}

// crossing returns the types of what crosses for s: its items, as they may fail in any stage of the worker, and
// what leaves it.
func (s *Stage) crossing() []types.Type {
	var list []types.Type
	add := func(t types.Type) {
		if t != nil {
			list = append(list, t)
		}
	}
	add(s.In)
	add(s.In2)
	for _, o := range s.Outputs {
		add(o.Type)
	}
	return list
}

// sentParams returns the places where a stage uses params in its worker that may be of any Go type.
func sentParams(s *spec.Stage) []spec.Literal {
	var uses []spec.Literal
	args := func(list []spec.Arg) {
		for _, a := range list {
			if a.Value.Param != "" {
				uses = append(uses, a.Value)
			}
		}
	}
	args(s.Args)
	if st := s.State; st != nil {
		if st.Param.Param != "" {
			uses = append(uses, spec.Literal{Param: st.Param.Param, Span: st.Param.Span})
		}
		args(st.Args)
	}
	return uses
}

// planKnownErrors lists the package-level errors that keep their identity between processes, besides those of
// every program: the package's own, and the exported ones of the packages that it imports from its module and of
// those that have one of the functions that run in workers.
func (p *planner) planKnownErrors() {
	own := p.plan.Package
	pkgs := []*types.Package{own}
	for _, path := range p.unit.around.siblings {
		if pkg, err := p.unit.pkg.importer(path); err == nil {
			pkgs = append(pkgs, pkg)
		}
	}
	working := false
	for _, s := range p.plan.Stages {
		if s.Process == nil || s.Process.Command != nil {
			continue
		}
		working = true
		if s.Call != nil && s.Call.Object.Pkg() != nil {
			pkgs = append(pkgs, s.Call.Object.Pkg())
		}
	}
	if !working {
		return
	}
	seen := make(map[string]bool)
	for _, pkg := range pkgs {
		if seen[pkg.Path()] || pkg != own && (pkg.Name() == "main" || !importable(pkg.Path(), own.Path())) {
			continue
		}
		seen[pkg.Path()] = true
		for _, name := range pkg.Scope().Names() {
			if v, ok := pkg.Scope().Lookup(name).(*types.Var); ok && p.isKnownError(v) {
				p.plan.Known = append(p.plan.Known, v)
			}
		}
	}
}

// isKnownError says whether v is what errors.Is may look for, and generated code can name it on any system.
func (p *planner) isKnownError(v *types.Var) bool {
	if v.Pkg() == p.plan.Package {
		if v.Name() == "_" || !p.unit.around.files[p.prog.fset.Position(v.Pos()).Filename] {
			return false
		}
	} else if !v.Exported() || slices.Contains(commonErrors, v.Pkg().Path()+"."+v.Name()) {
		return false
	}
	return !isBroken(v.Type()) && types.Comparable(v.Type()) && types.Implements(v.Type(), errorType.Underlying().(*types.Interface))
}

// commonErrors are known to the support: knownErrors there.
var commonErrors = []string{
	"context.Canceled", "context.DeadlineExceeded", "io.EOF", "io.ErrUnexpectedEOF", "errors.ErrUnsupported",
	"io/fs.ErrInvalid", "io/fs.ErrPermission", "io/fs.ErrExist", "io/fs.ErrNotExist", "io/fs.ErrClosed", "os.ErrDeadlineExceeded",
	"os.ErrInvalid", "os.ErrPermission", "os.ErrExist", "os.ErrNotExist", "os.ErrClosed",
}
