package gen

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/spec"
)

// The errors that keep their identity between processes: the package's own, those of the siblings that it uses
// anywhere, and those of the packages whose functions run in workers; nothing that only some systems have.
func TestKnownErrors(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/known\n\ngo 1.26\n",
		"own/own.go": `package own

import (
	"errors"
	"io"

	"example.com/known/store"
)

type status struct{ list []int }

func (status) Error() string { return "" }

type code int

func (*code) Error() string { return "" }

var (
	ErrOwn   = errors.New("own")
	errOther = ErrOwn
	errCode  = new(code)
	eof      = io.EOF
	list     = status{} // cannot be compared
	number   = 1
	_        = errors.New("nobody")
)

func Get(s string) (string, error) { return s, store.ErrMissing }
`,
		"own/own_windows.go": "package own\n\nimport \"example.com/known/registry\"\n\nvar errWindows = registry.ErrKey\n",
		"own/own_linux.go":   "package own\n\nimport \"example.com/known/registry\"\n\nvar errLinux = registry.ErrKey\n",
		"own/tagged.go":      "//go:build !windows\n\npackage own\n\nvar errTagged error\n",
		"store/store.go":     "package store\n\nimport \"errors\"\n\nvar (\n\tErrMissing = errors.New(\"missing\")\n\terrHidden error\n)\n",
		"registry/key.go":    "package registry\n\nimport \"errors\"\n\nvar ErrKey = errors.New(\"key\")\n",
	} {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	known := func(mode string) string {
		text := "version: 1\npipeline: sample\nmode: " + mode + "\nstages:\n  - map: Get\n  - map: strconv.Atoi\n"
		file, diags := spec.Parse("own/sample.pipegen.yaml", []byte(text))
		prog, loading, err := Load(context.Background(), LoadConfig{Dir: root}, []*spec.File{file})
		if err != nil || len(diags)+len(loading) > 0 {
			t.Fatal(err, diags, loading)
		}
		plans, diags := PlanAll(prog, []*spec.File{file})
		if len(plans) != 1 {
			t.Fatal(diags)
		}
		var names []string
		for _, v := range plans[0].Known {
			names = append(names, v.Pkg().Name()+"."+v.Name())
		}
		return strings.Join(names, " ")
	}
	if got, want := known("processes"), "own.ErrOwn own.eof own.errCode own.errOther store.ErrMissing strconv.ErrRange strconv.ErrSyntax"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := known("threads"); got != "" {
		t.Errorf("%s, and nothing crosses", got)
	}
}
