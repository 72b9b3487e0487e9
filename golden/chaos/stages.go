//go:build linux

// Package chaos has pipelines whose worker processes die, hang and lie at random moments, and holds a ledger of
// what becomes of each item.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// job is an item. Its trouble strikes the process that works on it.
type job struct {
	ID      int
	Trouble trouble
	Always  bool // at each attempt, not only at the first
	Payload []byte
}

// done is what becomes of a job.
type done struct {
	ID    int
	Sum   uint32 // of the payload
	Extra []byte
}

func (j job) done() done { return done{ID: j.ID, Sum: crc32.ChecksumIEEE(j.Payload)} }

func digit(j job) int { return j.ID % 10 }

// scribe writes down, in a file that all processes of a run share, which calls begin and return.
type scribe struct {
	dir     string
	journal *os.File
}

// newScribe is the state of a worker. Files in dir make it fail, once or always, end its process, or never return.
func newScribe(dir string) (*scribe, error) {
	if os.Remove(filepath.Join(dir, "fail")) == nil || exists(filepath.Join(dir, "fail-always")) {
		return nil, errStart
	}
	if os.Remove(filepath.Join(dir, "exit")) == nil {
		os.Exit(4)
	}
	for exists(filepath.Join(dir, "block")) {
		time.Sleep(time.Hour)
	}
	f, err := os.OpenFile(filepath.Join(dir, "journal"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	return &scribe{dir, f}, err
}

func (s *scribe) Close() error { return s.journal.Close() }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// note writes a line with one call, which O_APPEND makes one step.
func (s *scribe) note(what string, id int) { _, _ = fmt.Fprintf(s.journal, "%s %d\n", what, id) }

// first says whether this is the first call with id in all processes of the run.
func (s *scribe) first(id int) bool {
	f, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("struck%d", id)), os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// prepare runs in the parent.
func prepare(j job) job { return j }

// work runs in worker processes.
func work(ctx context.Context, s *scribe, j job) (done, error) {
	s.note("begin", j.ID)
	result := j.done()
	if j.Trouble != "" && (j.Always || s.first(j.ID)) {
		if err := j.Trouble.strike(ctx, &result); err != nil {
			return result, err
		}
	}
	s.note("end", j.ID)
	return result, nil
}

// store is the end of a job.
func store(ctx context.Context, s *scribe, j job) error {
	_, err := work(ctx, s, j)
	return err
}

// check runs in the parent.
func check(d done) (done, error) { return d, nil }

// copies is how many results a job has below spread.
const copies = 3

// part is one of several results of a job.
type part struct {
	ID, Nth int
}

// spread hands out the parts of a job. Its trouble strikes between the first ones and the others.
func spread(ctx context.Context, s *scribe, j job, emit func(part) error) error {
	s.note("begin", j.ID)
	for i := range copies + 1 {
		if i == copies-1 && j.Trouble != "" && (j.Always || s.first(j.ID)) {
			if err := j.Trouble.strike(ctx, new(done)); err != nil {
				return err
			}
		}
		if err := emit(part{j.ID, i}); err != nil {
			return err
		}
	}
	s.note("end", j.ID)
	return nil
}

// wanted leaves out one of the parts.
func wanted(p part) bool { return p.Nth < copies }

func finish(p part) (done, error) { return done{ID: p.ID}, nil }

// letter is what bury was called with.
type letter struct {
	item any
	err  error
}

// graveyards hold the dead letters of each run.
var graveyards struct {
	sync.Mutex
	letters map[string][]letter // by the run's dir
}

// bury is the dead letter function.
func bury[T any](_ context.Context, _ string, item T, err error, dir string) error {
	graveyards.Lock()
	defer graveyards.Unlock()
	if graveyards.letters == nil {
		graveyards.letters = make(map[string][]letter)
	}
	graveyards.letters[dir] = append(graveyards.letters[dir], letter{item, err})
	return nil
}

// letters are the dead letters of a run.
func letters(dir string) []letter {
	graveyards.Lock()
	defer graveyards.Unlock()
	return graveyards.letters[dir]
}

// lines is the journal of a run.
func lines(dir string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "journal"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return slices.Collect(strings.Lines(string(text))), err
}
