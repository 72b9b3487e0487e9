package params

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func format(s Settings) string { return fmt.Sprintf("%+v", s) }

var pipelines = []probe.Pipeline{
	{Name: "Params", New: func(drain <-chan struct{}) probe.Ends {
		p := Params{DB: new(sql.DB), Out: io.Discard, Format: format, Drain: drain, Stats: new(ParamsStats)}
		return probe.Sunk[*ParamsError](p.Stats, p.RunSeq2)
	}},
	{Name: "Required", New: func(drain <-chan struct{}) probe.Ends {
		p := Required{Token: "t", Drain: drain, Stats: new(RequiredStats)}
		return probe.Open[*RequiredError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Literals", New: func(drain <-chan struct{}) probe.Ends {
		p := Literals{Drain: drain, Stats: new(LiteralsStats)}
		return probe.Open[*LiteralsError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// The field wins over the environment, the environment over the default.
func TestFieldThenEnvThenDefault(t *testing.T) {
	probe.Play(probe.Script{})
	run := func(p Params) Settings {
		t.Helper()
		var got Settings
		p.DB, p.Out = new(sql.DB), io.Discard
		p.Format = func(s Settings) string { got = s; return "" }
		if err := p.Run(t.Context(), slices.Values([]int{9})); err != nil {
			t.Error(err)
		}
		return got
	}
	check := func(what string, got, want Settings) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	check("defaults", run(Params{}), Settings{"> ", 2, -1, 1.5, false, 90 * time.Second, 64 << 20, 9})
	for name, value := range map[string]string{"PREFIX": "env ", "TIMES": "3", "OFFSET": "-30", "FACTOR": "0.25", "LOUD": "true", "PAUSE": "2s", "LIMIT": "10MB"} {
		t.Setenv("GOLDEN_"+name, value)
	}
	check("environment", run(Params{}), Settings{"env ", 3, -30, 0.25, true, 2 * time.Second, 10_000_000, 9})
	check("fields", run(Params{Prefix: "field ", Times: 4, Offset: 5, Factor: 6, Loud: true, Pause: 7, Limit: 8, Settings: Settings{Item: 1}}),
		Settings{"field ", 4, 5, 6, true, 7, 8, 10})
	t.Setenv("GOLDEN_TIMES", "")
	if got := run(Params{}).Times; got != 2 {
		t.Errorf("an empty variable makes Times = %d, want the default", got)
	}
}

// A variable that cannot be read as the param's type is an error before the first item.
func TestBadEnvironment(t *testing.T) {
	for name, value := range map[string]string{"TIMES": "many", "OFFSET": "1.5", "FACTOR": "x", "LOUD": "maybe", "PAUSE": "5", "LIMIT": "12 parsecs"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOLDEN_"+name, value)
			wantRefused(t, Params{DB: new(sql.DB), Out: io.Discard, Format: format}, "GOLDEN_"+name)
		})
	}
}

// What the caller must give and does not is an error before the first item.
func TestNilParams(t *testing.T) {
	wantRefused(t, Params{Out: io.Discard, Format: format}, "param db")
	wantRefused(t, Params{DB: new(sql.DB), Format: format}, "param out")
	wantRefused(t, Params{DB: new(sql.DB), Out: io.Discard}, "param format")
}

func wantRefused(t *testing.T, p Params, word string) {
	t.Helper()
	calls := 0
	probe.Play(probe.Script{Hook: func(probe.Call) error { calls++; return nil }})
	pulled := false
	err := p.Run(t.Context(), func(yield func(int) bool) { pulled = true; yield(1) })
	if err == nil || !strings.Contains(err.Error(), word) {
		t.Errorf("%v, want an error that names %s", err, word)
	}
	if calls > 0 || pulled {
		t.Errorf("%d calls, input pulled %v before the error", calls, pulled)
	}
}

func TestRequired(t *testing.T) {
	probe.Play(probe.Script{})
	if got, err := (Required{}).Map(t.Context(), []int{1}); got != nil || err == nil || !strings.Contains(err.Error(), "token") && !strings.Contains(err.Error(), "Token") {
		t.Errorf("%v, %v", got, err)
	}
	t.Setenv("GOLDEN_TOKEN", "env")
	if got, err := (Required{}).Map(t.Context(), []int{1}); err != nil || !slices.Equal(got, []string{"1env"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := (Required{Token: "field"}).Map(t.Context(), []int{1}); err != nil || !slices.Equal(got, []string{"1field"}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPromise16_WorkersFromParam(t *testing.T) {
	probe.Peak(t, pipelines[1], "sign", 2)
	t.Setenv("GOLDEN_CREW", "5")
	probe.Peak(t, pipelines[1], "sign", 5)
}

// A number that makes no sense as workers or capacity is an error, not a hang.
func TestNegativeWorkers(t *testing.T) {
	probe.Play(probe.Script{})
	if _, err := (Required{Token: "t", Crew: -1}).Map(t.Context(), []int{1}); err == nil || !strings.Contains(strings.ToLower(err.Error()), "crew") {
		t.Errorf("%v", err)
	}
}

// A value that cannot be read is one error: it is not zero, and so out of bounds, as well.
func TestUnreadable(t *testing.T) {
	probe.Play(probe.Script{})
	t.Setenv("GOLDEN_CREW", "many")
	_, err := (Required{Token: "t"}).Map(t.Context(), []int{1})
	if err == nil || strings.Count(err.Error(), "crew") != 1 || !strings.Contains(err.Error(), "many") {
		t.Errorf("%v", err)
	}
}

func TestLiterals(t *testing.T) {
	probe.Play(probe.Script{})
	want := fmt.Sprint("1 plain words 42 $5 -7 16 2.5 3 true 250ms ", os.O_APPEND, " 2 65 low")
	if got, err := (Literals{}).Map(t.Context(), []int{1}); err != nil || !slices.Equal(got, []string{want}) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

// Two values of one type do not share anything: params are the run's, not the package's.
func TestRunsAreIndependent(t *testing.T) {
	probe.Play(probe.Script{})
	var a, b bytes.Buffer
	pa := Params{DB: new(sql.DB), Out: &a, Format: func(s Settings) string { return fmt.Sprint("a", s.Item) }}
	pb := Params{DB: new(sql.DB), Out: &b, Format: func(s Settings) string { return fmt.Sprint("b", s.Item) }}
	err := pa.Run(t.Context(), func(yield func(int) bool) {
		if err := pb.Run(t.Context(), slices.Values([]int{7})); err != nil {
			t.Error(err)
		}
		yield(8)
	})
	if err != nil || a.String() != "a8\n" || b.String() != "b7\n" {
		t.Errorf("%q, %q, %v", a.String(), b.String(), err)
	}
}
