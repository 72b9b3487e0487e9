package spec

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value decodes n, the value of k, to where into points; nil means that the key's presence says it all.
func (d *decoder) value(k *key, n *node, into any) {
	if n.kind == badNode {
		return
	}
	if param, ok := d.dollar(k, n); ok {
		if param != "" {
			d.param(k, n, param, into)
		}
		return
	}
	if !k.accepts(n) {
		d.wrongKind(k, n)
		return
	}
	switch into := into.(type) {
	case nil:
	case *Scalar[int]:
		if v, ok := d.number(k, n); ok {
			*into = Scalar[int]{Value: v, Span: n.span}
		}
	case *Scalar[float64]:
		if v, ok := d.float(k, n); ok {
			*into = Scalar[float64]{Value: v, Span: n.span}
		}
	case *Scalar[bool]:
		*into = Scalar[bool]{Value: isTrue(n), Span: n.span}
	case *Scalar[time.Duration]:
		if v, ok := d.duration(k, n); ok {
			*into = Scalar[time.Duration]{Value: v, Span: n.span}
		}
	case *Scalar[string]:
		if v, ok := d.checked(k, n); ok {
			*into = Scalar[string]{Value: v, Span: n.span}
		}
	case *Count:
		if n.kind == stringNode {
			*into = Count{Auto: true, Span: n.span}
		} else if v, ok := d.number(k, n); ok {
			*into = Count{N: Scalar[int]{Value: v, Span: n.span}, Span: n.span}
		}
	case *Fuse:
		*into = Fuse{Span: n.span}
		if n.kind == stringNode {
			into.Auto = true
		} else {
			into.Value = Scalar[bool]{Value: isTrue(n), Span: n.span}
		}
	case *Ref:
		ref, bad := parseRef(n.text)
		if bad != nil {
			d.report(bad.Code, n.span, *bad)
			return
		}
		ref.Span = n.span
		*into = ref
	case *Literal:
		*into = literalOf(n)
	case *[]Scalar[string]:
		*into = d.names(k, n)
	case *[]Arg:
		*into = d.args(n)
	case **Batch:
		*into = &Batch{}
		decodeMapping(d, strconv.Quote(k.name), batchKeys, n, n.span, *into)
	case **Reduce:
		*into = &Reduce{}
		decodeMapping(d, strconv.Quote(k.name), reduceKeys, n, n.span, *into)
	case *Stage: // zip and join, whose function stands among their keys
		rows := zipKeys
		if k.name == "join" {
			rows = joinKeys
		}
		decodeMapping(d, strconv.Quote(k.name), rows, n, n.span, into)
	case *JoinSide:
		into.Span = n.span
		decodeMapping(d, strconv.Quote(k.name), joinSideKeys, n, n.span, into)
	case *[]Case:
		*into = d.cases(n)
	case **Queue:
		d.queue(k, n, part(into))
	case *Queue: // the capacity of a queue
		if n.kind == stringNode {
			into.Unlimited = true
		} else {
			d.value(k, n, &into.Capacity)
		}
	case *NamedQueue:
		d.namedQueue(k, n, into)
	case **FanOut:
		*into = d.fanOut(k, n)
	case **Retry:
		d.retry(k, n, part(into))
	case *Retry:
		d.retry(k, n, into)
	case **Backoff:
		*into = &Backoff{}
		decodeMapping(d, strconv.Quote(k.name), backoffKeys, n, n.span, *into)
	case **RateLimit:
		d.rateLimit(k, n, part(into))
	case *RateLimit: // the rate of a limit
		d.rate(k, n, into)
	case **State:
		*into = &State{Span: n.span}
		decodeMapping(d, strconv.Quote(k.name), stateKeys, n, n.span, *into)
	case *Scalar[int64]:
		if v, ok := d.size(k, n); ok {
			*into = Scalar[int64]{Value: v, Span: n.span}
		}
	case **Processes:
		*into = &Processes{Span: n.span}
		decodeMapping(d, strconv.Quote(k.name), processesKeys, n, n.span, *into)
	case *[]EnvVar:
		*into = d.env(n)
	case *EnvVar:
		into.Value = literalOf(n)
	case *Restart:
		decodeMapping(d, strconv.Quote(k.name), restartKeys, n, n.span, into)
	case *OnCrash:
		decodeMapping(d, strconv.Quote(k.name), onCrashKeys, n, n.span, into)
	case **Command:
		*into = d.command(k, n)
	case **DeadLetter:
		d.deadLetter(k, n, part(into))
	case *[]*NamedRetry:
		*into = d.retries(n)
	case *[]*NamedQueue:
		*into = d.queues(n)
	case *[]*Resource:
		*into = d.shared(n)
	case *Resource: // the types of a map
		d.mapTypes(k, n, into)
	case *[]Import:
		*into = d.imports(k, n)
	case *[]*Param:
		*into = d.params(n)
	case **Stage:
		*into = d.defaults(n)
	case *[]*Stage:
		*into = d.stages(n)
	default:
		panic(fmt.Sprintf("spec: no decoder for %T, the value of %q", into, k.name))
	}
}

