// Package oracle holds generated pipelines against an interpreter of their plans.
//
// Random topologies, each a spec with the Go functions that it names, are planned, emitted and compiled into one
// program, which runs them under faults that a seed injects. What comes out is compared with what a sequential
// walk over the plan says must come out, as far as the spec guarantees it: the sequence where order is kept, the
// sequence of each key under partition_by, the multiset elsewhere, part of it where the run ends early; and, always,
// the conservation of items.
//
// All that happens follows from the seeds: that of a topology decides its spec and functions, that of a job which
// item meets what fault in which stage.
package oracle
