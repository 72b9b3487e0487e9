package spec

import (
	"fmt"
	"go/build/constraint"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkName checks the name of a pipeline, stage or param.
func checkName(text string) (string, *Diagnostic) {
	if IsName(text) {
		return text, nil
	}
	d := &Diagnostic{
		Code:    CodeName,
		Message: fmt.Sprintf("%s is not a name", quote(text)),
		Label:   "not a name",
		Help:    `write lower-case words joined by - or _, such as "link-check", at most 63 characters`,
	}
	if right := nearestName(text); right != "" {
		d.Help = fmt.Sprintf("write %q: names are lower-case words joined by - or _, at most %d characters", right, maxName)
	}
	return "", d
}

// checkStageName is checkName of what a stage calls itself. Of a name that is none it returns the one that is meant,
// if that can be told, so that stages which read that are not wrong as well.
func checkStageName(text string) (string, *Diagnostic) {
	name, bad := checkName(text)
	if bad != nil {
		name = nearestName(text)
	}
	return name, bad
}

// checkSource checks what a stage reads: the name of a stage or queue, or a stage's port.
func checkSource(text string) (string, *Diagnostic) {
	stage, port, dotted := strings.Cut(text, ".")
	if !dotted || IsName(stage) && IsName(port) {
		if dotted {
			return text, nil
		}
		return checkName(text)
	}
	if _, bad := checkName(stage); bad != nil {
		return "", bad
	}
	_, bad := checkName(port)
	return "", bad
}

// nearestName returns the name that text would be in the grammar of names, or "" if that is far from it.
func nearestName(text string) string {
	for _, r := range text {
		if r >= utf8.RuneSelf || !strings.ContainsRune("-_ .", r) && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') {
			return ""
		}
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("-_ .", r) })
	for i, w := range words {
		words[i] = SnakeName(w)
	}
	joiner := "_"
	if strings.Contains(text, "-") {
		joiner = "-"
	}
	if name := strings.Join(words, joiner); IsName(name) && !strings.HasPrefix(name, "stage_") {
		return name
	}
	return ""
}

// checkText checks text that goes into comments: everything but control characters, lines excepted.
func checkText(text string) (string, *Diagnostic) {
	for _, r := range text {
		if isControl(r) && r != '\n' && r != '\t' {
			return "", &Diagnostic{
				Code:    CodeCharacter,
				Message: fmt.Sprintf("the character %U is not allowed in text for comments", r),
				Label:   "invisible or misleading",
				Help:    "remove it",
			}
		}
	}
	return text, nil
}

// checkBuild checks a build constraint and returns it in canonical form.
func checkBuild(text string) (string, *Diagnostic) {
	d := &Diagnostic{
		Code:    CodeBuild,
		Message: fmt.Sprintf("%s is not a build constraint", quote(text)),
		Label:   "not a build constraint",
		Help:    "write an expression of tags with !, && and ||: `build: linux && !race`",
	}
	if strings.ContainsAny(text, "\r\n") || len(text) > maxGo {
		return "", d
	}
	if rest, ok := strings.CutPrefix(text, "//go:build "); ok {
		d.Help = fmt.Sprintf("leave out //go:build: `build: %s`", printable(rest))
		return "", d
	}
	expr, err := constraint.Parse("//go:build " + text)
	if err != nil {
		return "", d
	}
	return expr.String(), nil
}

// exampleLine returns the key's example on one line, for a help line.
func exampleLine(k *key) string {
	first, rest, more := strings.Cut(k.example, "\n")
	switch item, _, _ := strings.Cut(rest, "\n"); {
	case !more:
		return first
	case strings.HasSuffix(first, ":"): // a list
		return fmt.Sprintf("%s [{%s}, …]", first, strings.TrimPrefix(strings.TrimSpace(item), "- "))
	}
	return first + " …"
}

// quote returns s in quotes for a message: escaped, and cut where it is long.
func quote(s string) string {
	const most = 60
	if rs := []rune(s); len(rs) > most {
		s = string(rs[:most]) + "…"
	}
	return strconv.Quote(s)
}

// printable returns s with a replacement in the place of characters that would disturb a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}
