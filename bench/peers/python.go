package peers

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/pipegen/pipegen/bench/stages"
)

//go:embed pool.py
var poolScript string

// Python is an interpreter that keeps Python's process pools ready for jobs. The zero value has not been started.
type Python struct {
	mu      sync.Mutex
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// Do does a job of pool.py with n items and so many processes, and leaves the result in stages.Total. The first job
// starts the interpreter, and the first of its kind the pool.
func (p *Python) Do(_ context.Context, job string, processes, n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		if err := p.start(); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintln(p.in, job, processes, n); err != nil {
		return err
	}
	_, err := fmt.Fscanln(p.out, &stages.Total.Items, &stages.Total.Value)
	return err
}

func (p *Python) start() (err error) {
	c := exec.Command("python3", "-c", poolScript)
	c.Stderr = os.Stderr
	if p.in, err = c.StdinPipe(); err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	if err := c.Start(); err != nil {
		return err
	}
	p.command = c
	return nil
}

// Stop ends the interpreter and its pools.
func (p *Python) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command != nil {
		_ = p.in.Close()
		_ = p.command.Wait()
		p.command = nil
	}
}
