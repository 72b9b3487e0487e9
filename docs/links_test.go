package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Links of the manual lead to files and headings that are there.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	links := 0
	for _, page := range append(pages, "../README.md", "../CHANGELOG.md") {
		for _, found := range link.FindAllStringSubmatch(prose(t, page), -1) {
			target := found[1]
			if strings.Contains(target, "://") {
				continue
			}
			links++
			path, anchor, anchored := strings.Cut(target, "#")
			path = filepath.Join(filepath.Dir(page), path)
			if strings.HasPrefix(target, "#") {
				path = page
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: link to %s: %v", page, target, err)
			} else if anchored && !anchors(prose(t, path))[anchor] {
				t.Errorf("%s: link to %s: no such heading", page, target)
			}
		}
	}
	if links < 100 {
		t.Errorf("the manual has %d links; they are not written as this test reads them", links)
	}
}

// prose is a page without its fenced blocks.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(string(text), "")
}

// anchors are those that GitHub gives to headings.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(text) {
		if title := heading.FindStringSubmatch(strings.TrimRight(line, "\n")); title != nil {
			found[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(title[1]), ""), " ", "-")] = true
		}
	}
	return found
}
