package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/pipegen/pipegen/spec"
)

// The values of -format.
const (
	formatHuman  = "human"
	formatJSON   = "json"
	formatGitHub = "github"
)

var formats = []string{formatHuman, formatJSON, formatGitHub}

// report writes the diagnostics of a compilation: for people to standard error, else to standard output.
func (a *app) report(c *compilation) error {
	a.progress.done()
	c.diags.Sort()
	switch a.format {
	case formatJSON:
		return c.diags.WriteJSON(a.stdout)
	case formatGitHub:
		return c.diags.WriteGitHub(a.stdout)
	}
	return c.diags.WriteHuman(a.stderr, c.sources, a.colour(a.stderr))
}

// reportStale writes one stale file to standard output, for people as a diff.
func (a *app) reportStale(c *change, remedy string) error {
	switch diff := a.cut(c.diff()); a.format {
	case formatJSON:
		enc := json.NewEncoder(a.stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			File   string     `json:"file"`
			Stale  changeKind `json:"stale"`
			Diff   string     `json:"diff"`
			Remedy string     `json:"remedy"`
		}{c.path(), c.kind, string(diff), remedy})
	case formatGitHub:
		return spec.Diagnostics{{
			Code:    "pipegen check",
			File:    c.path(),
			Message: fmt.Sprintf("%s is %s", c.path(), c.kind),
			Help:    "run: " + remedy,
		}}.WriteGitHub(a.stdout)
	default:
		_, err := a.stdout.Write(a.colourDiff(diff))
		return err
	}
}

// colour says whether w takes colours and nobody forbids them.
func (a *app) colour(w io.Writer) bool {
	return isTerminal(w) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}
