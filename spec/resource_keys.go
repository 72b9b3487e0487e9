package spec

import "slices"

// A resourceRow is the row of a kind of shared resource, with what the manual says of it. In an entry of shared
// the row's key says what the kind must know: how many, or of what type.
type resourceRow struct {
	row[Resource]
	kind    ResourceKind
	plain   bool     // there is nothing to know: the kind itself may be the entry, found: counter
	methods []string // in Go; K, V and T stand for the types that the entry names
	threads string   // what it is between goroutines
	crossed string   // and between processes
}

// resourceRows are the kinds of shared resources, in the order of the manual.
var resourceRows = []resourceRow{
	{row[Resource]{key{name: "counter", kinds: wordKind, words: []string{"true"}, example: "counter: true",
		doc: "A number that several workers change. `Add` returns the new one."},
		plainResource}, SharedCounter, true,
		[]string{"Add(delta int64) int64", "Load() int64", "Store(n int64)", "CompareAndSwap(old, new int64) bool"},
		"`atomic.Int64`", "mapped memory"},
	{row[Resource]{key{name: "value", kinds: typeKind, check: checkGoType, example: "value: float64",
		doc: "One value of a type without pointers; readers never see half of it."},
		resourceElem}, SharedValue, false,
		[]string{"Load() T", "Store(v T)"},
		"one value behind a lock", "mapped memory"},
	{row[Resource]{key{name: "array", kinds: typeKind, check: checkGoType, example: "array: float64", needs: "len: 1024",
		doc: "So many values of a type without pointers. `Slice` is the memory itself, of no use after `Close`; nothing keeps two workers from changing one element at once but a lock."},
		resourceElem}, SharedArray, false,
		[]string{"Len() int", "At(i int) T", "Set(i int, v T)", "Slice() []T"},
		"a slice", "mapped memory"},
	{row[Resource]{key{name: "lock", kinds: wordKind, words: []string{"true"}, example: "lock: true",
		doc: "A mutual exclusion lock. `Lock` has no context: it waits until the lock is free. That of a worker process which has ended is freed."},
		plainResource}, SharedLock, true,
		[]string{"Lock()", "Unlock()", "TryLock() bool"},
		"`sync.Mutex`", "a word in mapped memory; who waits sleeps"},
	{row[Resource]{key{name: "rlock", kinds: wordKind, words: []string{"true"}, example: "rlock: true",
		doc: "A lock that the goroutine which holds it may take again, and gives back as often."},
		plainResource}, SharedRLock, true,
		[]string{"Lock()", "Unlock()", "TryLock() bool"},
		"a lock with an owner and a depth", "the same over mapped memory"},
	{row[Resource]{key{name: "semaphore", kinds: numberKind, min: 1, example: "semaphore: 4",
		doc: "So many permits. `Release` gives one back, which another worker may have acquired; one too many is a bug and panics."},
		resourceN}, SharedSemaphore, false,
		[]string{"Acquire(ctx context.Context) error", "TryAcquire() bool", "Release()"},
		"a count, and those who wait, first come, first served", "in this process, called by workers"},
	{row[Resource]{key{name: "event", kinds: wordKind, words: []string{"true"}, example: "event: true",
		doc: "Something that has happened or has not, for which workers wait. `Set` lets all go on that wait, also if `Clear` follows at once."},
		plainResource}, SharedEvent, true,
		[]string{"Set()", "Clear()", "IsSet() bool", "Wait(ctx context.Context) error"},
		"a flag, and those who wait for it", "in this process, called by workers"},
	{row[Resource]{key{name: "condition", kinds: wordKind, words: []string{"true"}, example: "condition: true",
		doc: "A lock with a place to wait until another worker says that something has changed. `Wait` gives the lock back while it waits and holds it again when it returns, with an error too. It belongs into a loop that looks whether there is something to do, for not everyone who is woken finds it: `for !ready() { if err := c.Wait(ctx); err != nil { return err } }`. `Unlock` and `Wait` panic without the lock."},
		plainResource}, SharedCondition, true,
		[]string{"Lock()", "Unlock()", "Wait(ctx context.Context) error", "Signal()", "Broadcast()"},
		"a lock, and those who wait, first come, first served", "in this process, called by workers"},
	{row[Resource]{key{name: "barrier", kinds: numberKind, min: 1, example: "barrier: 4",
		doc: "So many parties wait for each other, again and again. `index` is the order in which they came: 0 is the first. A context that ends while its party waits, `Abort`, and a worker process that dies while others wait break the barrier: then all who wait get an error that wraps the cause, and so does every `Wait` from then on. A broken barrier stays broken."},
		resourceN}, SharedBarrier, false,
		[]string{"Wait(ctx context.Context) (index int, err error)", "Abort()"},
		"a count of those who wait, used anew each time", "in this process, called by workers"},
	{row[Resource]{key{name: "map", kinds: listKind, items: 2, check: checkGoType, example: "map: [string, int]",
		doc: "A map from K to V. `Update` changes the value of one key at once: others who would change it wait while the function runs, in the worker that called. If the function panics nothing is changed. Changing the same map inside it panics, in a `Set` or another `Update` as well."},
		func(r *Resource) any { return r }}, SharedMap, false,
		[]string{"Get(key K) (value V, found bool)", "Set(key K, value V)", "Delete(key K)", "Len() int", "Update(key K, f func(value V, found bool) V)", "Snapshot() map[K]V"},
		"a map behind a lock", "in this process, called by workers"},
	{row[Resource]{key{name: "list", kinds: typeKind, check: checkGoType, example: "list: string",
		doc: "A list that grows. `Update` and `UpdateAll` change it at once, as `Update` of a map does, and nothing else changes the list meanwhile. `Pop` takes the last value. An index out of range panics, as that of a slice does."},
		resourceElem}, SharedList, false,
		[]string{"Len() int", "At(i int) T", "Set(i int, v T)", "Append(v ...T)", "Pop() (T, bool)", "Update(i int, f func(T) T)", "UpdateAll(f func([]T) []T)", "Snapshot() []T"},
		"a slice behind a lock", "in this process, called by workers"},
	{row[Resource]{key{name: "queue", kinds: typeKind, check: checkGoType, example: "queue: Task", needs: "capacity: 100",
		doc: "A queue that stages and the caller fill and empty themselves, beside the items of the pipeline. `Join` waits until each item that was put has been followed by a `Done`; one `Done` too many panics. A closed queue takes nothing more, `Put` returns `io.ErrClosedPipe`; what is in it can be got, and then `Get` returns `io.EOF`."},
		resourceElem}, SharedQueue, false,
		[]string{"Put(ctx context.Context, item T) error", "Get(ctx context.Context) (T, error)", "TryPut(item T) bool", "TryGet() (T, bool)", "Len() int", "Done()", "Join(ctx context.Context) error", "Close()"},
		"a ring", "in this process, called by workers"},
	{row[Resource]{key{name: "pipe", kinds: typeKind, check: checkGoType, example: "pipe: Msg",
		doc: "A way to and fro between the caller and one stage, which has one worker. It holds 64 messages each way; then `Send` waits. `Close` of either end closes both directions: `Send` returns `io.ErrClosedPipe`, and `Recv` what was sent before and then `io.EOF`. Nothing else closes it but `Close` of the resources, neither the end of the worker nor that of the run: a caller who receives while it runs does so with a context that ends with the run, or the stage closes its end."},
		resourceElem}, SharedPipe, false,
		[]string{"Send(ctx context.Context, v T) error", "Recv(ctx context.Context) (T, error)", "Close()"},
		"a queue each way", "through this process, called by the worker"},
}

