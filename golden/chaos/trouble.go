//go:build linux

package chaos

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// trouble is what a function does to its process, or to itself.
type trouble string

// Those after which the process goes on.
const (
	fails     trouble = "fails"
	panics    trouble = "panics"
	goexits   trouble = "goexits"
	swells    trouble = "swells" // the result is too large
	floods    trouble = "floods" // stdout and stderr
	dawdles   trouble = "dawdles"
	unhurried trouble = "unhurried" // collects garbage, so that finalizers run
	spins     trouble = "spins"     // for ever, whatever its context says
)

// Those which the process does not survive.
const (
	exits   trouble = "exits"
	aborts  trouble = "aborts"  // a fatal error of the runtime
	faults  trouble = "faults"  // SIGSEGV
	dies    trouble = "dies"    // SIGKILL
	stops   trouble = "stops"   // SIGSTOP
	garbage trouble = "garbage" // in place of an answer
	tears   trouble = "tears"   // ends in the middle of a message
	boasts  trouble = "boasts"  // announces a message that is far too large
	closes  trouble = "closes"  // its connection, but lives
	shuts   trouble = "shuts"   // its connection, and goes on
)

var (
	harmless = []trouble{fails, panics, goexits, swells, floods, dawdles, unhurried}
	deadly   = []trouble{exits, aborts, faults, dies, stops, garbage, tears, boasts, closes, shuts}
)

// signs are what the error of an item says of its trouble: one of them.
var signs = map[trouble][]string{
	fails:   {"failed on purpose"},
	panics:  {"panic: on purpose"},
	goexits: {"runtime.Goexit was called"},
	swells:  {"it takes more than max_item"},
	exits:   {"exit status 3"},
	aborts:  {"exit status 2\nfatal error: sync: unlock of unlocked mutex"},
	faults:  {"SIGSEGV: segmentation violation"},
	dies:    {"signal: killed"},
	stops:   {"no sign of life"},
	garbage: {"something else than an answer"},
	tears:   {"exit status 5"},
	boasts:  {"a message of"},
	closes:  {"has closed its connection"},
	shuts:   {"has closed its connection", "exit status 0", "exit status 1"},
}

// largest is max_item of the pipelines that have swells.
const largest = 1 << 20

func (t trouble) strike(ctx context.Context, result *done) error {
	switch t {
	case fails:
		return errOnPurpose
	case panics:
		panic("on purpose")
	case goexits:
		runtime.Goexit()
	case swells:
		result.Extra = make([]byte, largest+1)
	case floods:
		flood := bytes.Repeat([]byte("\xffpanic: nothing of the kind\n"), 1<<12)
		_, _ = os.Stdout.Write(flood)
		_, _ = os.Stderr.Write(flood)
	case dawdles:
		select {
		case <-time.After(3 * time.Millisecond):
		case <-ctx.Done():
		}
	case unhurried:
		runtime.GC()
	case spins:
		for n := 0; ; n++ { // it counts, so that it is meant
		}
	case exits:
		os.Exit(3)
	case aborts:
		new(sync.Mutex).Unlock()
	case faults:
		end(syscall.SIGSEGV)
	case dies:
		end(syscall.SIGKILL)
	case stops:
		end(syscall.SIGSTOP)
	case garbage:
		send(bytes.Repeat([]byte{7, 0, 0, 0, 77}, 1000))
		select {}
	case tears:
		send([]byte{200, 0, 0, 0, 1, 2, 3})
		os.Exit(5)
	case boasts:
		send([]byte{0xff, 0xff, 0xff, 0xff, 1})
		select {}
	case closes:
		shut()
		select {}
	case shuts:
		shut()
	}
	return nil
}

// end sends a signal to this process, which does not survive it.
func end(s syscall.Signal) {
	_ = syscall.Kill(os.Getpid(), s)
	select {}
}

// sockets are the descriptors of this process that are connections: that to its parent.
func sockets() (all []int) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		target, _ := os.Readlink("/proc/self/fd/" + e.Name())
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 && strings.HasPrefix(target, "socket:") {
			all = append(all, fd)
		}
	}
	return all
}

// send writes to the parent what no worker writes.
func send(b []byte) {
	for _, fd := range sockets() {
		_, _ = syscall.Write(fd, b)
	}
}

// shut ends the connection to the parent.
func shut() {
	for _, fd := range sockets() {
		_ = syscall.Shutdown(fd, syscall.SHUT_RDWR)
	}
}