// accepts says whether n has one of the kinds that k takes.
func (k *key) accepts(n *node) bool {
	switch n.kind {
	case boolNode:
		return k.kinds&(boolKind|literalKind) != 0 || k.kinds&wordKind != 0 && slices.Contains(k.words, n.text)
	case intNode:
		return k.kinds&(numberKind|floatKind|sizeKind|literalKind) != 0
	case floatNode:
		return k.kinds&(floatKind|literalKind) != 0
	case stringNode:
		if k.kinds&(nameKind|textKind|durationKind|rateKind|sizeKind|funcKind|typeKind|literalKind) != 0 {
			return true
		}
		return k.kinds&wordKind != 0 && slices.Contains(k.words, n.text)
	case listNode:
		return k.kinds&listKind != 0
	case mappingNode:
		return k.kinds&mappingKind != 0
	}
	return n.text != "" && k.kinds&literalKind != 0 // a null that is spelled
}

// wrongKind reports a value of a kind that k does not take.
func (d *decoder) wrongKind(k *key, n *node) {
	diag := Diagnostic{
		Message: fmt.Sprintf("%q must be %s, not %s", k.name, k.takes(), describe(n)),
		Label:   "must be " + k.takes(),
		Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
	}
	code := CodeWrongKind
	switch {
	case n.kind == nullNode:
		diag.Message = fmt.Sprintf("%q has no value; it must be %s", k.name, k.takes())
	case k.kinds&durationKind != 0 && (n.kind == intNode || n.kind == floatNode):
		code = CodeUnit
		diag.Message = fmt.Sprintf("%q is %s without a unit", k.name, n.text)
		diag.Label = "no unit"
		diag.Help = fmt.Sprintf("write `%s: %ss` if it is seconds; %v", k.name, n.text, errDurationUnits)
	case k.kinds&rateKind != 0 && (n.kind == intNode || n.kind == floatNode):
		code = CodeUnit
		diag.Message = fmt.Sprintf("%q is %s without a unit", k.name, n.text)
		diag.Label = "no unit"
		diag.Help = fmt.Sprintf("write `%s: %s/s` if it is for a second; %v", k.name, n.text, errRateUnits)
	case k.kinds&numberKind != 0 && n.kind == stringNode && n.quoted && scalarKind("!!int", n.text, false) == intNode:
		diag.Help = fmt.Sprintf("remove the quotes: `%s: %s`", k.name, n.text)
	case k.kinds&boolKind != 0 && n.kind == stringNode && n.quoted && (n.text == "true" || n.text == "false"):
		diag.Help = fmt.Sprintf("remove the quotes: `%s: %s`", k.name, n.text)
	case k.kinds&typeKind != 0 && n.kind == listNode:
		diag.Help = fmt.Sprintf("quote a Go type that begins with a bracket: `%s: \"[]byte\"`", k.name)
	case n.kind != listNode && n.kind != mappingNode && (k.kinds&textKind != 0 || k.kinds&nameKind != 0 && IsName(n.text)):
		diag.Help = fmt.Sprintf("quote it if it is meant: `%s: %q`", k.name, n.text)
	case k.name == "start" && n.kind == stringNode && n.text == "fork":
		code = CodeFork
		diag.Message = "worker processes cannot be forked"
		diag.Label = "not possible in Go"
		diag.Notes = []string{"a Go process has many threads, and only the one that forks lives on in the child: the garbage collector, the scheduler and every lock that another one holds would be lost"}
		diag.Help = "write `start: spawn`, which starts the program anew, or `start: forkserver`, which keeps a reserve of started and initialised processes"
	case k.kinds&wordKind != 0 && n.kind == stringNode:
		if meant, ok := suggestKey(n.text, k.words); ok {
			diag.Help = fmt.Sprintf("did you mean %q?", meant)
		}
	case k.kinds&mappingKind != 0 && n.kind == stringNode && k.name == "reduce":
		if _, bad := parseRef(n.text); bad == nil {
			diag.Help = fmt.Sprintf("write `reduce: {add: %s}`", n.text)
		}
	case k.name == "state" && n.kind == stringNode:
		if _, bad := parseRef(n.text); bad == nil {
			diag.Help = fmt.Sprintf("write `state: {new: %s}` if it makes the state", n.text)
		}
	case k.name == "queue" && n.kind == stringNode && n.text == "unlimited":
		diag.Help = "write `queue: {capacity: unlimited}`"
	case k.name == "processes" && n.kind == intNode:
		diag.Help = fmt.Sprintf("write `workers: %s`: a stage has as many processes as workers", n.text)
	case k.name == "command" && n.kind == stringNode:
		diag.Help = fmt.Sprintf("there is no shell to take it apart: write `command: [%s]`", printable(strings.Join(strings.Fields(n.text), ", ")))
	}
	d.report(code, n.span, diag)
}