func plainResource(*Resource) any  { return nil }
func resourceElem(r *Resource) any { return &r.Elem }
func resourceN(r *Resource) any    { return &r.N }

// A resourceKey is a key beside the kind of a shared resource.
type resourceKey struct {
	row[Resource]
	of  []ResourceKind // the kinds that take it
	why string         // of a required key: why it has no default
}

// guardedKinds are the resources that a lock can guard: those that hold something.
var guardedKinds = []ResourceKind{SharedCounter, SharedValue, SharedArray, SharedMap, SharedList, SharedQueue}

// resourceKeys are the keys beside the kind; a required one is so for the kinds that take it.
var resourceKeys = []resourceKey{
	{row[Resource]{key{name: "len", kinds: numberKind, min: 1, required: true, example: "len: 1024", needs: "array: float64",
		doc: "How many elements an array has."},
		func(r *Resource) any { return &r.Len }}, []ResourceKind{SharedArray}, "its memory is laid out at the start"},
	{row[Resource]{key{name: "capacity", kinds: numberKind, min: 1, required: true, example: "capacity: 100", needs: "queue: Task",
		doc: "How many items a queue holds before `Put` waits."},
		func(r *Resource) any { return &r.Capacity }}, []ResourceKind{SharedQueue}, "without a bound a queue grows until the memory ends, and which one is right only you know"},
	{row[Resource]{key{name: "guard", kinds: nameKind, check: checkName, example: "guard: out", needs: "value: float64",
		doc: "The `lock` or `rlock` of `shared` that workers hold while they change the resource. Nothing locks it for them: it says what may be in disorder when a worker process dies and holds the lock."},
		func(r *Resource) any { return &r.Guard }}, guardedKinds, ""},
	{row[Resource]{key{name: "on_crash", kinds: wordKind, words: []string{"keep", "reset", "fail"}, example: "on_crash: reset", needs: "value: float64\nguard: out",
		defaults: "keep",
		doc:      "With `guard`: what becomes of the resource then. `keep` leaves it as it is, `reset` makes it as new, `fail` ends the run. The lock is freed in any case, and the event logged and counted as `lost_locks`."},
		func(r *Resource) any { return &r.OnCrash }}, guardedKinds, ""},
}

