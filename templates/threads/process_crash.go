package threads

import (
	"bufio"
	"io"
	"os"
	"strings"
)

// crash is the end of a process that was not asked to end: the error of the item that it had in hand.
type crash struct {
	why    error  // for which it was stopped; nil: it ended by itself
	status string // exit status 3; signal: killed
	stderr string // the last that it wrote
}

// How much of what a process writes to stderr stands in the error of its crash, in bytes.
const (
	crashTail = 4 << 10
	stackTail = 16 << 10 // where it was asked for its stacks
	keptTail  = 64 << 10 // of which that is taken
)

// newCrash says how p has ended.
func newCrash(p *process) *crash {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused {
		return &crash{why: p.why}
	}
	most := crashTail
	if p.asked {
		most = stackTail
	}
	return &crash{p.why, p.cmd.ProcessState.String(), p.stderr.text(most)}
}

func (c *crash) Error() string {
	var parts []string
	if c.why != nil {
		parts = append(parts, c.why.Error())
	}
	if c.status != "" {
		parts = append(parts, c.status)
	}
	text := strings.Join(parts, ": ")
	if c.stderr != "" {
		text += "\n" + c.stderr
	}
	return text
}

// Unwrap returns the error for which the process was stopped: context.DeadlineExceeded where its item took too long.
func (c *crash) Unwrap() error { return c.why }

// tailWriter passes on what is written to it and keeps the end of that. Where to write to fails, that is not an
// error: the worker must not wait.
type tailWriter struct {
	to   io.Writer
	tail []byte
}

func (t *tailWriter) Write(b []byte) (int, error) {
	_, _ = t.to.Write(b)
	t.tail = append(t.tail, b...)
	if more := len(t.tail) - keptTail; more > 0 {
		t.tail = t.tail[:copy(t.tail, t.tail[more:])]
	}
	return len(b), nil
}

// text is the last that was written, at most that many bytes; or, where that is more than these and shows how a Go
// program has died, the beginning of it.
func (t *tailWriter) text(most int) string {
	all := strings.ToValidUTF8("\n"+string(t.tail), "?")
	died := max(strings.LastIndex(all, "\npanic: "), strings.LastIndex(all, "\nfatal error: "), strings.LastIndex(all, "\nSIG"))
	switch {
	case len(all) <= most:
	case died >= 0:
		all = all[died:min(len(all), died+most)]
	default:
		all = all[len(all)-most:]
	}
	return strings.TrimSpace(all)
}

// passStderr passes on what the process writes to stderr.
func (p *process) passStderr(from *os.File) {
	defer p.reading.Done()
	_, _ = io.Copy(&p.stderr, from)
	_ = from.Close()
}

// logStdout logs what the process writes to stdout, line by line; long lines in pieces.
func (p *process) logStdout(from *os.File) {
	defer p.reading.Done()
	f := p.fleet
	lines := bufio.NewReaderSize(from, crashTail)
	for {
		line, _, err := lines.ReadLine()
		if err != nil {
			break
		}
		f.run.logger().Info(strings.ToValidUTF8(string(line), "?"), "stage", f.stage, "pid", p.pid)
	}
	_ = from.Close()
}
