package threads

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	memoryTick = 100 * time.Millisecond // between two looks at the memory of the processes
	minTick    = time.Millisecond
	maxTick    = time.Second
)

// overtime is how much longer than its timeout an attempt may last until the process is stopped: a function that
// heeds its context has returned by then.
const overtime = 250 * time.Millisecond

// watch looks after the processes until the fleet is closed: whether they live, whether an attempt lasts too long,
// how large they are, and whether they end when the run has stopped.
func (f *fleet) watch() {
	defer f.alive.Done()
	tick := f.tick()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case now := <-ticker.C:
			for _, p := range f.present() {
				// No more than two ticks: where nothing has run for a while, the workers have not either.
				f.examine(p, now, min(now.Sub(last), 2*tick))
			}
			last = now
		case <-f.over:
			return
		}
	}
}

// tick is how often to look.
func (f *fleet) tick() time.Duration {
	tick := maxTick
	for _, d := range []time.Duration{f.heartbeat / 4, f.timeout / 4, f.shutdownTimeout / 4} {
		if d > 0 {
			tick = min(tick, d)
		}
	}
	if f.memoryLimit > 0 {
		tick = min(tick, memoryTick)
	}
	return max(tick, minTick)
}

// examine looks at one process, the given time after the last look.
func (f *fleet) examine(p *process, now time.Time, since time.Duration) {
	var late, silent bool
	var resident int64
	if f.memoryLimit > 0 {
		resident = residentMemory(p.pid)
	}
	p.mu.Lock()
	if p.exited {
		p.mu.Unlock()
		return
	}
	if v := p.vitals; v != nil {
		beats := v.beats.Load()
		p.silence += since
		if beats != p.beats || beats == 0 {
			p.beats, p.silence = beats, 0
		}
		silent = f.heartbeat > 0 && p.silence >= f.heartbeat
		late = v.condemn(now.Add(-overtime))
		if resident == 0 {
			resident = v.resident.Load()
		}
	}
	p.mu.Unlock()
	switch {
	case late && p.blame(context.DeadlineExceeded), silent && p.blame(errSilent):
		f.alive.Go(p.interrogate)
	case f.expired(now):
		p.stop(errShutdown)
	case f.memoryLimit > 0 && resident >= 2*f.memoryLimit:
		p.stop(fmt.Errorf("memory limit %s exceeded: %s", sizeText(f.memoryLimit), sizeText(resident)))
	case f.memoryLimit > 0:
		f.mu.Lock()
		p.large = resident > f.memoryLimit
		f.mu.Unlock()
	}
}

// residentMemory is how many bytes of memory a process has, 0 where the operating system does not tell.
func residentMemory(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// sizeText is a number of bytes in the largest binary unit that gives a round number.
func sizeText(n int64) string {
	units := []string{"", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for n >= 1<<10 && n%(1<<10) == 0 && i+1 < len(units) {
		n >>= 10
		i++
	}
	return strconv.FormatInt(n, 10) + units[i]
}
