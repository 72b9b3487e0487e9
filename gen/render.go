package gen

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

// File returns an empty file of the user's package, to be filled and given to Render.
func (n *names) File() *jen.File {
	return jen.NewFile(n.pkg.Name())
}

// Render returns f formatted, with the imports that it uses: the standard library's first, as goimports
// groups them. Errors are those of names that could not be written, or of code that does not parse.
func (n *names) Render(f *jen.File) ([]byte, error) {
	if len(n.errs) > 0 {
		return nil, errors.Join(n.errs...)
	}
	for path, im := range n.imports {
		if im.explicit {
			f.ImportAlias(path, im.name)
		} else {
			f.ImportName(path, im.name)
		}
	}
	f.NoFormat = true // format's errors have a position, jennifer's have the whole file
	var buf bytes.Buffer
	if err := f.Render(&buf); err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", buf.Bytes(), parser.ParseComments)
	if err != nil {
		return nil, syntaxError(buf.Bytes(), err)
	}
	if err := n.checkPredeclared(file); err != nil {
		return nil, err
	}
	return format.Source(groupImports(fset, file, buf.Bytes()))
}

// checkPredeclared refuses a file that says, for example, len where the user's package declares its own.
func (n *names) checkPredeclared(file *ast.File) error {
	for _, id := range file.Unresolved {
		if types.Universe.Lookup(id.Name) != nil && n.pkg.Scope().Lookup(id.Name) != nil {
			return fmt.Errorf("package %s declares %s, which hides Go's predeclared %[2]s from the generated code", n.pkg.Name(), id.Name)
		}
	}
	return nil
}

// syntaxError says where generated code does not parse, with that line alone.
func syntaxError(src []byte, err error) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return err
	}
	line := ""
	if lines := bytes.Split(src, []byte("\n")); 0 < list[0].Pos.Line && list[0].Pos.Line <= len(lines) {
		line = strings.TrimSpace(string(lines[list[0].Pos.Line-1]))
	}
	return fmt.Errorf("generated code does not parse: line %d: %s: %s", list[0].Pos.Line, list[0].Msg, line)
}

// groupImports replaces jennifer's single import block by two groups, the standard library's first.
func groupImports(fset *token.FileSet, file *ast.File, src []byte) []byte {
	var groups [2][]*ast.ImportSpec
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		first, _, _ := strings.Cut(path, "/")
		i := 0
		if strings.Contains(first, ".") {
			i = 1
		}
		groups[i] = append(groups[i], spec)
	}
	if len(groups[0]) == 0 || len(groups[1]) == 0 {
		return src
	}
	var block bytes.Buffer
	block.WriteString("import (\n")
	for i, group := range groups {
		if i > 0 {
			block.WriteString("\n")
		}
		for _, spec := range group {
			if spec.Name != nil {
				block.WriteString(spec.Name.Name + " ")
			}
			block.WriteString(spec.Path.Value + "\n")
		}
	}
	block.WriteString(")")
	decl := file.Decls[0]
	start, end := fset.Position(decl.Pos()).Offset, fset.Position(decl.End()).Offset
	return slices.Concat(src[:start], block.Bytes(), src[end:])
}
