package gen

import (
	"fmt"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
	"github.com/pipegen/pipegen/templates"
)

// Emit writes the plans down: one wiring file a plan and, for each package, the support that all its
// wiring needs. The plans must be those of all specs of their packages. Files come in the order of their
// paths, and are the same bytes for the same plans. An error is a defect of pipegen, or a package in which
// the code cannot be written; it never holds Go source beyond a line.
func Emit(plans []*Plan) ([]File, error) {
	var files []File
	byDir := make(map[string][]*Plan)
	for _, p := range plans {
		byDir[p.Dir] = append(byDir[p.Dir], p)
	}
	for _, dir := range sortedKeys(byDir) {
		var wirings [][]byte
		pkg := byDir[dir][0].Package
		slices.SortFunc(byDir[dir], func(a, b *Plan) int { return strings.Compare(a.File.Name, b.File.Name) })
		taken := make(map[string]bool)
		for _, p := range byDir[dir] {
			for _, name := range generatedNames(p.Name, true, true, true) {
				taken[name] = true
			}
		}
		for _, p := range byDir[dir] {
			content, err := emitWiring(p, taken)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.File.Name, err)
			}
			wirings = append(wirings, content)
			files = append(files, File{Path: OutputName(p.File.Name), Content: content})
		}
		support, err := templates.Support(pkg.Name(), wirings, pkg.Scope().Names()...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		for _, f := range support {
			files = append(files, File{Path: path.Join(dir, supportName(f.Suffix)), Content: f.Content})
		}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// wiring writes one plan down.
type wiring struct {
	*names
	plan   *Plan
	file   *jen.File
	decls  []string       // what the census will expect
	loops  map[any]string // group or source → its loop's method
	calls  map[*Stage]*callNames
	fans   map[*Output]string // output with several readers → the method that makes hands on it
	fixed  *scope
	ids    map[string]string // locals that several functions have, by what they are called if possible
	owned  map[string]string // names that the file alone uses, by what they are called if possible
	codecs codecs
	taken  map[string]bool // package-level names of all specs of the package
}

// id is a parameter, receiver or local that several functions have. It is called so unless the user's
// package or an import has that name.
func (w *wiring) id(hint string) *jen.Statement { return w.idOf(hint, hint) }

// idOf is the local of a thing whose name, which is the hint for it, the spec has chosen: what is not a hint says which.
func (w *wiring) idOf(thing, hint string) *jen.Statement {
	name, ok := w.ids[thing]
	if !ok {
		name = w.fixed.Local(hint)
		w.ids[thing] = name
	}
	return jen.Id(name)
}

// key is a field of a struct literal.
func key(name string, value jen.Code) *jen.Statement { return jen.Id(name).Op(":").Add(value) }

// newWiring begins one plan's file. Taken are the package-level names of other specs of the package, to which it
// adds its own.
func newWiring(p *Plan, taken map[string]bool) *wiring {
	w := &wiring{
		names: newNames(p.Package), plan: p, loops: make(map[any]string), fans: make(map[*Output]string), ids: make(map[string]string), owned: make(map[string]string), taken: taken,
	}
	w.Reserve(p)
	w.fixed = w.Scope()
	w.file = w.File()
	return w
}

func emitWiring(p *Plan, taken map[string]bool) ([]byte, error) {
	w := newWiring(p, taken)
	w.file.HeaderComment(Header(p.File.Name))
	if p.File.Build.IsSet() {
		w.file.HeaderComment("//go:build " + p.File.Build.Value)
	}
	w.nameLoops()
	w.emitTypes()
	w.emitShared()
	w.emitEnds()
	w.emitBegin()
	w.emitLoops()
	w.emitFans()
	w.emitWorker()
	w.emitCodecs()
	content, err := w.Render(w.file)
	if err != nil {
		return nil, err
	}
	return content, Census(content, CensusWant{
		Header:  Header(p.File.Name),
		Build:   p.File.Build.Value,
		Package: p.Package.Name(),
		Imports: w.ImportPaths(),
		Decls:   w.decls,
	})
}

// nameLoops gives every source and group a method name: its first stage's.
func (w *wiring) nameLoops() {
	taken := map[string]bool{"params": true, "run": true, "shared": true, "out": true, "input": true, "inputSeq2": true}
	free := func(name string) bool { return !taken[name] && !token.IsKeyword(name) }
	name := func(key any, s *Stage) {
		base := lowerFirst(s.Field)
		if !free(base) {
			base += "Stage"
		}
		w.loops[key] = fresh(base, free)
		taken[w.loops[key]] = true
	}
	for _, s := range w.plan.Sources {
		if s.Stage != nil {
			name(s, s.Stage)
		}
	}
	for _, g := range w.plan.Groups {
		name(g, g.Stages[0])
	}
	for _, o := range w.outputs() {
		if o.single() == nil {
			base := lowerFirst(o.Stage.Field)
			if o.Port != "" {
				base += spec.GoName(o.Port)
			}
			w.fans[o] = fresh(base+"Fan", free)
			taken[w.fans[o]] = true
		}
	}
	w.nameCalls(free)
}

// method begins a method declaration, with its comment, and registers it with the census.
func (w *wiring) method(recv, recvType, name, comment string) *jen.Statement {
	return w.methodOf(w.id(recv), recvType, name, comment)
}

// methodOf is method with a receiver of any name.
func (w *wiring) methodOf(recv *jen.Statement, recvType, name, comment string) *jen.Statement {
	w.decls = append(w.decls, strings.TrimPrefix(recvType, "*")+"."+name)
	w.comment(comment)
	return w.file.Func().Params(recv.Clone().Id(recvType)).Id(name)
}

func (w *wiring) runType() string   { return lowerFirst(w.plan.Name) + "Run" }
func (w *wiring) errorType() string { return w.plan.Name + "Error" }
func (w *wiring) statsType() string { return w.plan.Name + "Stats" }

// support is a name of the support file.
func support(name string) *jen.Statement { return jen.Id("pipegen" + name) }

// stageLabel is how a doc comment calls a stage's function.
func stageLabel(s *Stage) string {
	switch {
	case s.Call != nil:
		return s.Spec.Func.Text
	case s.Verb == spec.ReduceV:
		return s.Spec.Reduce.Add.Text
	}
	return s.Name
}
