package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// maxDiff is how many lines of a file's diff check prints without -full.
const maxDiff = 60

// check says whether generate would change anything.
func (a *app) check(ctx context.Context, paths []string) error {
	targets, err := find(paths)
	if err != nil {
		return err
	}
	_, changes, err := a.changes(ctx, targets)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	remedy := a.remedy(changes)
	for _, c := range changes {
		if err := a.reportStale(c, remedy); err != nil {
			return err
		}
	}
	for _, note := range skew(changes) {
		fmt.Fprintln(a.stderr, "pipegen:", note)
	}
	fmt.Fprintf(a.stderr, "pipegen: %s not fresh; run: %s\n", count(len(changes), "file"), remedy)
	return exitStatus(exitStale)
}

// cut shortens a diff to maxDiff lines, unless -full says otherwise.
func (a *app) cut(diff []byte) []byte {
	lines := bytes.SplitAfter(diff, []byte("\n"))
	lines = lines[:len(lines)-1] // what follows the last newline is nothing
	if a.full || len(lines) <= maxDiff {
		return diff
	}
	rest := fmt.Sprintf("... %s (-full shows them)\n", count(len(lines)-maxDiff, "more line"))
	return append(bytes.Join(lines[:maxDiff], nil), rest...)
}

// remedy is the command that makes the changes.
func (a *app) remedy(changes []*change) string {
	var dirs, quoted []string
	directive := true // go generate does it, which stays inside a module
	for _, c := range changes {
		if slices.Contains(dirs, c.target.dir) {
			continue
		}
		dirs = append(dirs, c.target.dir)
		quoted = append(quoted, shellQuote(asPattern(c.target.dir)))
		directive = directive && hasDirective(c.target) && moduleRoot(c.target.dir) == moduleRoot(".")
	}
	var words []string
	switch {
	case directive && a.tags == "":
		words = append(words, "go")
		if a.dir != "" {
			words = append(words, "-C", shellQuote(a.dir))
		}
		words = append(words, "generate")
	default:
		words = append(words, "pipegen")
		if a.dir != "" {
			words = append(words, "-C", shellQuote(a.dir))
		}
		words = append(words, "generate")
		if a.tags != "" {
			words = append(words, "-tags", shellQuote(a.tags))
		}
	}
	return strings.Join(append(words, quoted...), " ")
}

// asPattern writes a relative directory so that the go command takes it for one.
func asPattern(dir string) string {
	if strings.HasPrefix(dir, "/") || dir == "." || dir == ".." || strings.HasPrefix(dir, "../") {
		return dir
	}
	return "./" + dir
}

var directive = regexp.MustCompile(`(?m)^//go:generate\b.*\bpipegen\b`)

// hasDirective says whether "go generate" runs pipegen in the target's package.
func hasDirective(t *target) bool {
	root, err := openPackage(t.dir)
	if err != nil {
		return false
	}
	defer root.Close()
	sources, err := fs.Glob(root.FS(), "*.go")
	if err != nil {
		return false
	}
	return slices.ContainsFunc(sources, func(base string) bool {
		content, err := readOutput(root, base)
		return err == nil && directive.Match(content)
	})
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./,:@%+=-]+$`)

// shellQuote writes a word as a shell reads it.
func shellQuote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// colourDiff marks added and removed lines on a terminal.
func (a *app) colourDiff(diff []byte) []byte {
	if !a.colour(a.stdout) {
		return diff
	}
	var out bytes.Buffer
	for line := range bytes.Lines(diff) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		code := ""
		switch {
		case bytes.HasPrefix(text, []byte("+++")), bytes.HasPrefix(text, []byte("---")), bytes.HasPrefix(text, []byte("diff ")):
			code = "1"
		case bytes.HasPrefix(text, []byte("@@")):
			code = "36"
		case bytes.HasPrefix(text, []byte("+")):
			code = "32"
		case bytes.HasPrefix(text, []byte("-")):
			code = "31"
		}
		if code == "" {
			fmt.Fprintf(&out, "%s\n", text)
		} else {
			fmt.Fprintf(&out, "\x1b[%sm%s\x1b[m\n", code, text)
		}
	}
	return out.Bytes()
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
