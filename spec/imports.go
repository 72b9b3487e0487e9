package spec

import (
	"fmt"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// imports decodes a list of import paths or a mapping from alias to path.
func (d *decoder) imports(k *key, n *node) []Import {
	var imports []Import
	add := func(alias Scalar[string], n *node) {
		if n.kind == badNode {
			return
		}
		if n.kind != stringNode {
			d.report(CodeWrongKind, n.span, Diagnostic{
				Message: fmt.Sprintf("an import must be a path, not %s", describe(n)),
				Label:   "must be a path",
				Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
			})
			return
		}
		p, bad := checkImportPath(n.text)
		if bad != nil {
			d.report(bad.Code, n.span, *bad)
			return
		}
		if i := slices.IndexFunc(imports, func(i Import) bool { return i.Path.Value == p }); i >= 0 {
			d.report(CodeImport, n.span, Diagnostic{
				Message: fmt.Sprintf("%q is imported twice", p),
				Label:   "again here",
				Notes:   []string{fmt.Sprintf("%s: %q is here first", d.at(imports[i].Path.Span.Pos), p)},
				Help:    "remove one of the two",
			})
			return
		}
		imports = append(imports, Import{Alias: alias, Path: Scalar[string]{Value: p, Span: n.span}})
	}
	for _, item := range n.items {
		add(Scalar[string]{}, item)
	}
	for _, p := range n.pairs {
		if alias := p.key.text; !token.IsIdentifier(alias) || alias == "_" {
			d.report(CodeImport, p.key.span, Diagnostic{
				Message: fmt.Sprintf("%s cannot be the name of a package", quote(alias)),
				Label:   "not an alias",
				Help:    "write a Go identifier before the path: `imports: {thumb: example.com/app/thumbnail}`",
			})
			continue
		}
		add(Scalar[string]{Value: p.key.text, Span: p.key.span}, p.value)
	}
	return imports
}

// importElement is one element of an import path, with the characters that the go command allows in ASCII.
var importElement = regexp.MustCompile(`^[A-Za-z0-9_~+][A-Za-z0-9_~+.-]*$`)

// goPatterns are words that the go command takes for sets of packages, and cgo's package.
var goPatterns = []string{"all", "std", "cmd", "work", "tool", "C"}

// checkImportPath checks an import path. It accepts what the go command accepts in a source file and does
// not take for a pattern, a flag or a file.
func checkImportPath(text string) (string, *Diagnostic) {
	d := &Diagnostic{
		Code:    CodeImport,
		Message: fmt.Sprintf("%s is not an import path", quote(text)),
		Label:   "not an import path",
		Help:    `write the path as in Go source: "net/url", "example.com/app/fetch"`,
	}
	switch {
	case len(text) > maxGo:
		return "", d
	case strings.HasPrefix(text, ".") || path.IsAbs(text):
		d.Help = "write the package's full import path, beginning with the module's path; functions of the spec's own package need no import"
		return "", d
	case slices.Contains(goPatterns, text) || strings.Contains(text, "..."):
		d.Help = "write the path of one package"
		return "", d
	case strings.Contains(text, "://"):
		d.Help = "leave out the scheme: " + quote(text[strings.Index(text, "://")+3:])
		return "", d
	}
	for element := range strings.SplitSeq(text, "/") {
		if !importElement.MatchString(element) || strings.HasSuffix(element, ".") {
			return "", d
		}
	}
	return text, nil
}