// findResource returns the row of the kind with the given name, or nil.
func findResource(name string) *resourceRow {
	i := slices.IndexFunc(resourceRows, func(r resourceRow) bool { return r.name == name })
	if i < 0 {
		return nil
	}
	return &resourceRows[i]
}

// findResourceKey returns the row of a key beside the kind, or nil.
func findResourceKey(name string) *resourceKey {
	i := slices.IndexFunc(resourceKeys, func(r resourceKey) bool { return r.name == name })
	if i < 0 {
		return nil
	}
	return &resourceKeys[i]
}

// resourceKinds are the kinds as keys.
func resourceKinds() []*key {
	keys := make([]*key, len(resourceRows))
	for i := range resourceRows {
		keys[i] = &resourceRows[i].key
	}
	return keys
}

// resourceKeysOf returns the keys that stand beside a kind; all of them for "".
func resourceKeysOf(kind ResourceKind) []*key {
	var keys []*key
	for i := range resourceKeys {
		if k := &resourceKeys[i]; kind == "" || slices.Contains(k.of, kind) {
			keys = append(keys, &k.key)
		}
	}
	return keys
}

// Methods returns the methods of a resource, as they stand in a Go interface. K, V and T are the types that the
// entry names; context is the package of that name.
func (k ResourceKind) Methods() []string {
	if r := findResource(string(k)); r != nil {
		return slices.Clone(r.methods)
	}
	return nil
}

// ResourceKinds returns the kinds of shared resources, in the order of the manual.
func ResourceKinds() []ResourceKind {
	kinds := make([]ResourceKind, len(resourceRows))
	for i, r := range resourceRows {
		kinds[i] = r.kind
	}
	return kinds
}

// Holds says whether resources of the kind hold values of a type that the spec names.
func (k ResourceKind) Holds() bool {
	r := findResource(string(k))
	return r != nil && r.kinds&(typeKind|listKind) != 0
}
