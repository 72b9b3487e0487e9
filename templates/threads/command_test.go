package threads

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// errand is an item for the program of these tests: what it is to do.
type errand struct {
	Do   string `json:"do"`
	N    int    `json:"n,omitempty"`
	File string `json:"file,omitempty"`
	Text []byte `json:"text,omitempty"`
}

// mostBytes is max_item here, a little less than a whole number of buffers.
const mostBytes = 1<<20 - 10

const programVariable = "PIPEGEN_TEST_PROGRAM"

// TestProgram is no test but the program that the tests below run.
func TestProgram(t *testing.T) {
	mode := os.Getenv(programVariable)
	if mode == "" {
		t.Skip("it is a program for other tests")
	}
	defer os.Exit(0)
	if mode == "rude" { // it does not read
		fmt.Println(strings.Repeat("x", 1<<20))
		time.Sleep(time.Hour)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		var question struct {
			ID   int
			Item errand
		}
		if err := json.Unmarshal([]byte(line), &question); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		obey(question.ID, question.Item)
	}
}

// obey does what the item says.
func obey(id int, o errand) {
	reply := func(item any) { fmt.Printf(`{"id":%d,"item":%v}`+"\n", id, item) }
	switch o.Do {
	case "double":
		reply(2 * o.N)
	case "pid":
		reply(os.Getpid())
	case "size":
		reply(len(o.Text))
	case "fail":
		fmt.Printf(`{"id":%d,"error":"no \"luck\""}`+"\n", id)
	case "null error":
		fmt.Printf(`{"error":null,"item":7,"id":%d}`+"\n", id)
	case "nothing":
		fmt.Printf(`{"id":%d}`+"\n", id)
	case "null":
		reply("null")
	case "text":
		reply(`"text"`)
	case "large":
		reply(`"` + strings.Repeat("x", o.N) + `"`)
	case "exit":
		fmt.Fprintln(os.Stderr, "out of luck")
		os.Exit(3)
	case "exit once":
		if f, err := os.OpenFile(o.File, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
			os.Exit(3)
		}
		reply(o.N)
	case "exit after":
		reply(o.N)
		os.Exit(3)
	case "garbage":
		fmt.Println("Traceback (most recent call last):")
		time.Sleep(time.Hour)
	case "other id":
		fmt.Printf(`{"id":%d,"item":1}`+"\n", id+1)
		time.Sleep(time.Hour)
	case "no id":
		fmt.Println(`{"item":1}`)
		time.Sleep(time.Hour)
	case "torn":
		fmt.Printf(`{"id":%d,"it`, id)
		os.Exit(0)
	case "close":
		_ = os.Stdout.Close()
		time.Sleep(time.Hour)
	case "child":
		in, err := os.OpenFile(o.File, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			panic(err)
		}
		child := exec.Command("sleep", "3600")
		child.Stdin, child.Stdout = in, os.Stdout
		if err := errors.Join(child.Start(), in.Close()); err != nil {
			panic(err)
		}
		reply(1)
	case "ahead":
		reply(o.N)
		fmt.Printf(`{"id":%d,"item":%v}`+"\n", id+1, o.N) // the next, which it never reads
		time.Sleep(time.Hour)
	case "silence":
		time.Sleep(time.Hour)
	}
}

// commanded is a command with one slot, in a run of its own.
type commanded struct {
	*command
	*run
	slot *worker
}

func newCommanded(t *testing.T, attempts int, mode string, more ...func(*processConfig)) *commanded {
	t.Helper()
	r := newRun(t.Context(), nil, nil, nil)
	g := r.addGroup(1, stageInfo{name: "work"})
	c := processConfig{
		command: []string{os.Args[0], "-test.run=^TestProgram$"}, env: []string{programVariable + "=" + mode, "GORACE=atexit_sleep_ms=0"},
		maxRestarts: 3, within: time.Minute, shutdownTimeout: time.Second,
	}
	for _, f := range more {
		f(&c)
	}
	all := newCommand(g, c, new(processStats), mostBytes, attempts)
	all.start()
	t.Cleanup(func() {
		g.finish()
		r.abandon()
	})
	return &commanded{all, r, g.workers[0]}
}

func (c *commanded) ask(o errand) (int, error) { return ask[int](c.command, c.slot, 0, o) }

