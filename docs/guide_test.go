// Package docs holds the manual. Its test keeps the guide true: every spec in it is generated and built
// together with the Go code beside it.
package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/imports"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// section is what stands under one heading of the guide. Each that has a spec becomes a package.
type section struct {
	title string
	specs []string
	code  []string
}

var (
	heading = regexp.MustCompile(`^#+ (.*)`)
	// Declarations as they stand; anything else is the body of a function.
	declaration = regexp.MustCompile(`^(//|func|type|var|const) `)
)

// sections reads the headings and fenced blocks of a manual page.
func sections(text string) []section {
	var all []section
	fence := ""
	var block strings.Builder
	for line := range strings.Lines(text) {
		switch title := heading.FindStringSubmatch(line); {
		case fence == "" && title != nil:
			all = append(all, section{title: title[1]})
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = strings.TrimSpace(line[3:])
			block.Reset()
		case strings.HasPrefix(line, "```"):
			last := &all[len(all)-1]
			switch fence {
			case "yaml":
				last.specs = append(last.specs, block.String())
			case "go":
				last.code = append(last.code, block.String())
			}
			fence = ""
		case fence != "":
			block.WriteString(line)
		}
	}
	return all
}

// whole makes a spec of an excerpt that shows stages only.
func whole(excerpt string) string {
	if !strings.HasPrefix(excerpt, "- ") {
		return excerpt
	}
	return "version: 1\npipeline: guide\nstages:\n" + regexp.MustCompile(`(?m)^`).ReplaceAllString(strings.TrimSuffix(excerpt, "\n"), "  ") + "\n"
}

// source makes a Go file of a section's code. Code of modules other than the standard library is left out.
func source(t *testing.T, s section) []byte {
	t.Helper()
	text := "package guide\n"
	for i, code := range s.code {
		switch {
		case strings.Contains(code, "prometheus.") || strings.Contains(code, "attribute."):
		case declaration.MatchString(code):
			text += "\n" + code
		default:
			text += fmt.Sprintf("\nfunc example%d(ctx context.Context) error {\n%s\nreturn nil\n}\n", i, code)
		}
	}
	file, err := imports.Process("guide.go", []byte(text), nil)
	if err != nil {
		t.Fatalf("%s: %v\n%s", s.title, err, text)
	}
	return file
}

func TestGuideIsTrue(t *testing.T) {
	text, err := os.ReadFile("guide.md")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	write := func(path string, content []byte) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", []byte("module example.com/guide\n\ngo 1.26.0\n"))
	var files []*spec.File
	for i, s := range sections(string(text)) {
		if len(s.specs) > 1 {
			t.Errorf("section %q has %d specs; give each a heading", s.title, len(s.specs))
		}
		if len(s.specs) != 1 {
			continue
		}
		dir := fmt.Sprintf("section%02d", i)
		write(filepath.Join(dir, "guide.go"), source(t, s))
		file, diagnostics := spec.Parse(filepath.Join(dir, "guide.pipegen.yaml"), []byte(whole(s.specs[0])))
		for _, d := range diagnostics {
			t.Errorf("section %q: %s: %s (line %d)", s.title, d.Code, d.Message, d.Span.Line)
		}
		if file != nil {
			write(file.Name, file.Source)
			files = append(files, file)
		}
	}
	if len(files) < 10 {
		t.Fatalf("the guide has %d specs; its headings or fences are not what this test reads", len(files))
	}
	program, diagnostics, err := gen.Load(t.Context(), gen.LoadConfig{Dir: root}, files)
	if err != nil {
		t.Fatal(err)
	}
	plans, planned := gen.PlanAll(program, files)
	for _, d := range append(diagnostics, planned...) {
		t.Errorf("%s:%d: %s: %s", d.File, d.Span.Line, d.Code, d.Message)
	}
	generated, err := gen.Emit(plans)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range generated {
		write(file.Path, file.Content)
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = root
	if output, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, output)
	}
}
