package gen

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// assumedName is the package name that a reader, and goimports, expect of an import path: the last
// element without a version. In the standard library it is always the real one.
func assumedName(path string) string {
	elems := strings.Split(path, "/")
	last := elems[len(elems)-1]
	if isVersion(last) && len(elems) > 1 {
		last = elems[len(elems)-2]
	}
	last = strings.TrimPrefix(last, "go-")
	if i := strings.IndexFunc(last, notIdent); i >= 0 {
		last = last[:i]
	}
	return last
}

func isVersion(elem string) bool {
	digits, ok := strings.CutPrefix(elem, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func notIdent(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// pathPrefix is what tells a package from others of its name: the path element before the name's, "std"
// for a path of one.
func pathPrefix(path string) string {
	elems := strings.Split(path, "/")
	if isVersion(elems[len(elems)-1]) {
		elems = elems[:len(elems)-1]
	}
	if len(elems) < 2 {
		return "std"
	}
	prefix := strings.Map(func(r rune) rune {
		if notIdent(r) || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, elems[len(elems)-2])
	return cmp.Or(strings.TrimLeft(prefix, "0123456789"), "pkg")
}

// importable applies Go's rule for internal directories to an import of path by the package from.
func importable(path, from string) bool {
	elems := strings.Split(path, "/")
	if elems[0] == "vendor" { // the standard library's
		return false
	}
	for i, elem := range slices.Backward(elems) {
		if elem == "internal" {
			root := strings.Join(elems[:i], "/")
			std := !strings.Contains(elems[0], ".")
			return root == from || strings.HasPrefix(from, root+"/") && root != "" ||
				root == "" && std && !strings.Contains(from, ".")
		}
	}
	return true
}
