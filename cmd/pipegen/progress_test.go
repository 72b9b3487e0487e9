package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &progress{w: &out}

		// What is over in less than the delay is never mentioned.
		p.say("loading")
		time.Sleep(progressDelay / 2)
		p.done()
		time.Sleep(2 * progressDelay)
		synctest.Wait()
		if out.Len() > 0 {
			t.Fatalf("a quick command shows %q", out.String())
		}

		// The delay counts from the first step; what is shown is the last one, and it goes away.
		p.say("loading")
		time.Sleep(progressDelay / 2)
		p.say("building %s", "x")
		time.Sleep(progressDelay)
		synctest.Wait()
		if got := out.String(); strings.Contains(got, "loading") || !strings.HasSuffix(got, "pipegen: building x…") {
			t.Fatalf("after a second it shows %q", got)
		}
		p.say("running")
		if got := out.String(); !strings.HasSuffix(got, "\r\x1b[Kpipegen: running…") {
			t.Fatalf("the next step shows %q", got)
		}
		p.done()
		if got := out.String(); !strings.HasSuffix(got, "…\r\x1b[K") {
			t.Fatalf("the line stays: %q", got)
		}
	})
}

func TestProgressOffTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out)
		p.say("loading")
		time.Sleep(2 * progressDelay)
		synctest.Wait()
		p.done()
		if out.Len() > 0 {
			t.Fatalf("off a terminal it shows %q", out.String())
		}
	})
}
