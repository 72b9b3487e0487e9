package spec

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WriteHuman writes the diagnostics for people: message, place, source line with a caret, notes and help,
// with an empty line between two of them. sources holds the text of the specs by the name that diagnostics
// have in File; without it the source line is left out. color is for terminals.
func (ds Diagnostics) WriteHuman(w io.Writer, sources map[string][]byte, color bool) error {
	out := &human{w: bufio.NewWriter(w), color: color, lines: map[string][]string{}}
	for name, src := range sources {
		out.lines[name] = splitLines(src)
	}
	for i, d := range ds {
		if i > 0 {
			fmt.Fprintln(out.w)
		}
		out.diagnostic(d)
	}
	return out.w.Flush()
}

// human is the state of WriteHuman.
type human struct {
	w     *bufio.Writer
	color bool
	lines map[string][]string
	last  columns // of the line of the diagnostic before: often, the next one has the same
}

// ANSI escape sequences.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
)

func (h *human) paint(style, s string) string {
	if !h.color || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// minGutter is the least width of the column of line numbers, so that arrows line up from one diagnostic to
// the next.
const minGutter = 2

func (h *human) diagnostic(d Diagnostic) {
	style := red
	if d.Severity == Warning {
		style = yellow
	}
	fmt.Fprintf(h.w, "%s%s\n", h.paint(style, fmt.Sprintf("%s[%s]", d.Severity, d.Code)), h.paint(bold, ": "+printable(d.Message)))

	number := ""
	place := printable(d.File)
	if d.Span.IsValid() {
		number = strconv.Itoa(d.Span.Line)
		place += fmt.Sprintf(":%d:%d", d.Span.Line, d.Span.Col)
	}
	pad := strings.Repeat(" ", max(minGutter, len(number)))
	bar := pad + " " + h.paint(blue, "|")
	fmt.Fprintf(h.w, "%s%s %s\n", pad, h.paint(blue, "-->"), place)

	if lines := h.lines[d.File]; d.Span.IsValid() && d.Span.Line <= len(lines) {
		if line := lines[d.Span.Line-1]; h.last.at == nil || line != h.last.line {
			h.last = columnsOf(line)
		}
		source, before, under := h.last.excerpt(d.Span)
		caret := h.paint(style, strings.Repeat("^", under))
		if d.Label != "" {
			caret += " " + h.paint(style, printable(d.Label))
		}
		if d.Where != "" {
			caret += "      " + printable(d.Where)
		}
		fmt.Fprintln(h.w, bar)
		fmt.Fprintf(h.w, "%s %s\n", h.paint(blue, pad[len(number):]+number+" |"), source)
		fmt.Fprintf(h.w, "%s %s%s\n", bar, strings.Repeat(" ", before), caret)
		if len(d.Notes) > 0 || d.Help != "" {
			fmt.Fprintln(h.w, bar)
		}
	}
	for _, note := range d.Notes {
		fmt.Fprintf(h.w, "%s %s note: %s\n", pad, h.paint(blue, "="), printable(note))
	}
	if d.Help != "" {
		fmt.Fprintf(h.w, "%s %s help: %s\n", pad, h.paint(blue, "="), printable(d.Help))
	}
}

const (
	maxExcerpt = 120 // columns of a source line
	tabStop    = 4
)

// columns is a source line as a terminal shows it, tabs expanded.
type columns struct {
	line  string
	runes []rune
	at    []int // the column, from 0, at which each rune begins; one more for the end
}

func columnsOf(line string) columns {
	runes := []rune(line)
	at := make([]int, len(runes)+1)
	for i, r := range runes {
		width := runeWidth(r)
		if r == '\t' {
			width = tabStop - at[i]%tabStop
		}
		at[i+1] = at[i] + width
	}
	return columns{line, runes, at}
}

// excerpt returns the line with the column at which the span begins and its width. Of a long line it returns
// the part around the span.
func (c columns) excerpt(span Span) (shown string, before, under int) {
	runes, at := c.runes, c.at
	start := min(span.Col-1, len(runes))
	end := min(start+span.Len, len(runes))
	first, last := 0, len(runes)
	if at[last] > maxExcerpt {
		// A third of the room goes to what stands before the span.
		for first < start && at[start]-at[first] > maxExcerpt/3 {
			first++
		}
		for last > start+1 && at[last]-at[first] > maxExcerpt {
			last--
		}
	}
	var b strings.Builder
	if first > 0 {
		b.WriteString("…")
		before = 1
	}
	for i, r := range runes[first:last] {
		if r == '\t' {
			b.WriteString(strings.Repeat(" ", at[first+i+1]-at[first+i]))
		} else {
			b.WriteString(printable(string(r)))
		}
	}
	if last < len(runes) {
		b.WriteString("…")
	}
	before += at[start] - at[first]
	return b.String(), before, max(1, at[min(end, last)]-at[start])
}

// runeWidth returns how many columns of a terminal a rune takes.
func runeWidth(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case isControl(r):
		return 1 // its replacement
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide holds the ranges that are wide in East Asian typography (Unicode Standard Annex #11, W and F) and
// most emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x231a, Hi: 0x231b, Stride: 1}, {Lo: 0x23e9, Hi: 0x23ec, Stride: 1},
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1}, {Lo: 0x3041, Hi: 0x33ff, Stride: 1}, {Lo: 0x3400, Hi: 0x4dbf, Stride: 1},
		{Lo: 0x4e00, Hi: 0xa4cf, Stride: 1}, {Lo: 0xa960, Hi: 0xa97f, Stride: 1}, {Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, {Lo: 0xff01, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, {Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1},
		{Lo: 0x1fa70, Hi: 0x1faff, Stride: 1}, {Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}
