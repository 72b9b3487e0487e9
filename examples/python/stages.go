package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Stats is what is known of a file.
type Stats struct {
	Path     string  `json:"path"`
	Lines    int     `json:"lines"`
	Words    int     `json:"words"`
	Distinct int     `json:"distinct"`
	Top      []Count `json:"top"` // the most frequent words
	SHA256   string  `json:"sha256"`
}

// Count says how often a word occurs.
type Count struct {
	Word  string `json:"word"`
	Count int    `json:"count"`
}

// Measurement is what measure.py does with the path of a file.
type Measurement func(path string) (Stats, error)

// Files hands out the path of each file below dir, in lexical order.
func Files(ctx context.Context, dir string, emit func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return emit(path)
	})
}

var word = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*`)

// Measure does in Go what measure.py does.
func Measure(path string) (Stats, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Stats{}, err
	}
	counts := make(map[string]int)
	s := Stats{Path: path, Lines: bytes.Count(text, []byte("\n")), Top: []Count{}}
	for _, w := range word.FindAll(text, -1) {
		counts[string(w)]++
		s.Words++
	}
	s.Distinct = len(counts)
	words := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b))
	})
	for _, w := range words[:min(3, len(words))] {
		s.Top = append(s.Top, Count{w, counts[w]})
	}
	digest := sha256.Sum256(text)
	s.SHA256 = hex.EncodeToString(digest[:])
	return s, nil
}
