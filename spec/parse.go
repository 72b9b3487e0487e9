package spec

import (
	"fmt"
)

// Parse reads a spec. name is the path that diagnostics print; the file itself is not touched. The result
// is nil only where src is too large, no UTF-8 or no YAML mapping; otherwise it holds everything that could
// be decoded, beside diagnostics for everything that could not, sorted by position. It may be used to look
// for further problems, but must not be generated from if there are errors.
func Parse(name string, src []byte) (*File, Diagnostics) {
	var ds Diagnostics
	if len(src) > maxBytes {
		ds.Add(Diagnostic{
			Code: CodeLimit, File: name,
			Message: fmt.Sprintf("the spec has %d bytes", len(src)),
			Help:    fmt.Sprintf("a spec has at most %d KiB: is this the right file?", maxBytes>>10),
		})
		return nil, ds
	}
	t := newSourceText(name, src)
	if !t.checkCharacters(&ds) {
		return nil, ds
	}
	d := &decoder{name: name, ds: &ds}
	var file *File
	switch root := readYAML(t, &ds); {
	case root == nil || root.kind == badNode:
	case root.kind != mappingNode:
		d.report(CodeWrongKind, root.span, Diagnostic{
			Message: fmt.Sprintf("a spec must be a mapping, not %s", describe(root)),
			Label:   "not a mapping",
			Help:    `begin with "version: 1", "pipeline: name" and "stages:"`,
		})
	default:
		file = d.file(root)
		file.Name, file.Source = name, src
		file.Ignores = t.ignores(&ds)
		file.markIgnores(ds)
		ds = file.Silence(ds)
	}
	ds.Sort()
	return file, ds
}
