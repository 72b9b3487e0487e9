// Package commands has stages that are programs.
package commands

import (
	"context"
	"errors"
	"sync"
)

// Word is an item that crosses as JSON.
type Word struct {
	Text    string
	Letters int
	Raw     []byte
}

// The programs, which are one: steps.py.
type (
	Split func(line string) ([]string, error)
	Long  func(word string) bool
	Count func(word string) (Word, bool)
	Shout func(Word) (Word, error)
	Note  func(Word)
)

// Lines hands out lines.
func Lines(lines []string) []string { return lines }

// Kept collects words.
type Kept struct{ words []Word }

// Keep adds one.
func (k *Kept) Keep(w Word) { k.words = append(k.words, w) }

// Letters are words that could not be done, by stage and error.
type Letters struct {
	mu    sync.Mutex
	texts []string
	errs  []error
}

// Bury keeps what a program has died of.
func Bury(stage string, word Word, err error, letters *Letters) {
	letters.mu.Lock()
	defer letters.mu.Unlock()
	letters.texts = append(letters.texts, stage+" "+word.Text)
	letters.errs = append(letters.errs, err)
}

// Worthwhile says whether a word is to be tried again: after a timeout.
func Worthwhile(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
