// Package params binds parameters of stage functions to params, literals and constants.
package params

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// Settings is what one Render was given.
type Settings struct {
	Prefix string
	Times  int
	Offset int64
	Factor float64
	Loud   bool
	Pause  time.Duration
	Limit  int64
	Item   int
}

// Render formats all that it is given. The parameters after the item are bound by name, in any order.
func Render(item int, limit int64, prefix string, times int, offset int64, factor float64, loud bool, pause time.Duration, settings Settings, format func(Settings) string) (string, error) {
	settings.Item += item
	settings.Prefix, settings.Times, settings.Offset, settings.Factor = prefix, times, offset, factor
	settings.Loud, settings.Pause, settings.Limit = loud, pause, limit
	return format(settings), probe.At("render", item)
}

// Store would write to db.
func Store(ctx context.Context, line string, db *sql.DB) error {
	if db == nil {
		return fmt.Errorf("no database for %q", line)
	}
	return probe.AtContext(ctx, "store", len(line))
}

// Print writes a line to w.
func Print(line string, w io.Writer) error {
	if _, err := fmt.Fprintln(w, line); err != nil {
		return err
	}
	return probe.At("print", len(line))
}

// Sign appends the token.
func Sign(n int, token string) (string, error) { return fmt.Sprint(n, token), probe.At("sign", n) }

// Level is a named integer.
type Level int8

// The levels.
const (
	Low Level = iota + 1
	High
)

// Word is a named string.
type Word string

// Literal formats its arguments.
func Literal(item int, text, quoted, dollar string, n int, u uint8, f float32, whole float64, b bool, d time.Duration, flag int, lvl Level, r rune, named Word) string {
	probe.Visit("literal", item)
	return fmt.Sprint(item, " ", text, " ", quoted, " ", dollar, " ", n, " ", u, " ", f, " ", whole, " ", b, " ", d, " ", flag, " ", lvl, " ", r, " ", named)
}
