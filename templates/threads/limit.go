package threads

import (
	"context"
	"maps"
	"sync"
	"time"
)

// rate is how fast tokens come into a bucket, from which each call takes one. A bucket is kept as the time at
// which it will be full.
type rate struct {
	every time.Duration // a token comes in
	fill  time.Duration // takes an empty bucket
}

// newRate is the rate of count calls in per, burst of them at once after a pause.
func newRate(count float64, per time.Duration, burst int) rate {
	const longest = float64(1 << 62) // about 146 years
	every := min(float64(per)/count, longest)
	return rate{time.Duration(every), time.Duration(min(every*float64(burst), longest))}
}

// take takes a token from the bucket that will be full at full, and says how long to wait for it.
func (r rate) take(full *time.Time, now time.Time) time.Duration {
	if full.Before(now) {
		*full = now
	}
	*full = full.Add(r.every)
	return full.Sub(now) - r.fill
}

// limit lets the calls of a stage begin at a rate.
type limit struct {
	rate
	mu   sync.Mutex
	full time.Time
}

// newLimit makes a limit of count calls in per, burst of them at once after a pause.
func newLimit(count float64, per time.Duration, burst int) *limit {
	return &limit{rate: newRate(count, per, burst)}
}

// wait waits for its turn. It returns the cause of ctx's end if that comes first.
func (l *limit) wait(ctx context.Context) error {
	l.mu.Lock()
	delay := l.take(&l.full, time.Now())
	l.mu.Unlock()
	return sleep(ctx, delay)
}

// keyedLimit is a limit for each key. It remembers no key whose bucket has been full for long.
type keyedLimit[K comparable] struct {
	rate
	mu   sync.Mutex
	full map[K]time.Time
	many int // the size of full at which to forget
}

// newKeyedLimit makes a limit like that of newLimit for each key.
func newKeyedLimit[K comparable](count float64, per time.Duration, burst int) *keyedLimit[K] {
	return &keyedLimit[K]{rate: newRate(count, per, burst), full: make(map[K]time.Time)}
}

// wait waits for the turn of key. It returns the cause of ctx's end if that comes first.
func (l *keyedLimit[K]) wait(ctx context.Context, key K) error {
	return sleep(ctx, l.delay(key))
}

func (l *keyedLimit[K]) delay(key K) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock() // a key in an interface may not be comparable: that panics
	now, full := time.Now(), l.full[key]
	delay := l.take(&full, now)
	l.full[key] = full
	if len(l.full) > l.many {
		maps.DeleteFunc(l.full, func(_ K, full time.Time) bool { return !full.After(now) })
		l.many = max(64, 2*len(l.full))
	}
	return delay
}
