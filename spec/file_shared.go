package spec

// ResourceKind is what a shared resource is; its string is the word in the spec.
type ResourceKind string

// The kinds of shared resources.
const (
	SharedCounter   ResourceKind = "counter"
	SharedValue     ResourceKind = "value"
	SharedArray     ResourceKind = "array"
	SharedLock      ResourceKind = "lock"
	SharedRLock     ResourceKind = "rlock"
	SharedSemaphore ResourceKind = "semaphore"
	SharedEvent     ResourceKind = "event"
	SharedCondition ResourceKind = "condition"
	SharedBarrier   ResourceKind = "barrier"
	SharedMap       ResourceKind = "map"
	SharedList      ResourceKind = "list"
	SharedQueue     ResourceKind = "queue"
	SharedPipe      ResourceKind = "pipe"
)

// Resource is one entry of shared.
type Resource struct {
	Name     Scalar[string]
	Kind     ResourceKind   // "" where the entry does not say, which is reported
	Key      Scalar[string] // K of a map: a Go type expression, as Elem is
	Elem     Scalar[string] // what value, array, map, list, queue and pipe hold
	N        Scalar[int]    // permits of a semaphore, parties of a barrier
	Len      Scalar[int]    // of an array
	Capacity Scalar[int]    // of a queue
	Guard    Scalar[string] // the lock or rlock that is held by whoever changes it
	OnCrash  Scalar[string] // "keep" (the default), "reset" or "fail"
	Span     Span           // the value of the entry
}