// pid is the process that does the next item.
func (c *commanded) pid(t *testing.T) int {
	t.Helper()
	pid, err := c.ask(errand{Do: "pid"})
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// An answer that comes before its item has been read counts when the program has read the item, and not after the
// timeout.
func TestCommandAhead(t *testing.T) {
	c := newCommanded(t, 1, "polite")
	if n, err := c.ask(errand{Do: "ahead", N: 5}); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	large := errand{Do: "size", Text: make([]byte, 700<<10)} // more than the pipe holds
	if n, err := ask[int](c.command, c.slot, 50*time.Millisecond, large); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d, %v; want the timeout", n, err)
	}
}

// What a program says of an item is that item's, and the process goes on.
func TestCommandAnswers(t *testing.T) {
	c := newCommanded(t, 1, "polite")
	pid := c.pid(t)
	tests := []struct {
		item errand
		want int
		err  string
	}{
		{errand{Do: "double", N: 21}, 42, ""},
		{errand{Do: "size", Text: make([]byte, 700<<10)}, 700 << 10, ""},
		{errand{Do: "fail"}, 0, `no "luck"`},
		{errand{Do: "null error"}, 7, ""},
		{errand{Do: "nothing"}, 0, string(errNoResult)},
		{errand{Do: "text"}, 0, "json: cannot unmarshal string into Go value of type int"},
		{errand{Do: "size", Text: make([]byte, 1<<20)}, 0, "the item takes 1398127 bytes, more than max_item: 1048566"},
		{errand{Do: "large", N: mostBytes - 1}, 0, "the answer takes 1048567 bytes, more than max_item: 1048566"},
		{errand{Do: "large", N: 2 << 20}, 0, "the answer takes 2097136 bytes, more than max_item: 1048566"},
		{errand{Do: "double", N: 4}, 8, ""},
	}
	for _, test := range tests {
		got, err := c.ask(test.item)
		if text := errorString(err); got != test.want || text != test.err {
			t.Errorf("%s: %d, %q; want %d, %q", test.item.Do, got, text, test.want, test.err)
		}
	}
	if text, err := ask[string](c.command, c.slot, 0, errand{Do: "large", N: mostBytes - 2}); err != nil || len(text) != mostBytes-2 {
		t.Errorf("the largest answer: %d bytes, %v", len(text), err)
	}
	for _, do := range []string{"nothing", "null"} {
		if n, ok, err := askMaybe[int](c.command, c.slot, 0, errand{Do: do}); n != 0 || ok || err != nil {
			t.Errorf("askMaybe: %s: %d, %v, %v; want it left out", do, n, ok, err)
		}
	}
	if n, ok, err := askMaybe[int](c.command, c.slot, 0, errand{Do: "double", N: 1}); n != 2 || !ok || err != nil {
		t.Errorf("askMaybe: %d, %v, %v; want 2", n, ok, err)
	}
	if _, ok, err := askMaybe[int](c.command, c.slot, 0, errand{Do: "text"}); ok || err == nil {
		t.Errorf("askMaybe: %v, %v; want an error", ok, err)
	}
	if err := tell(c.command, c.slot, 0, errand{Do: "nothing"}); err != nil {
		t.Errorf("tell: %v", err)
	}
	if err := tell(c.command, c.slot, 0, errand{Do: "fail"}); errorString(err) != `no "luck"` {
		t.Errorf("tell: %v", err)
	}
	if now := c.pid(t); now != pid {
		t.Errorf("process %d has become %d", pid, now)
	}
}

