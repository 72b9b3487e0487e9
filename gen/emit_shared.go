package gen

import (
	"go/types"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// sharedType is the type of what the stages share.
func (p *Plan) sharedType() string { return p.Name + "Shared" }

// sharesWithWorkers says whether a function in worker processes takes a resource.
func (p *Plan) sharesWithWorkers() bool {
	return slices.ContainsFunc(p.Shared, func(r *Resource) bool { return r.InWorkers })
}

// mapsMemory says whether worker processes map memory for resources.
func (p *Plan) mapsMemory() bool { return len(p.mapped()) > 0 }

// taken returns the resources that functions of the stages take where they run.
func taken(stages []*Stage) (list []*Resource) {
	for _, s := range stages {
		for _, r := range s.Takes() {
			if !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list
}

// emitShared writes the type of what the stages share, and how it is made: in this process, and in workers.
func (w *wiring) emitShared() {
	p := w.plan
	if len(p.Shared) == 0 {
		return
	}
	name := p.sharedType()
	w.decls = append(w.decls, name, "New"+name)
	w.comment(name + " is what the stages of " + p.Name + " share with each other, and with the caller where it stands in the pipeline's field Shared. Make it with New" +
		name + "; several runs may have the same one, one after the other or at once.")
	w.file.Type().Id(name).StructFunc(func(g *jen.Group) {
		for _, r := range p.Shared {
			g.Id(r.Field).Add(w.resourceType(r)).Comment(resourceNote(r))
		}
		g.Line()
		g.Id("sharing").Add(support("Sharing"))
		for _, r := range p.Shared {
			if r.Kind == spec.SharedPipe {
				g.Id(stageEnd(r)).Add(w.resourceType(r))
			}
		}
		if p.mapsMemory() {
			g.Id("memory").Op("*").Add(support("Mapping"))
		}
		if p.callsFromWorkers() {
			g.Id("hub").Op("*").Add(support("Hub"))
		}
	})
	w.emitNewShared()
	w.emitCloseShared()
	if p.mapsMemory() {
		w.emitPlaces()
	}
	if p.sharesWithWorkers() {
		w.emitOpenShared()
	}
}

// stageEnd is the field with the stage's end of a pipe; the resource's own is the caller's.
func stageEnd(r *Resource) string { return lowerFirst(r.Field) + "Stage" }

// resourceNote says what a field is.
func resourceNote(r *Resource) string {
	text := string(r.Kind)
	if r.Kind == spec.SharedPipe {
		text += ", the caller's end"
	}
	if r.Guard != nil {
		text += ", guarded by " + r.Guard.Field
	}
	return text
}

// kindName is the kind as a part of names in the support.
func kindName(r *Resource) string { return spec.GoName(string(r.Kind)) }

// elements are the type arguments of the resource's type.
func (w *wiring) elements(r *Resource) (types []jen.Code) {
	if r.Key != nil {
		types = append(types, w.Type(r.Key))
	}
	if r.Elem != nil {
		types = append(types, w.Type(r.Elem))
	}
	return types
}

// generic is a name of the support with the resource's types.
func (w *wiring) generic(name string, r *Resource) *jen.Statement {
	if types := w.elements(r); len(types) > 0 {
		return support(name).Types(types...)
	}
	return support(name)
}

func (w *wiring) resourceType(r *Resource) *jen.Statement {
	pointer := jen.Op("*")
	switch {
	case r.Kind == spec.SharedRLock:
		return pointer.Add(support("ReentrantLock"))
	case r.Kind == spec.SharedArray:
		return pointer.Add(w.generic("SharedArray", r))
	case r.Mapped() && r.InWorkers:
		return pointer.Add(w.generic("Mapped"+kindName(r), r))
	case r.Kind == spec.SharedCounter:
		return pointer.Add(w.Std("sync/atomic", "Int64"))
	case r.Kind == spec.SharedLock:
		return pointer.Add(w.Std("sync", "Mutex"))
	case r.Kind == spec.SharedValue:
		return pointer.Add(w.generic("SharedValue", r))
	}
	return w.generic("Shared"+kindName(r), r) // an interface: worker processes have another implementation
}

// emitNewShared writes the constructor.
func (w *wiring) emitNewShared() {
	p := w.plan
	name := p.sharedType()
	s, h := w.id("s"), w.id("h")
	text := "New" + name + " makes what the stages share, empty and zero."
	if p.mapsMemory() {
		text += " What it could not get from the operating system is the error of the run."
	}
	w.comment(text)
	w.file.Func().Id("New" + name).Params().Op("*").Id(name).BlockFunc(func(g *jen.Group) {
		g.Add(s).Op(":=").New(jen.Id(name))
		memory := jen.Nil()
		if p.mapsMemory() {
			memory = s.Clone().Dot("memory")
			g.Add(memory.Clone()).Op("=").Add(support("NewMapping")).Call(jen.Id(w.places()).Call().Op("..."))
		}
		if p.callsFromWorkers() {
			g.Add(h).Op(":=").Add(support("NewHub")).Call(w.knownErrors(), memory)
			g.Add(s.Clone()).Dot("hub").Op("=").Add(h.Clone())
		}
		for _, r := range p.Shared {
			w.makeResource(g, r)
		}
		for _, r := range p.offered() {
			w.offerResource(g, r)
		}
		for _, r := range p.Shared {
			w.guardResource(g, r)
		}
		g.Add(s.Clone()).Dot("sharing").Dot("open").Call()
		g.Return(s.Clone())
	})
}

// offered are the resources that workers call, or of which they may leave something held behind, in the order of
// their numbers: when a worker has ended, what a lock guards is given back before the lock is.
func (p *Plan) offered() (list []*Resource) {
	for _, locks := range []bool{false, true} {
		for _, r := range p.Shared {
			if r.isLock() == locks && r.InWorkers && r.Kind != spec.SharedCounter && r.Kind != spec.SharedArray {
				list = append(list, r)
			}
		}
	}
	return list
}

// callsFromWorkers says whether workers call this process for what they share.
func (p *Plan) callsFromWorkers() bool { return len(p.offered()) > 0 }

func (r *Resource) isLock() bool { return r.Kind == spec.SharedLock || r.Kind == spec.SharedRLock }

// places is the function that tells the sizes of what is mapped.
func (w *wiring) places() string { return w.own(lowerFirst(w.plan.Name) + "Places") }

// emitPlaces writes it.
func (w *wiring) emitPlaces() {
	var fields []string
	for _, r := range w.plan.mapped() {
		fields = append(fields, r.Field)
	}
	w.comment(w.places() + " are the sizes of what worker processes map, in bytes: " + strings.Join(fields, ", ") + ".")
	w.file.Func().Id(w.places()).Params().Index().Int().Block(jen.Return(jen.Index().Int().Custom(
		jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, w.sizes()...)))
}

// sizes are those sizes, in the order of the spec.
func (w *wiring) sizes() (sizes []jen.Code) {
	for _, r := range w.plan.mapped() {
		var size *jen.Statement
		switch r.Kind {
		case spec.SharedCounter:
			size = support("MappedCounterSize")
		case spec.SharedValue:
			size = w.generic("MappedValueSize", r).Call()
		case spec.SharedArray:
			size = w.generic("MappedArraySize", r).Call(jen.Lit(r.N))
		default:
			size = support("MappedLockSize")
		}
		sizes = append(sizes, size)
	}
	return sizes
}

// mapped are the resources that workers map, in the order of the spec.
func (p *Plan) mapped() (list []*Resource) {
	for _, r := range p.Shared {
		if r.InWorkers && r.Mapped() {
			list = append(list, r)
		}
	}
	return list
}

// inner is the local with the lock below a lock that is entered again, or with what serves workers beside the field.
func (w *wiring) inner(r *Resource) *jen.Statement {
	return w.idOf("resource "+r.Name, lowerFirst(r.Field))
}

// makeResource makes a resource of this process.
func (w *wiring) makeResource(g *jen.Group, r *Resource) {
	field := w.id("s").Dot(r.Field)
	memory, place := w.id("s").Dot("memory"), jen.Lit(slices.Index(w.plan.mapped(), r))
	set := func(value *jen.Statement) { g.Add(field.Clone()).Op("=").Add(value) }
	if r.InWorkers {
		switch r.Kind {
		case spec.SharedCounter:
			set(support("NewMappedCounter").Call(memory, place))
			return
		case spec.SharedValue:
			set(w.generic("NewMappedValue", r).Call(memory, place, jen.Lit(0)))
			return
		case spec.SharedArray:
			set(w.generic("NewMappedArray", r).Call(memory, place, jen.Lit(r.N)))
			return
		case spec.SharedLock:
			set(support("NewMappedLock").Call(memory, place))
			return
		case spec.SharedRLock:
			g.Add(w.inner(r)).Op(":=").Add(support("NewMappedLock")).Call(memory, place)
			set(support("NewReentrantLock").Call(w.inner(r)))
			return
		}
	}
	switch r.Kind {
	case spec.SharedCounter:
		set(jen.New(w.Std("sync/atomic", "Int64")))
	case spec.SharedLock:
		set(jen.New(w.Std("sync", "Mutex")))
	case spec.SharedRLock:
		set(support("NewReentrantLock").Call(jen.New(w.Std("sync", "Mutex"))))
	case spec.SharedValue:
		set(jen.New(w.generic("SharedValue", r)))
	case spec.SharedArray:
		set(w.generic("NewSharedArray", r).Call(jen.Lit(r.N)))
	default:
		var args []jen.Code
		switch r.Kind {
		case spec.SharedSemaphore, spec.SharedBarrier, spec.SharedQueue:
			args = append(args, jen.Lit(r.N))
		}
		local := w.generic("NewLocal"+kindName(r), r).Call(args...)
		if r.Kind != spec.SharedPipe && !r.InWorkers {
			set(local)
			return
		}
		g.Add(w.inner(r)).Op(":=").Add(local)
		if r.Kind == spec.SharedPipe {
			set(w.inner(r).Dot("callers"))
			g.Add(w.id("s")).Dot(stageEnd(r)).Op("=").Add(w.inner(r)).Dot("stages")
			return
		}
		set(w.inner(r))
	}
}

// offerResource lets workers use a resource.
func (w *wiring) offerResource(g *jen.Group, r *Resource) {
	service := w.id("s").Dot(r.Field)
	switch {
	case r.Kind == spec.SharedLock:
		service = service.Dot("service").Call()
	case r.Kind == spec.SharedRLock:
		service = w.inner(r).Dot("service").Call()
	case !r.Mapped():
		service = w.generic("New"+kindName(r)+"Service", r).Call(append([]jen.Code{w.inner(r)}, w.resourceCodecs(r)...)...)
	}
	g.Add(w.id("h")).Dot("offer").Call(jen.Lit(r.Name), service)
}

// guardResource says what becomes of a resource when its guard's owner ends.
func (w *wiring) guardResource(g *jen.Group, r *Resource) {
	if r.Guard == nil || !r.Guard.InWorkers {
		return // all who may own the guard are goroutines of this process
	}
	switch r.OnCrash {
	case ResetOnCrash:
		lock, guarded := w.id("s").Dot(r.Guard.Field), w.id("s").Dot(r.Field)
		if r.Guard.Kind == spec.SharedRLock {
			lock = w.inner(r.Guard)
		}
		if !r.Mapped() && r.InWorkers {
			guarded = w.inner(r)
		}
		g.Add(lock).Dot("resetOnLoss").Call(guarded.Dot("reset"))
	case FailOnCrash:
		g.Add(w.id("h")).Dot("failOnLoss").Call(jen.Lit(slices.Index(w.plan.offered(), r.Guard)), jen.Lit(r.Name))
	}
}

// resourceCodecs are how the resource's keys and elements cross.
func (w *wiring) resourceCodecs(r *Resource) (codecs []jen.Code) {
	for _, t := range []types.Type{r.Key, r.Elem} {
		if t != nil {
			encode, decode := w.codec(t, nil)
			codecs = append(codecs, encode, decode)
		}
	}
	return codecs
}

// emitCloseShared writes the destructor.
func (w *wiring) emitCloseShared() {
	p := w.plan
	text := "Close gives back what s has, when no run and nobody else uses it any more. Who waits in a queue or a pipe is told that it is closed."
	if p.mapsMemory() {
		text += " Counters and values can still be read; arrays are empty, and what Slice returned must not be touched."
	}
	s := w.id("s")
	w.methodOf(s, "*"+p.sharedType(), "Close", text).Params().Error().BlockFunc(func(g *jen.Group) {
		closes := s.Clone().Dot("sharing").Dot("close").Call()
		if !p.mapsMemory() && !slices.ContainsFunc(p.Shared, func(r *Resource) bool { return r.Kind == spec.SharedQueue || r.Kind == spec.SharedPipe }) {
			g.Add(closes)
			g.Return(jen.Nil())
			return
		}
		g.If(jen.Op("!").Add(closes)).Block(jen.Return(jen.Nil()))
		for _, r := range p.Shared {
			switch r.Kind {
			case spec.SharedQueue:
				g.Add(s.Clone()).Dot(r.Field).Dot("Close").Call()
			case spec.SharedPipe:
				g.Add(s.Clone()).Dot(r.Field).Dot("Close").Call()
				g.Add(s.Clone()).Dot(stageEnd(r)).Dot("Close").Call()
			}
		}
		if p.mapsMemory() {
			g.Return(s.Clone().Dot("memory").Dot("close").Call())
			return
		}
		g.Return(jen.Nil())
	})
}

// openShared is what makes a worker's part of the resources.
func (w *wiring) openShared() string { return w.own("open" + w.plan.sharedType()) }

// emitOpenShared writes what a worker process has of the resources.
func (w *wiring) emitOpenShared() {
	p := w.plan
	session, memory, calls := w.id("session"), w.id("memory"), w.id("calls")
	w.comment(w.openShared() + " is what a worker process has of it: the same memory, and for the rest calls of its parent.")
	w.file.Func().Id(w.openShared()).Params(session.Clone().Op("*").Add(support("Session"))).Op("*").Id(p.sharedType()).BlockFunc(func(g *jen.Group) {
		g.Add(w.id("s")).Op(":=").New(jen.Id(p.sharedType()))
		if p.mapsMemory() {
			g.Add(memory.Clone()).Op(":=").Add(session.Clone()).Dot("mapping").Call(jen.Id(w.places()).Call().Op("..."))
		}
		if p.callsFromWorkers() {
			g.Add(calls.Clone()).Op(":=").Add(session.Clone()).Dot("calls").Call()
		}
		for _, r := range p.Shared {
			if r.InWorkers {
				w.openResource(g, r, memory, calls)
			}
		}
		g.Return(w.id("s"))
	})
}

// openResource makes a worker's part of a resource.
func (w *wiring) openResource(g *jen.Group, r *Resource, memory, calls *jen.Statement) {
	place, number := jen.Lit(slices.Index(w.plan.mapped(), r)), jen.Lit(slices.Index(w.plan.offered(), r))
	field, value := r.Field, new(jen.Statement)
	switch r.Kind {
	case spec.SharedCounter:
		value = support("NewMappedCounter").Call(memory.Clone(), place)
	case spec.SharedValue:
		value = w.generic("NewMappedValue", r).Call(memory.Clone(), place, calls.Clone().Dot("party"))
	case spec.SharedArray:
		value = w.generic("NewMappedArray", r).Call(memory.Clone(), place, jen.Lit(r.N))
	case spec.SharedLock, spec.SharedRLock:
		value = support("NewRemoteLock").Call(memory.Clone(), place, calls.Clone(), number)
		if r.Kind == spec.SharedRLock {
			value = support("NewReentrantLock").Call(value)
		}
	case spec.SharedPipe:
		field = stageEnd(r)
		fallthrough
	default:
		value = w.generic("NewRemote"+kindName(r), r).Call(append([]jen.Code{calls.Clone(), number}, w.resourceCodecs(r)...)...)
	}
	g.Add(w.id("s")).Dot(field).Op("=").Add(value)
}

// beginShared gives the run what its stages share: the caller's, or its own.
func (w *wiring) beginShared(g *jen.Group) {
	p := w.plan
	if len(p.Shared) == 0 {
		return
	}
	shared := w.id("shared")
	name := p.sharedType()
	refuse := func(err *jen.Statement) {
		g.If(w.id("err").Op(":=").Add(err), w.id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), w.id("err")))
	}
	g.Add(shared).Op(":=").Add(w.id("p")).Dot("Shared")
	g.If(shared.Clone().Op("==").Nil()).Block(shared.Clone().Op("=").Id("New" + name).Call())
	refuse(shared.Clone().Dot("sharing").Dot("refuse").Call(jen.Lit(p.File.Pipeline.Value), jen.Lit("New"+name)))
	if p.mapsMemory() {
		failed := shared.Clone().Dot("memory").Dot("err")
		g.If(failed.Clone().Op("!=").Nil()).Block(jen.Return(jen.Nil(),
			w.Std("fmt", "Errorf").Call(jen.Lit(p.File.Pipeline.Value+": shared memory: %w"), failed)))
	}
}

// closeShared closes the run's own resources at its end.
func (w *wiring) closeShared(g *jen.Group) {
	if len(w.plan.Shared) == 0 {
		return
	}
	end := w.id("run").Dot("onEnd")
	g.If(w.id("p").Dot("Shared").Op("==").Nil()).Block(
		end.Clone().Op("=").Append(end.Clone(), jen.Func().Params().Block(jen.Id("_").Op("=").Add(w.id("shared")).Dot("Close").Call())))
}

// sharedFields are the fields of a fleet's config whose workers take resources.
func (w *wiring) sharedFields(stages []*Stage, maxItem, stats *jen.Statement) (fields []jen.Code) {
	if len(taken(stages)) == 0 {
		return nil
	}
	if !w.plan.callsFromWorkers() {
		return []jen.Code{key("shared", w.id("shared").Dot("memory"))}
	}
	fields = []jen.Code{key("shared", w.id("shared").Dot("hub")), key("maxItem", maxItem)}
	if w.plan.leavesBehind(stages) {
		fields = append(fields, key("lostLocks", jen.Op("&").Add(stats.Clone()).Dot("lostLocks")))
	}
	return fields
}

// leavesBehind says whether a worker of the stages may end while it holds something that others wait for.
func (p *Plan) leavesBehind(stages []*Stage) bool {
	offered := p.offered()
	return slices.ContainsFunc(taken(stages), func(r *Resource) bool { return slices.Contains(offered, r) })
}

// resource is the resource in a function's arguments.
func (w *wiring) resource(r *Resource) *jen.Statement {
	if r.Kind == spec.SharedPipe {
		return w.id("r").Dot("shared").Dot(stageEnd(r))
	}
	return w.id("r").Dot("shared").Dot(r.Field)
}
