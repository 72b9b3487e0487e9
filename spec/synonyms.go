package spec

import (
	"slices"
	"strings"
)

// synonyms are words that people write for keys and words of the language because other tools have them.
var synonyms = map[string]string{
	// keys of stages
	"goroutines": "workers", "threads": "workers", "concurrency": "workers", "parallelism": "workers",
	"parallel": "workers", "replicas": "workers", "pool_size": "workers", "max_workers": "workers",
	"num_workers": "workers", "processes": "workers", "instances": "workers",
	"buffer": "queue", "buffer_size": "queue", "queue_size": "queue", "capacity": "queue", "maxsize": "queue", "backlog": "queue",
	"input": "from", "inputs": "from", "after": "from", "reads": "from", "depends_on": "from", "needs": "from", "upstream": "from",
	"id": "name", "label": "name",
	"deadline": "timeout", "parameters": "args", "arguments": "args", "with": "args", "options": "args",
	"errors": "on_error", "error": "on_error", "error_policy": "on_error", "preserve_order": "ordered", "order": "ordered",
	"look_ahead": "max_ahead", "lookahead": "max_ahead", "chunk_size": "chunk", "chunksize": "chunk", "inline": "fuse",
	// verbs
	"read": "source", "generate": "source", "generator": "source", "producer": "source", "produce": "source",
	"transform": "map", "apply": "map", "call": "map", "func": "map", "function": "map", "run": "map", "do": "map", "step": "map",
	"where": "filter", "select": "filter", "keep": "filter", "map_filter": "filter_map", "filtermap": "filter_map",
	"expand": "flat_map", "explode": "flat_map", "peek": "tap", "inspect": "tap", "each": "tap",
	"group": "batch", "window": "batch", "buffer_count": "batch", "flatten": "unbatch",
	"fold": "reduce", "aggregate": "reduce", "accumulate": "reduce",
	"write": "sink", "consume": "sink", "consumer": "sink", "output": "sink", "for_each": "sink", "foreach": "sink", "drain": "sink",
	// top level
	"name": "pipeline", "nodes": "stages", "steps": "stages", "tasks": "stages", "pipelines": "pipeline",
	"variables": "params", "vars": "params", "config": "params", "settings": "params",
	"description": "doc", "comment": "doc", "packages": "imports", "tags": "build", "build_tags": "build", "constraint": "build",
	// inside params, batch, reduce and queue
	"value": "default", "environment": "env", "kind": "type", "mandatory": "required",
	"count": "size", "length": "size", "max_size": "size", "max": "size", "every": "max_wait", "interval": "max_wait", "wait": "max_wait",
	"initial": "init", "seed": "init", "zero": "init", "combine": "merge", "group_by": "key", "by": "key",
	// words
	"ignore": "skip", "continue": "skip", "drop": "skip", "fail": "stop", "abort": "stop", "exit": "stop", "return": "yield", "emit": "yield",
	"unbounded": "unlimited", "infinite": "unlimited", "none": "unlimited",
}

// suggestKey returns the word of the language that was most likely meant, if it is among those allowed.
func suggestKey(word string, allowed []string) (string, bool) {
	if s := synonyms[strings.ToLower(word)]; s != "" && slices.Contains(allowed, s) {
		return s, true
	}
	return Suggest(word, allowed)
}