func errorString(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A process that dies, or does not keep to the protocol, is replaced, and the item in hand has an error that says why.
func TestCommandFaults(t *testing.T) {
	tests := []struct {
		do   string
		want []string
	}{
		{"exit", []string{"exit status 3", "out of luck"}},
		{"garbage", []string{`it wrote "Traceback (most recent call last):\n" where an answer with "id":2 is due`}},
		{"other id", []string{`it wrote "{\"id\":3,\"item\":1}\n" where an answer with "id":2 is due`}},
		{"no id", []string{`it wrote "{\"item\":1}\n" where an answer with "id":2 is due`}},
		{"torn", []string{"exit status 0"}},
		{"close", []string{"closed its connection"}},
	}
	for _, test := range tests {
		t.Run(test.do, func(t *testing.T) {
			t.Parallel()
			c := newCommanded(t, 1, "polite")
			pid := c.pid(t)
			_, err := c.ask(errand{Do: test.do})
			for _, want := range test.want {
				if !strings.Contains(errorString(err), want) {
					t.Errorf("error %q does not say %q", errorString(err), want)
				}
			}
			if unlessCrashed(nil)(err) {
				t.Errorf("it is worth another attempt: %v", err)
			}
			if now := c.pid(t); now == pid {
				t.Error("the process has not been replaced")
			}
		})
	}
}

// With in_flight: retry another process gets the item, but not for ever.
func TestCommandInFlight(t *testing.T) {
	c := newCommanded(t, 2, "polite")
	file := filepath.Join(t.TempDir(), "once")
	if n, err := c.ask(errand{Do: "exit once", N: 5, File: file}); n != 5 || err != nil {
		t.Errorf("%d, %v; want 5 from the second process", n, err)
	}
	if _, err := c.ask(errand{Do: "exit"}); !strings.Contains(errorString(err), "exit status 3") {
		t.Errorf("error %v, want the exit status of the second process", err)
	}
	if n := c.slot.counts[0].retries; n != 2 {
		t.Errorf("%d retries, want 2", n)
	}
}

// An item is not blamed for a process that was dead before.
func TestCommandDeadBefore(t *testing.T) {
	c := newCommanded(t, 1, "polite")
	if n, err := c.ask(errand{Do: "exit after", N: 5}); n != 5 || err != nil {
		t.Fatalf("%d, %v; want 5", n, err)
	}
	<-c.program(c.slot).process.gone
	if n, err := c.ask(errand{Do: "double", N: 5}); n != 10 || err != nil {
		t.Errorf("%d, %v; want 10", n, err)
	}
}

// A process that takes too long is killed; that is the attempt's error, and worth another one.
func TestCommandTimeout(t *testing.T) {
	c := newCommanded(t, 2, "polite")
	pid := c.pid(t)
	_, err := ask[int](c.command, c.slot, 50*time.Millisecond, errand{Do: "silence"})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "no answer in 50ms") {
		t.Errorf("error %v, want the deadline's", err)
	}
	if !unlessCrashed(nil)(err) {
		t.Error("it is not worth another attempt")
	}
	if unlessCrashed(func(error) bool { return false })(err) {
		t.Error("the policy's own condition is not asked")
	}
	if n := c.slot.counts[0].retries; n != 0 {
		t.Errorf("%d retries, want none: the stage's policy is to decide", n)
	}
	if now := c.pid(t); now == pid {
		t.Error("the process has not been replaced")
	}
}

// A program that writes and does not read blocks nobody.
func TestCommandRude(t *testing.T) {
	c := newCommanded(t, 1, "rude")
	_, err := c.ask(errand{Do: "size", Text: make([]byte, 700<<10)})
	if !strings.Contains(errorString(err), `it wrote "xxx`) {
		t.Errorf("error %.200q, want what it wrote", errorString(err))
	}
}

// recycle_after is exact.
func TestCommandRecycled(t *testing.T) {
	c := newCommanded(t, 1, "polite", func(c *processConfig) { c.recycleAfter = 3 })
	items := make(map[int]int)
	for range 9 {
		items[c.pid(t)]++
	}
	if len(items) != 3 {
		t.Errorf("items by process: %v, want 3 each", items)
	}
	for pid, n := range items {
		if n != 3 {
			t.Errorf("process %d has done %d items, want 3", pid, n)
		}
	}
}

// When the run stops, what a program is at is over within the shutdown timeout.
func TestCommandStopped(t *testing.T) {
	c := newCommanded(t, 2, "polite", func(c *processConfig) { c.shutdownTimeout = 50 * time.Millisecond })
	c.pid(t)
	time.AfterFunc(10*time.Millisecond, func() { c.fail(errAbandoned) })
	if _, err := c.ask(errand{Do: "silence"}); err == nil {
		t.Error("no error")
	}
	if _, err := c.ask(errand{Do: "double"}); !errors.Is(err, errAbandoned) {
		t.Errorf("error %v, want that of the run", err)
	}
	if n := c.slot.counts[0].retries; n != 0 {
		t.Errorf("%d retries after the end", n)
	}
}

// A pool that ends does not wait for what a program is at.
func TestCommandTerminated(t *testing.T) {
	c := newCommanded(t, 2, "polite", func(c *processConfig) { c.shutdownTimeout = time.Hour })
	c.tasks = struct{ tasks }{}
	c.pid(t)
	time.AfterFunc(10*time.Millisecond, func() { c.fail(errAbandoned) })
	if _, err := c.ask(errand{Do: "silence"}); !errors.Is(err, errAbandoned) {
		t.Errorf("error %v, want that of the run", err)
	}
}
