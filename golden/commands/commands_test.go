package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func needPython(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
}

// Every verb can be a program; the counts are as with functions.
func TestVerbs(t *testing.T) {
	needPython(t)
	notes := filepath.Join(t.TempDir(), "notes")
	var kept Kept
	var stats VerbsStats
	err := Verbs{Lines: []string{"a heavy rain", "", "falls at 5pm 24/7 on", "grün <b>"}, Notes: notes, Kept: &kept, Stats: &stats}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Word{{"HEAVY", 5, []byte{0, 1, 255}}, {"RAIN", 4, []byte{0, 1, 255}}, {"FALLS", 5, []byte{0, 1, 255}}, {"GRÜN", 4, []byte{0, 1, 255}}}
	if diff := cmp.Diff(want, kept.words); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	if text, err := os.ReadFile(notes); err != nil || string(text) != "HEAVY\nRAIN\nFALLS\nGRÜN\n" {
		t.Errorf("notes %q, %v", text, err)
	}
	got := []int64{stats.Split.Done(), stats.Split.Out(), stats.Long.In(), stats.Long.Filtered(), stats.Count.In(), stats.Count.Filtered(), stats.Shout.Done(), stats.Note.Done()}
	if want := []int64{4, 10, 10, 5, 5, 1, 4, 4}; !slices.Equal(got, want) {
		t.Errorf("counts %v, want %v", got, want)
	}
	asked := int64(0)
	for i, word := range strings.Fields("a heavy rain falls at 5pm 24/7 on grün <b>") {
		item, _ := json.Marshal(word)
		asked += int64(len(fmt.Sprintf(`{"id":%d,"item":%s}`+"\n", i+1, item)))
	}
	if n := stats.Long.BytesOut(); n != asked {
		t.Errorf("long was sent %d bytes, want %d", n, asked)
	}
	if n := stats.Long.BytesIn(); n < 10*int64(len(`{"id":1,"item":true}`)) || stats.Long.Restarts() != 0 {
		t.Errorf("long has sent %d bytes, %d restarts", n, stats.Long.Restarts())
	}
}

func words(texts ...string) []Word {
	var all []Word
	for _, text := range texts {
		all = append(all, Word{Text: text})
	}
	return all
}

// What a program says of an item goes by on_error, its death by on_crash, and being late by retry.
func TestFailures(t *testing.T) {
	needPython(t)
	var letters Letters
	var stats FailuresStats
	var got []string
	for word, err := range (Failures{Letters: &letters, Stats: &stats}).Stream(t.Context(), slices.Values(words("one", "fail", "crash", "two", "hang", "chatter", "three"))) {
		var failed *FailuresError
		switch {
		case err == nil:
			got = append(got, word.Text)
		case errors.As(err, &failed) && errors.Is(err, context.DeadlineExceeded) && failed.Attempt == 2:
			got = append(got, "late")
		default:
			got = append(got, failed.Err.Error())
		}
	}
	if want := []string{"ONE", "ValueError: it is fail", "TWO", "late", "THREE"}; !slices.Equal(got, want) {
		t.Errorf("results %q, want %q", got, want)
	}
	checkLetters(t, &letters)
	counts := []int64{stats.Shout.Done(), stats.Shout.Failed(), stats.Shout.DeadLettered(), stats.Shout.Retries(), stats.Shout.Restarts()}
	if want := []int64{3, 2, 2, 1, 4}; !slices.Equal(counts, want) {
		t.Errorf("counts %v, want %v", counts, want)
	}
}

// checkLetters holds the dead letters against what two words make of their programs.
func checkLetters(t *testing.T, letters *Letters) {
	t.Helper()
	if want := []string{"shout crash", "shout chatter"}; !slices.Equal(letters.texts, want) {
		t.Fatalf("dead letters %q, want %q", letters.texts, want)
	}
	for i, want := range []string{"exit status 3\nabout to crash", `it wrote "so much to say\n" where an answer with "id":`} {
		if text := letters.errs[i].Error(); !strings.Contains(text, want) {
			t.Errorf("error %q does not say %q", text, want)
		}
	}
}

// In a pool each error is its caller's, and a crash is buried too.
func TestFailuresInAPool(t *testing.T) {
	needPython(t)
	var letters Letters
	p, err := Failures{Letters: &letters}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, test := range []struct{ text, want, err string }{
		{"one", "ONE", ""},
		{"fail", "", "ValueError: it is fail"},
		{"crash", "", "exit status 3"},
		{"chatter", "", "so much to say"},
		{"two", "TWO", ""},
	} {
		word, err := p.Do(t.Context(), Word{Text: test.text})
		if word.Text != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, %v; want %q, %q", test.text, word.Text, err, test.want, test.err)
		}
	}
	checkLetters(t, &letters)
}

// With in_flight: retry an item kills as many processes as max_attempts says, and then the run.
func TestStubborn(t *testing.T) {
	needPython(t)
	var stats StubbornStats
	var last error
	for _, err := range (Stubborn{Stats: &stats}).Stream(t.Context(), slices.Values(words("one", "crash"))) {
		last = err
	}
	var failed *StubbornError
	if !errors.As(last, &failed) || !strings.Contains(last.Error(), "exit status 3\nabout to crash") {
		t.Errorf("error %v, want the exit status", last)
	}
	if n := stats.Shout.Retries(); n != 2 {
		t.Errorf("%d retries, want 2", n)
	}
}

// The end of the context ends the programs within the shutdown timeout, also one that does not answer.
func TestStubbornCancelled(t *testing.T) {
	needPython(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	done := errors.New("done")
	began := time.Now()
	var last error
	for _, err := range (Stubborn{}).Stream(ctx, slices.Values(words("one", "hang", "hang"))) {
		if last = err; err == nil {
			began = time.Now()
			cancel(done)
		}
	}
	if !errors.Is(last, done) {
		t.Errorf("error %v, want that of the context", last)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it has ended after %v; the shutdown timeout is 100ms", took)
	}
}