// describe says what a value is: `a list`, `the text "five"`.
func describe(n *node) string {
	switch n.kind {
	case nullNode:
		return "nothing"
	case boolNode:
		return n.text
	case intNode, floatNode:
		return "the number " + n.text
	case stringNode:
		return "the text " + quote(n.text)
	case listNode:
		return "a list"
	}
	return "a mapping"
}

// isTrue says what a boolNode says. YAML has three spellings of each: true, True, TRUE.
func isTrue(n *node) bool { return strings.EqualFold(n.text, "true") }

// number decodes a whole number and checks its range.
func (d *decoder) number(k *key, n *node) (int, bool) {
	v, err := strconv.ParseInt(n.text, 0, 32)
	switch {
	case err != nil:
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s, which is out of range", k.name, n.text),
			Label:   "out of range",
			Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
		})
		return 0, false
	case int(v) < k.min:
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %d; the least is %d", k.name, v, k.min),
			Label:   "too small",
			Help:    fmt.Sprintf("write `%s: %d` or more", k.name, k.min),
		})
		return 0, false
	}
	return int(v), true
}

// float decodes a number that may have a fraction and checks its range.
func (d *decoder) float(k *key, n *node) (float64, bool) {
	v, err := parseFloat(n.kind == intNode, n.text)
	if err != nil || !k.holds(v) {
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s; it must be %s", k.name, n.text, k.number()),
			Label:   "out of range",
			Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
		})
		return 0, false
	}
	return v, true
}

// parseFloat reads a number as YAML writes it: whole numbers may have a base and underscores.
func parseFloat(whole bool, text string) (float64, error) {
	if whole {
		n, err := strconv.ParseInt(text, 0, 64)
		return float64(n), err
	}
	return strconv.ParseFloat(text, 64)
}

// duration decodes a duration, which is always more than zero.
func (d *decoder) duration(k *key, n *node) (time.Duration, bool) {
	v, err := ParseDuration(n.text)
	switch {
	case err != nil:
		d.report(CodeUnit, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s, which is no duration", k.name, quote(n.text)),
			Label:   "not a duration",
			Help:    fmt.Sprintf("write `%s`; %v", exampleLine(k), err),
		})
		return 0, false
	case v <= 0:
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s; it must be more than zero", k.name, n.text),
			Label:   "too small",
			Help:    fmt.Sprintf("remove it, or write `%s`", exampleLine(k)),
		})
		return 0, false
	}
	return v, true
}

