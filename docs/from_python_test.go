package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example is a link to a directory with what a section is about.
var example = regexp.MustCompile(`\]\(\.\./(examples/[^)]+)\)`)

var pythonBlock = regexp.MustCompile("(?ms)^```python\n(.*?)^```$")

// What the page for those who come from Python shows of specs and code stands in the examples that it links to: the lines
// of each block, in their order, perhaps with others between them and with comments behind them. What it shows of Python
// stands in the programs in the directory that PIPEGEN_SEED names.
func TestFromPythonIsTrue(t *testing.T) {
	text, err := os.ReadFile("from-python.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, part := range regexp.MustCompile(`(?m)^##+ `).Split(string(text), -1)[1:] {
		title, _, _ := strings.Cut(part, "\n")
		page := sections("# " + part)
		if len(page) != 1 {
			t.Fatalf("section %q: %d headings", title, len(page))
		}
		var dirs []string
		for _, link := range example.FindAllStringSubmatch(part, -1) {
			dirs = append(dirs, filepath.Join("..", link[1]))
		}
		if python := os.Getenv("PIPEGEN_SEED"); python != "" {
			for _, excerpt := range pythonBlock.FindAllStringSubmatch(part, -1) {
				if !stands(t, excerpt[1], []string{python}, "*.py") {
					t.Errorf("section %q: no program in %s has these lines:\n%s", title, python, excerpt[1])
				}
			}
		}
		for glob, excerpts := range map[string][]string{"*.pipegen.yaml": page[0].specs, "*.go": page[0].code} {
			for _, excerpt := range excerpts {
				blocks++
				if !stands(t, excerpt, dirs, glob) {
					t.Errorf("section %q: no %s of %v has these lines:\n%s", title, glob, dirs, excerpt)
				}
			}
		}
	}
	if blocks < 25 {
		t.Errorf("the page has %d blocks; its headings or fences are not what this test reads", blocks)
	}
}

// The warning that the page shows is what pipegen vet says of the example, and all that it says.
func TestFromPythonWarning(t *testing.T) {
	text, err := os.ReadFile("from-python.md")
	if err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), "go", "run", "../cmd/pipegen", "vet", "../examples/seed/12_nothing").CombinedOutput()
	if err != nil {
		t.Errorf("a warning fails nothing: %v", err)
	}
	warning, _, _ := strings.Cut(string(output), "\n")
	if !strings.Contains(string(text), "\n```\n"+warning+"\n```\n") || strings.Count(string(output), "warning[") != 1 {
		t.Errorf("vet does not say what the page shows:\n%s", output)
	}
}

// stands says whether a file of the directories, or of those in them, has the lines of the excerpt.
func stands(t *testing.T, excerpt string, dirs []string, glob string) bool {
	t.Helper()
	for _, dir := range dirs {
		for _, pattern := range []string{filepath.Join(dir, glob), filepath.Join(dir, "*", glob)} {
			files, err := filepath.Glob(pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if hasLines(string(text), excerpt) {
					return true
				}
			}
		}
	}
	return false
}

// hasLines says whether the lines of the excerpt begin lines of the text, one after the other, however far indented.
func hasLines(text, excerpt string) bool {
	want := strings.Split(strings.TrimSpace(excerpt), "\n")
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(strings.TrimSpace(line), strings.TrimSpace(want[0]))
		if rest = strings.TrimSpace(rest); found && (rest == "" || strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "#")) {
			if want = want[1:]; len(want) == 0 {
				return true
			}
		}
	}
	return false
}
