package spec

import (
	"slices"
	"strings"
)

// synonyms are words that people write for keys and words of the language because other tools have them. Where
// a word may stand for several, the first that is allowed at the place is meant.
var synonyms = map[string]string{
	// keys of stages
	"goroutines": "workers threads", "threads": "workers", "concurrency": "workers", "parallelism": "workers",
	"parallel": "workers", "replicas": "workers", "pool_size": "workers", "max_workers": "workers",
	"num_workers": "workers", "num_processes": "workers", "instances": "workers",
	"buffer": "queue", "buffer_size": "queue", "queue_size": "queue", "capacity": "queue", "maxsize": "queue capacity", "backlog": "queue",
	"input": "from inputs", "inputs": "from", "sources": "inputs", "after": "from", "reads": "from", "depends_on": "from", "needs": "from", "upstream": "from",
	"id": "name", "label": "name",
	"into": "to", "send_to": "to", "writes": "to", "downstream": "to",
	"tee": "fan_out", "broadcast": "fan_out", "fanout": "fan_out", "distribute": "fan_out", "load_balance": "fan_out round_robin",
	"shard_by": "partition_by", "partition": "partition_by", "partition_key": "partition_by", "key_by": "partition_by", "sharding": "partition_by", "affinity": "partition_by",
	"attempts": "max_attempts retry", "tries": "max_attempts retry", "max_tries": "max_attempts retry", "max_retries": "max_attempts retry", "retry_policy": "retry", "max": "max_attempts size",
	"throttle": "rate_limit", "rate": "rate_limit", "limit": "rate_limit capacity", "limiter": "rate_limit", "qps": "rate_limit", "rps": "rate_limit", "max_rate": "rate_limit",
	"init": "state new", "setup": "state new", "resource": "state", "context": "state", "factory": "new", "create": "new", "constructor": "new",
	"deadline": "timeout", "parameters": "args", "arguments": "args", "with": "args", "options": "args",
	"errors": "on_error", "error": "on_error", "error_policy": "on_error", "preserve_order": "ordered", "order": "ordered",
	"look_ahead": "max_ahead", "lookahead": "max_ahead", "chunk_size": "chunk", "chunksize": "chunk", "inline": "fuse",
	// of worker processes
	"multiprocessing": "processes", "process": "processes", "subprocess": "processes", "supervisor": "processes",
	"program": "command", "cmd": "command", "exec": "command", "executable": "command", "argv": "command", "script": "command",
	"encoding": "codec", "serializer": "codec", "pickle": "codec", "initializer": "state new",
	"start_method": "start", "method": "start", "spares": "spare", "reserve": "spare", "env_vars": "env", "max_tasks_per_child": "recycle_after", "maxtasksperchild": "recycle_after", "max_items_per_worker": "recycle_after",
	"memory": "memory_limit", "max_memory": "memory_limit", "rss_limit": "memory_limit", "restarts": "restart max_restarts", "intensity": "max_restarts", "period": "within",
	"on_failure": "on_crash on_error", "crash": "on_crash", "inflight": "in_flight", "ping": "heartbeat", "keepalive": "heartbeat", "grace_period": "shutdown_timeout", "kill_after": "shutdown_timeout",
	"max_item_size": "max_item", "max_message": "max_item", "depth": "max_depth", "nesting": "max_depth", "per_process": "process",
	// inside switch, join, queue, retry and rate_limit
	"otherwise": "default", "else": "default", "fallback": "default", "case": "cases switch", "routes": "cases", "branches": "cases", "ports": "cases",
	"combine": "merge with", "on": "key", "window_size": "max_items", "keep_last": "max_items",
	"overflow": "on_full", "policy": "on_full retry", "full": "on_full", "when_full": "on_full", "strategy": "on_full", "order_by": "key",
	"cycle": "feedback", "loop": "feedback", "recursive": "feedback",
	"delay": "backoff initial", "sleep": "backoff", "retry_if": "when", "if": "when", "on_errors": "when", "factor": "multiplier", "max_delay": "max", "base": "initial", "random": "jitter",
	"key": "per partition_by", "per_key": "per", "requests": "rate", "handler": "func", "shared": "pipeline", "global": "pipeline", "singleton": "pipeline", "per_worker": "worker", "thread": "worker",
	// keys that stand one level deeper
	"on_full": "queue", "backoff": "retry", "max_attempts": "retry", "when": "retry", "burst": "rate_limit", "new": "state", "scope": "state",
	// of shared resources
	"mutex": "lock", "rwlock": "lock", "reentrant_lock": "rlock", "recursive_lock": "rlock", "bounded_semaphore": "semaphore", "permits": "semaphore",
	"atomic": "counter", "int": "counter value", "number": "counter value", "var": "value", "variable": "value", "slice": "array list", "dict": "map", "mapping": "map",
	"cond": "condition", "signal": "event", "flag": "event", "parties": "barrier", "channel": "queue", "chan": "queue", "connection": "pipe", "socket": "pipe", "shared_memory": "array value",
	"resources": "shared", "shared_state": "shared", "manager": "shared", "globals": "shared", "guarded_by": "guard", "protected_by": "guard",
	// verbs
	"route": "switch", "router": "switch", "branch": "switch", "dispatch": "switch", "match": "switch", "choose": "switch", "split": "switch flat_map",
	"pair": "zip", "combine_latest": "zip", "lookup": "join", "inner_join": "join", "merge": "join", "correlate": "join",
	"read": "source", "generate": "source", "generator": "source", "producer": "source", "produce": "source",
	"transform": "map", "apply": "map", "call": "map", "func": "map", "function": "map func with", "run": "map", "do": "map", "step": "map",
	"where": "filter", "select": "filter", "keep": "filter", "map_filter": "filter_map", "filtermap": "filter_map",
	"expand": "flat_map", "explode": "flat_map", "peek": "tap", "inspect": "tap", "each": "tap",
	"group": "batch", "window": "batch", "buffer_count": "batch", "flatten": "unbatch",
	"fold": "reduce", "aggregate": "reduce", "accumulate": "reduce",
	"write": "sink", "consume": "sink", "consumer": "sink", "output": "sink", "for_each": "sink", "foreach": "sink", "drain": "sink",
	// top level
	"dlq": "dead_letter", "deadletter": "dead_letter", "dead_letters": "dead_letter", "dead_letter_queue": "dead_letter",
	"retry": "retries", "retry_policies": "retries", "policies": "retries", "channels": "queues", "topics": "queues", "runtime": "mode", "backend": "mode", "executor": "mode",
	"name": "pipeline", "nodes": "stages", "steps": "stages", "tasks": "stages", "pipelines": "pipeline",
	"variables": "params", "vars": "params", "config": "params", "settings": "params",
	"description": "doc", "comment": "doc", "packages": "imports", "tags": "build", "build_tags": "build", "constraint": "build",
	// inside params, batch, reduce and queue
	"value": "default", "environment": "env", "kind": "type", "priority": "key", "mandatory": "required",
	"count": "size", "length": "size len", "max_size": "size", "every": "max_wait", "interval": "max_wait", "wait": "max_wait backoff",
	"initial": "init", "seed": "init", "zero": "init", "group_by": "key", "by": "key",
	// words
	"ignore": "skip", "continue": "skip", "drop": "skip drop_newest", "fail": "stop", "abort": "stop fail", "exit": "stop", "raise": "stop fail", "return": "yield", "emit": "yield",
	"discard": "skip drop_newest", "drop_new": "drop_newest", "drop_old": "drop_oldest", "drop_head": "drop_oldest", "drop_tail": "drop_newest", "overwrite": "drop_oldest", "ring": "drop_oldest",
	"stack": "lifo", "heap": "priority", "sorted": "priority", "all": "broadcast", "copy": "broadcast", "duplicate": "broadcast", "roundrobin": "round_robin", "rr": "round_robin", "balance": "round_robin",
	"async": "threads", "local": "threads",
	"unbounded": "unlimited", "infinite": "unlimited", "none": "unlimited",
}

// suggestKey returns the word of the language that was most likely meant, if it is among those allowed.
func suggestKey(word string, allowed []string) (string, bool) {
	for meant := range strings.FieldsSeq(synonyms[strings.ToLower(word)]) {
		if slices.Contains(allowed, meant) {
			return meant, true
		}
	}
	return Suggest(word, allowed)
}
