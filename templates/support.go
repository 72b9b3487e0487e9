// Package templates holds the support code of generated pipelines: ordinary Go packages, tested where they
// stand, from which the declarations that a user's package needs are copied into its pipegen_support.go.
//
// Copying works on whole declarations. An index, made by a type checker (package index), says for each of
// them which names it uses and at which bytes; [Support] closes over it from the names that the wiring
// mentions, as a linker does, and copies the original text under new names.
package templates

//go:generate go run ./internal/genindex

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/templates/internal/index"
)

// Support returns the text of pipegen_support.go for a package of the given name: the declarations that the
// given wiring files (the sources of the package's *_pipegen.go) need, all of those and nothing else. It
// returns nil when they need none.
//
// Declared are the package-level names of the user's own files. An import that has one of these names gets
// another; where one hides a predeclared identifier that the text uses, Support returns an error. A name of
// the wiring that begins with "pipegen" and is no declaration of the templates is an error too.
func Support(pkgName string, wirings [][]byte, declared ...string) ([]byte, error) {
	return newSplicer(decls, sources).support(pkgName, wirings, declared)
}

// splicer selects declarations of the index.
type splicer struct {
	decls     []index.Decl
	sources   fs.FS
	byName    map[string]int    // package-level name → position in decls
	copies    map[string]string // name of the copy → package-level name
	methods   map[string][]int  // receiver type → its methods
	live      map[int]bool
	called    map[string]bool // "T.m": methods that live code uses
	selectors map[string]bool // methods that the wiring may use, or live code through an interface
}

func newSplicer(decls []index.Decl, sources fs.FS) *splicer {
	s := &splicer{
		decls:     decls,
		sources:   sources,
		byName:    make(map[string]int),
		copies:    make(map[string]string),
		methods:   make(map[string][]int),
		live:      make(map[int]bool),
		called:    make(map[string]bool),
		selectors: make(map[string]bool),
	}
	for i, d := range decls {
		if d.Recv != "" {
			s.methods[d.Recv] = append(s.methods[d.Recv], i)
			continue
		}
		for _, name := range d.Names {
			if name == "_" {
				continue
			}
			s.byName[name] = i
			s.copies[index.Spliced(name)] = name
		}
	}
	return s
}

func (s *splicer) support(pkgName string, wirings [][]byte, declared []string) ([]byte, error) {
	if err := s.roots(wirings); err != nil {
		return nil, err
	}
	if len(s.live) == 0 {
		return nil, nil
	}
	s.methodsOfLiveTypes()
	out, err := s.splice(pkgName, declared)
	if err != nil {
		return nil, err
	}
	if err := checkPredeclared(out, declared); err != nil {
		return nil, err
	}
	return out, nil
}

// roots makes live what the wiring names.
func (s *splicer) roots(wirings [][]byte) error {
	own := make(map[string]bool)
	var names []string
	for _, src := range wirings {
		file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("wiring does not parse: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if strings.HasPrefix(n.Name, index.Prefix) {
					names = append(names, n.Name)
				}
			case *ast.SelectorExpr:
				s.selectors[n.Sel.Name] = true
			case *ast.InterfaceType:
				for _, m := range n.Methods.List {
					for _, id := range m.Names {
						s.selectors[id.Name] = true
					}
				}
			}
			return true
		})
		for _, decl := range file.Decls {
			for _, name := range declaredBy(decl) {
				own[name] = true
			}
		}
	}
	for _, name := range names {
		original, ok := s.copies[name]
		switch {
		case ok:
			s.keep(s.byName[original])
		case !own[name]:
			return fmt.Errorf("wiring uses %s, which no support template declares", name)
		}
	}
	return nil
}

// keep makes a declaration live, with all that it refers to.
func (s *splicer) keep(i int) {
	if s.live[i] {
		return
	}
	s.live[i] = true
	for _, method := range s.decls[i].Methods {
		s.called[method] = true
	}
	for _, name := range s.decls[i].Selectors {
		s.selectors[name] = true
	}
	for _, name := range s.decls[i].Refs {
		s.keep(s.byName[name])
	}
}

// methodsOfLiveTypes keeps the methods of live types that may be called, until nothing is added: what live
// code calls, what has the name of something that the wiring or an interface calls, and what the standard
// library may call.
func (s *splicer) methodsOfLiveTypes() {
	for before := -1; before != len(s.live); {
		before = len(s.live)
		for recv, methods := range s.methods {
			if !s.live[s.byName[recv]] {
				continue
			}
			for _, m := range methods {
				name := s.decls[m].Names[0]
				if s.called[recv+"."+name] || s.selectors[name] || ast.IsExported(name) {
					s.keep(m)
				}
			}
		}
	}
}

// checkPredeclared refuses text that says, for example, len in a package that declares its own.
func checkPredeclared(src []byte, declared []string) error {
	if len(declared) == 0 {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return err
	}
	for _, id := range file.Unresolved {
		if types.Universe.Lookup(id.Name) != nil && slices.Contains(declared, id.Name) {
			return fmt.Errorf("package %s declares %s, which hides Go's predeclared %[2]s from the generated code", file.Name.Name, id.Name)
		}
	}
	return nil
}

func declaredBy(decl ast.Decl) []string {
	var names []string
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, id := range s.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}