// checked decodes text and checks it as the key's row says. Of text that is wrong it returns what is meant, where
// the check can tell.
func (d *decoder) checked(k *key, n *node) (string, bool) {
	if k.check == nil {
		return n.text, true
	}
	v, bad := k.check(n.text)
	if bad != nil {
		d.report(bad.Code, n.span, *bad)
	}
	return v, bad == nil || v != ""
}

// names decodes one name or a list of names, each of them once.
func (d *decoder) names(k *key, n *node) []Scalar[string] {
	items := n.items
	if n.kind == stringNode {
		items = []*node{n}
	} else if len(items) == 0 {
		d.report(CodeWrongKind, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is an empty list", k.name),
			Label:   "empty",
			Help:    fmt.Sprintf("write `%s`, or remove it", exampleLine(k)),
		})
	} else if k.items > 0 && len(items) != k.items {
		d.report(CodeWrongKind, n.span, Diagnostic{
			Message: fmt.Sprintf("%q must be a list of %d, not of %d", k.name, k.items, len(items)),
			Label:   fmt.Sprintf("must be %d", k.items),
			Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
		})
	}
	var names []Scalar[string]
	for _, item := range items {
		if item.kind == badNode {
			continue
		}
		if item.kind != stringNode {
			d.report(CodeWrongKind, item.span, Diagnostic{
				Message: fmt.Sprintf("an item of %q must be a name, not %s", k.name, describe(item)),
				Label:   "must be a name",
				Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
			})
			continue
		}
		v, ok := d.checked(k, item)
		if !ok {
			continue
		}
		if i := slices.IndexFunc(names, func(s Scalar[string]) bool { return s.Value == v }); i >= 0 {
			d.report(CodeDuplicateKey, item.span, Diagnostic{
				Message: fmt.Sprintf("%q names %q twice", k.name, v),
				Label:   "again here",
				Notes:   []string{fmt.Sprintf("%s: %q is here first", d.at(names[i].Span.Pos), v)},
				Help:    "remove one of the two",
			})
			continue
		}
		names = append(names, Scalar[string]{Value: v, Span: item.span})
	}
	return names
}

// args decodes the bindings of a function's parameters.
func (d *decoder) args(n *node) []Arg {
	value := &key{name: "args", kinds: literalKind | paramKind, example: "args: {limit: 10}"}
	var args []Arg
	for _, p := range n.pairs {
		if !token.IsIdentifier(p.key.text) || p.key.text == "_" {
			d.report(CodeName, p.key.span, Diagnostic{
				Message: fmt.Sprintf("%s is not the name of a Go parameter", quote(p.key.text)),
				Label:   "not a parameter",
				Help:    "write the parameter's name as it stands in the function's declaration",
			})
			continue
		}
		arg := Arg{Name: Scalar[string]{Value: p.key.text, Span: p.key.span}}
		value.name = p.key.text
		value.example = fmt.Sprintf("args: {%s: 10}", p.key.text)
		d.value(value, p.value, &arg.Value)
		if arg.Value.IsSet() {
			args = append(args, arg)
		}
	}
	return args
}

// literalOf decodes a scalar whose meaning depends on a Go type. Of text that begins with two dollars the
// first is dropped; what begins with one has been dealt with.
func literalOf(n *node) Literal {
	l := Literal{Text: n.text, Quoted: n.quoted, Span: n.span}
	switch n.kind {
	case nullNode:
		l.Kind = NullLit
	case boolNode:
		l.Kind = BoolLit
	case intNode:
		l.Kind = IntLit
	case floatNode:
		l.Kind = FloatLit
	default:
		l.Kind = StringLit
		if strings.HasPrefix(l.Text, "$$") {
			l.Text = l.Text[1:]
		}
	}
	return l
}
