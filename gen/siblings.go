package gen

import (
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// surroundings are what the generated code of worker processes may mention besides what the spec names.
type surroundings struct {
	files    map[string]bool // the package's, absolute
	siblings []string        // packages of the module, with the given path, that these files import; sorted
}

// surroundings looks around p, function bodies included. It leaves out files that only some systems build:
// generated code is for all.
func (p *goPackage) surroundings(fset *token.FileSet, modPath string, env *goEnv) surroundings {
	s := surroundings{files: make(map[string]bool)}
	for _, f := range p.files {
		name := fset.Position(f.Package).Filename
		if !env.everywhere(name) {
			continue
		}
		s.files[name] = true
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err == nil && isImportPath(path) && (path == modPath || strings.HasPrefix(path, modPath+"/")) {
				s.siblings = append(s.siblings, path)
			}
		}
	}
	slices.Sort(s.siblings)
	s.siblings = slices.Compact(s.siblings)
	return s
}

// everywhere says whether a file that belongs to the build here does so on systems that have little in common.
func (e *goEnv) everywhere(name string) bool {
	for _, system := range []string{"linux", "windows", "plan9"} {
		other := e.Context
		other.GOOS, other.GOARCH, other.CgoEnabled = system, "386", false
		if match, err := other.MatchFile(filepath.Dir(name), filepath.Base(name)); !match || err != nil {
			return false
		}
	}
	return true
}
