// Package text is another package whose functions are stages.
package text

import "github.com/pipegen/pipegen/golden/internal/probe"

// Long says whether s has more than two letters.
func Long(s string) (bool, error) { return len(s) > 2, probe.At("long", len(s)) }

// Keep ends the pipeline.
func Keep(n int) error { return probe.At("keep", n) }

// Log collects names.
type Log struct{ Names []string }

// Add notes that the log was seen.
func (l *Log) Add() error { return probe.At("add", len(l.Names)) }
