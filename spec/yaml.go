package spec

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The limits of a spec.
const (
	maxBytes = 256 << 10
	maxDepth = 32
	maxKeys  = 2000
)

// A node is a value of the spec: YAML without what the language leaves out.
type node struct {
	kind   nodeKind
	text   string // scalars: the value
	quoted bool   // scalars: written in quotes or as a block
	span   Span
	items  []*node // lists
	pairs  []pair  // mappings, in order, keys unique
}

// A pair is one entry of a mapping. The key is a scalar.
type pair struct {
	key, value *node
}

type nodeKind int

const (
	badNode nodeKind = iota // what was wrong is reported already
	nullNode
	boolNode
	intNode
	floatNode
	stringNode
	listNode
	mappingNode
)

// readYAML parses the one document of a spec. It returns nil where there is nothing to decode; the reason
// is among the problems then.
//
// yaml.v3 parses to nodes in linear time and does not expand aliases; what is quadratic or exponential in
// it is the decoding of nodes to Go values, which this package does itself and only below the limits.
func readYAML(t *sourceText, ds *Diagnostics) *node {
	lines, suspended := t.lines, map[Pos]bool{}
	doc, next, err := parseYAML(lines)
	if err != nil {
		if mended, at := t.quoteGoTypes(ds); mended != nil {
			lines, suspended = mended, at
			doc, next, err = parseYAML(lines)
		}
	}
	if err != nil {
		d := t.explainSyntax(err, lines)
		if !t.damaged[d.Span.Line] {
			ds.Add(d)
		}
		return nil
	}
	c := converter{text: t, ds: ds, suspended: suspended}
	if next != nil {
		c.report(CodeYAMLFeature, Diagnostic{
			Span:    t.span(next.Line, next.Column, 3),
			Message: "a second document begins here",
			Label:   "second document",
			Help:    "one file declares one pipeline: move the rest to a file of its own",
		})
	}
	if doc == nil || doc.Content[0].ShortTag() == "!!null" {
		c.report(CodeMissingKey, Diagnostic{
			Message: "the spec is empty",
			Help:    `begin with "version: 1", "pipeline: name" and "stages:"`,
		})
		return nil
	}
	return c.node(doc.Content[0], 1)
}

// A syntaxError is what yaml.v3 has to say about text that is no YAML.
type syntaxError struct {
	problem string // in yaml.v3's words
	line    int    // its line number, which may be too small; 0 where it has none
	read    int    // how many lines it had read: the problem is not below them
}

// parseYAML returns the first document of the stream, or nil, and the second, or nil.
func parseYAML(text []string) (first, second *yaml.Node, failed *syntaxError) {
	lines := &lineReader{lines: text}
	dec := yaml.NewDecoder(lines)
	decode := func() (*yaml.Node, error) {
		var n yaml.Node
		err := decodeNode(dec.Decode, &n)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return &n, err
	}
	first, err := decode()
	if err == nil && first != nil {
		second, err = decode()
	}
	if err != nil {
		problem, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
		if rest, ok := strings.CutPrefix(problem, "line "); ok {
			if digits, words, ok := strings.Cut(rest, ": "); ok {
				line, _ = strconv.Atoi(digits)
				problem = words
			}
		}
		return nil, nil, &syntaxError{problem: problem, line: line, read: lines.read}
	}
	return first, second, nil
}

// decodeNode calls decode, yaml.v3's, which panics where it finds a fault of its own: for whoever reads a
// spec that is an error in it like any other.
func decodeNode(decode func(any) error, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return decode(n)
}

// A lineReader hands out lines one by one, so that it is known how far a parser has read.
type lineReader struct {
	lines []string
	rest  string // of the line begun last, with its end
	read  int    // lines begun
}

