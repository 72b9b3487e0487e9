/*
Pipegen turns a declared pipeline into ordinary Go code.

A spec, fetch.pipegen.yaml, names Go functions and says how items flow between them. Pipegen reads the
functions' signatures, checks them end to end as the compiler would, and writes fetch_pipegen.go (typed
wiring, short enough to review) and pipegen_support.go (what the wiring of the package has in common)
beside the spec.

# Goals

  - What the spec says is what runs: a wrong name, type, key or graph is an error before anything is
    written, with its place, its reason and what to do about it.
  - Generated code reads like hand-written code, imports the standard library and your own packages,
    and nothing of pipegen.
  - The same specs and signatures give the same bytes on any machine, so generated files are committed and
    "pipegen check" keeps them honest.

# Non-goals

  - No runtime: there is no library to import, no registry, no reflection, no scheduler.
  - No formatter, editor or build system: pipegen reads specs and Go signatures and writes two kinds of files.
  - Pipegen never builds or runs the code it reads, unless "run" is asked for.

# Usage

	pipegen [generate] [PATH...]
	pipegen check [PATH...]
	pipegen vet [PATH...]
	pipegen run DIR|SPEC [-- args...]
	pipegen explain SPEC
	pipegen version

A PATH is a spec, a directory, or dir/... for a whole tree, in which vendor, testdata and directories
whose names begin with a dot or an underscore are skipped and nested modules are entered. Without a PATH
it is the current directory, so that a package needs one line:

	//go:generate go tool pipegen

All specs of a directory share one support file. A spec therefore stands for its package: naming one
looks at its siblings too.

Generate writes the files whose content changes, each atomically, and says on stderr which. If any spec has
an error, nothing is written. A file that does not carry pipegen's header is never overwritten, and
nothing is ever written through a symbolic link. A generated file whose spec is gone is removed.

Check writes nothing. It prints what generate would change as a unified diff and names the command that does
it. Line endings do not count.

Vet reports errors and warnings of specs against the Go code and writes nothing. It alone looks into the bodies
of functions.

Run generates, builds the program to a temporary file and runs it with the arguments. Signals are
passed on, and the exit status is the program's.

Explain prints the plan in words: how many goroutines run what, which queue stands where and how long it
gets, what is fused, what bounds the memory, what is guaranteed.

# Flags

	-C dir        change to dir first
	-tags list    build tags, as for go build
	-format f     diagnostics and staleness for a human (on stderr), or as json or github
	              workflow commands (on stdout)
	-full         check: do not cut long diffs
	-werror       vet: warnings are failures

Colour is used on a terminal only, and never where NO_COLOR is set.

# Exit status

	0    done; check: everything is fresh
	1    check: something is stale; vet -werror: there are warnings
	2    a spec has an error, or the command could not be carried out
	n    run: the program's own, 128+signal if a signal ended it

docs/commands.md describes each command in full.
*/
package main
