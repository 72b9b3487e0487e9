package spec

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteJSON writes the diagnostics for programs: one JSON object a line. code, severity ("error" or
// "warning"), message and file are always there; line, column (from 1, in runes), length (in runes), label,
// where, notes and help only where they have a value.
func (ds Diagnostics) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, d := range ds {
		err := enc.Encode(struct {
			Code     string   `json:"code"`
			Severity string   `json:"severity"`
			Message  string   `json:"message"`
			File     string   `json:"file"`
			Line     int      `json:"line,omitempty"`
			Column   int      `json:"column,omitempty"`
			Length   int      `json:"length,omitempty"`
			Label    string   `json:"label,omitempty"`
			Where    string   `json:"where,omitempty"`
			Notes    []string `json:"notes,omitempty"`
			Help     string   `json:"help,omitempty"`
		}{d.Code, d.Severity.String(), d.Message, d.File, d.Span.Line, d.Span.Col, d.Span.Len, d.Label, d.Where, d.Notes, d.Help})
		if err != nil {
			return err
		}
	}
	return nil
}

// WriteGitHub writes the diagnostics as workflow commands, which GitHub Actions shows beside the lines of a
// pull request. Notes and help are further lines of the message.
func (ds Diagnostics) WriteGitHub(w io.Writer) error {
	for _, d := range ds {
		place := "file=" + githubProperty.Replace(d.File)
		if d.Span.IsValid() {
			place += fmt.Sprintf(",line=%d,col=%d", d.Span.Line, d.Span.Col)
		}
		text := []string{d.Message}
		for _, note := range d.Notes {
			text = append(text, "note: "+note)
		}
		if d.Help != "" {
			text = append(text, "help: "+d.Help)
		}
		_, err := fmt.Fprintf(w, "::%s %s,title=%s::%s\n", d.Severity, place, githubProperty.Replace(d.Code),
			githubData.Replace(strings.Join(text, "\n")))
		if err != nil {
			return err
		}
	}
	return nil
}

// The escapes of workflow commands.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