func (r *lineReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.read == len(r.lines) {
			return 0, io.EOF
		}
		r.rest = r.lines[r.read] + "\n"
		r.read++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A converter turns YAML nodes into nodes of the language.
type converter struct {
	text      *sourceText
	ds        *Diagnostics
	suspended map[Pos]bool // values whose problem is reported already
}

func (c *converter) report(code string, d Diagnostic) *node {
	d.Code, d.File = code, c.text.name
	c.ds.Add(d)
	return &node{kind: badNode, span: d.Span}
}

// node converts n, which stands in depth-1 other collections.
func (c *converter) node(n *yaml.Node, depth int) *node {
	span := c.text.valueSpan(n.Line, n.Column, n.Value, n.Kind == yaml.ScalarNode)
	if c.suspended[span.Pos] || len(c.text.damaged) > 0 && strings.ContainsRune(n.Value, utf8.RuneError) {
		return &node{kind: badNode, span: span}
	}
	if n.Kind == yaml.AliasNode {
		return c.report(CodeYAMLFeature, Diagnostic{
			Span:    c.text.span(n.Line, n.Column, 1+len(n.Value)),
			Message: fmt.Sprintf("the YAML alias *%s", n.Value),
			Label:   "aliases are not part of the language",
			Help:    fmt.Sprintf(`if it is a Go type, quote it: "*%s"; what stages have in common goes under defaults`, n.Value),
		})
	}
	if n.Anchor != "" {
		c.report(CodeYAMLFeature, Diagnostic{
			Span:    c.text.span(n.Line, n.Column, 1+len(n.Anchor)),
			Message: fmt.Sprintf("the YAML anchor &%s", n.Anchor),
			Label:   "anchors are not part of the language",
			Help:    "remove it; what stages have in common goes under defaults",
		})
	}
	if n.Style&yaml.TaggedStyle != 0 {
		return c.report(CodeYAMLFeature, Diagnostic{
			Span:    c.text.span(n.Line, n.Column, 1),
			Message: fmt.Sprintf("the YAML tag %s", quote(n.Tag)),
			Label:   "tags are not part of the language",
			Help:    "remove the tag, and quote the value if it is text",
		})
	}
	if depth > maxDepth && n.Kind != yaml.ScalarNode {
		return c.report(CodeLimit, Diagnostic{
			Span:    span,
			Message: fmt.Sprintf("this value is nested more than %d levels deep", maxDepth),
			Label:   "too deep",
			Help:    "no value of the language is nested more than five levels deep",
		})
	}
	switch n.Kind {
	case yaml.SequenceNode:
		return c.list(n, span, depth)
	case yaml.MappingNode:
		return c.mapping(n, span, depth)
	}
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	return &node{kind: scalarKind(n.ShortTag(), n.Value, quoted), text: n.Value, quoted: quoted, span: span}
}

func (c *converter) list(n *yaml.Node, span Span, depth int) *node {
	l := &node{kind: listNode, span: span}
	for _, item := range n.Content {
		l.items = append(l.items, c.node(item, depth+1))
	}
	return l
}

func (c *converter) mapping(n *yaml.Node, span Span, depth int) *node {
	if len(n.Content)/2 > maxKeys {
		over := n.Content[2*maxKeys]
		return c.report(CodeLimit, Diagnostic{
			Span:    c.text.valueSpan(over.Line, over.Column, over.Value, true),
			Message: fmt.Sprintf("this mapping has %d keys", len(n.Content)/2),
			Label:   fmt.Sprintf("key %d", maxKeys+1),
			Help:    fmt.Sprintf("a mapping has at most %d keys", maxKeys),
		})
	}
	m := &node{kind: mappingNode, span: span}
	first := map[string]Span{}
	for i := 0; i < len(n.Content); i += 2 {
		k := c.node(n.Content[i], depth+1)
		switch {
		case n.Content[i].ShortTag() == "!!merge":
			c.report(CodeYAMLFeature, Diagnostic{
				Span:    k.span,
				Message: "the YAML merge key <<",
				Label:   "merge keys are not part of the language",
				Help:    "write the keys out; what stages have in common goes under defaults",
			})
			continue
		case k.kind == badNode:
			continue
		case k.kind == listNode || k.kind == mappingNode:
			c.report(CodeWrongKind, Diagnostic{
				Span:    k.span,
				Message: fmt.Sprintf("a key must be a word, not %s", describe(k)),
				Label:   "not a key",
				Help:    "quote the text if it contains [ ] { } or commas",
			})
			continue
		}
		if at, ok := first[k.text]; ok {
			c.report(CodeDuplicateKey, Diagnostic{
				Span:    k.span,
				Message: fmt.Sprintf("duplicate key %s", quote(k.text)),
				Label:   "again here",
				Notes:   []string{fmt.Sprintf("%s:%d:%d: %s is here first", c.text.name, at.Line, at.Col, quote(k.text))},
				Help:    "remove one of the two",
			})
			continue
		}
		first[k.text] = k.span
		v := c.node(n.Content[i+1], depth+1)
		if v.kind == nullNode && v.text == "" {
			v.span = k.span // an absent value has no place of its own
		}
		m.pairs = append(m.pairs, pair{k, v})
	}
	return m
}

// scalarKind says what a scalar is. Numbers that people read in different ways, such as 017, and those that
// are none in Go, such as .inf, are text.
func scalarKind(tag, value string, quoted bool) nodeKind {
	if quoted {
		return stringNode
	}
	switch tag {
	case "!!null":
		return nullNode
	case "!!bool":
		return boolNode
	case "!!int", "!!float":
		digits := strings.TrimLeft(value, "+-")
		octal := len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0123456789_") == ""
		if len(value) > 64 || octal {
			return stringNode
		}
		if _, ok := new(big.Int).SetString(value, 0); ok {
			return intNode
		}
		if _, err := strconv.ParseFloat(value, 64); err == nil && strings.ContainsAny(value, "0123456789") {
			return floatNode
		}
	}
	return stringNode
}
