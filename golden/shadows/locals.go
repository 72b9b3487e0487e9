package shadows

// What generated code would like to call its own variables, parameters and fields.
const (
	run, stats, group, source, order = 1, 2, 3, 4, 5
	w, in, out, r, p, e, i           = 1, 2, 3, 4, 5, 6, 7
	yield, item, key, index, ok, at  = 1, 2, 3, 4, 5, 6
	over, halted, call, callCtx      = 1, 2, 3, 4
	params, pool, future, tasks      = 1, 2, 3, 4
)

// sum keeps them from being unused.
const sum = run + stats + group + source + order + w + in + out + r + p + e + i + yield + item + key + index + ok + at +
	over + halted + call + callCtx + params + pool + future + tasks

var _ = sum
