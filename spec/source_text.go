package spec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A sourceText is the text of a spec, line by line, as positions count it.
type sourceText struct {
	name  string
	lines []string // without line ends, and without the byte order mark some editors write

	damaged map[int]bool // lines, from 1, that had characters which are not allowed
}

func newSourceText(name string, src []byte) *sourceText {
	return &sourceText{name: name, lines: splitLines(src), damaged: map[int]bool{}}
}

// splitLines returns the lines of src without "\n" or "\r\n" and without a leading byte order mark.
func splitLines(src []byte) []string {
	lines := strings.Split(string(bytes.TrimPrefix(src, []byte("\ufeff"))), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSuffix(l, "\r")
	}
	return lines
}

// span returns the span of n runes at line and col, cut to what is there.
func (t *sourceText) span(line, col, n int) Span {
	line = min(max(line, 1), len(t.lines))
	width := utf8.RuneCountInString(t.lines[line-1])
	col = min(max(col, 1), width+1)
	return Span{Pos{line, col}, max(1, min(n, width+1-col))}
}

// lineSpan returns the span of a whole line but for its indentation.
func (t *sourceText) lineSpan(line int) Span {
	line = min(max(line, 1), len(t.lines))
	text := strings.TrimRight(t.lines[line-1], " \t")
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	return t.span(line, indent+1, utf8.RuneCountInString(text)-indent)
}

// valueSpan returns the span of the value that begins at line and col: all of a scalar that is on this
// line, the first word or bracket of a collection.
func (t *sourceText) valueSpan(line, col int, value string, scalar bool) Span {
	at := t.span(line, col, 1)
	rest := []rune(t.lines[at.Line-1])[at.Col-1:]
	length := 1
	switch {
	case len(rest) == 0:
	case !scalar:
		for length < len(rest) && !strings.ContainsRune(" \t:[]{},", rest[length]) && !strings.ContainsRune("[{-", rest[0]) {
			length++
		}
	case rest[0] == '"' || rest[0] == '\'':
		length = quotedLength(rest)
	case strings.HasPrefix(string(rest), value):
		length = utf8.RuneCountInString(value)
	default: // a block, or a plain scalar that goes on below
		first, _, _ := strings.Cut(string(rest), " #")
		length = utf8.RuneCountInString(strings.TrimRight(first, " \t"))
	}
	return t.span(at.Line, at.Col, length)
}

// quotedLength returns the length of the quoted scalar that s begins with, closing quote included.
func quotedLength(s []rune) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[0] == '"' && s[i] == '\\':
			i++
		case s[0] == '\'' && s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

// checkCharacters reports characters that a spec must not contain, the first of each line, and puts U+FFFD
// in the place of all of them, so that reading can go on without tripping over them again. It says false
// where the text is not UTF-8 at all.
func (t *sourceText) checkCharacters(ds *Diagnostics) bool {
	for i, line := range t.lines {
		if !utf8.ValidString(line) {
			col := 1
			for rest := line; ; col++ {
				r, size := utf8.DecodeRuneInString(rest)
				if r == utf8.RuneError && size == 1 {
					ds.Add(Diagnostic{
						Code: CodeCharacter, File: t.name, Span: Span{Pos{i + 1, col}, 1},
						Message: fmt.Sprintf("the byte %#02x is not UTF-8", rest[0]),
						Label:   "not UTF-8",
						Help:    "save the file as UTF-8",
					})
					return false
				}
				rest = rest[size:]
			}
		}
		col, bad := 0, 0
		var first rune
		clean := strings.Map(func(r rune) rune {
			col++
			if r == '\t' || !isControl(r) {
				return r
			}
			if bad == 0 {
				bad, first = col, r
			}
			return utf8.RuneError
		}, line)
		if bad > 0 {
			help := "remove it; in a double-quoted value it can be written as an escape"
			if first == '\r' {
				help = "end lines with a line feed, with or without a carriage return before it"
			}
			ds.Add(Diagnostic{
				Code: CodeCharacter, File: t.name, Span: Span{Pos{i + 1, bad}, 1},
				Message: fmt.Sprintf("the character %U is not allowed in a spec", first),
				Label:   "invisible or misleading",
				Help:    help,
			})
			t.lines[i], t.damaged[i+1] = clean, true
		}
	}
	return true
}

// isControl says whether r is a control character, a line or paragraph separator, a control of text
// direction, a byte order mark or the mark of a decoding error: characters that are not seen or make a line
// look like another.
func isControl(r rune) bool {
	switch r {
	case '\u061c', '\u200e', '\u200f', '\u2028', '\u2029', '\ufeff', utf8.RuneError:
		return true
	}
	return unicode.IsControl(r) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
