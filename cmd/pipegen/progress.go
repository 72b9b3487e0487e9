package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// progressDelay is how long a command is silent about what it is doing.
const progressDelay = time.Second

// progress shows what takes long on one line of a terminal, and nothing anywhere else.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil: not a terminal
	timer *time.Timer
	text  string
	shown bool
}

func newProgress(w io.Writer) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w}
}

// say names the step that begins. It is shown once the command has been at work for progressDelay.
func (p *progress) say(format string, args ...any) {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = fmt.Sprintf(format, args...)
	switch {
	case p.shown:
		p.show()
	case p.timer == nil:
		p.timer = time.AfterFunc(progressDelay, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.timer != nil {
				p.show()
			}
		})
	}
}

// show needs p.mu.
func (p *progress) show() {
	fmt.Fprintf(p.w, "\r\x1b[Kpipegen: %s…", p.text)
	p.shown = true
}

// done takes the line away, before anything else is printed.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// isTerminal says whether w is a character device, which for a standard stream means a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
