package threads

import (
	"math"
	"sync"
	"testing"
	"unsafe"
)

func TestMark_RevokedNeverBegins(t *testing.T) {
	var m mark
	if m.last() != 0 || m.revoke(0) != 0 || !m.begin(1) || !m.begin(2) {
		t.Fatal("the first items do not begin")
	}
	if got := m.revoke(5); got != 2 {
		t.Errorf("item 2 has begun, not %d", got)
	}
	for n := uint32(3); n <= 5; n++ {
		if m.begin(n) {
			t.Errorf("item %d begins", n)
		}
	}
	if got := m.revoke(4); got != 2 || m.begin(5) {
		t.Error("a smaller revocation takes the larger one back")
	}
	if !m.begin(6) || m.last() != 6 {
		t.Error("what was sent later does not begin")
	}
}

// The item that the parent waits for is not among those that it takes back, whether the worker has come to it or not.
func TestMark_Kept(t *testing.T) {
	var m mark
	if !m.begin(1) || !m.begin(2) { // the worker has begun 1, and the parent keeps 2
		t.Fatal("the first items do not begin")
	}
	if got := m.revoke(4); got != 2 || !m.begin(2) || m.begin(3) || m.begin(4) || !m.begin(5) {
		t.Errorf("up to item %d all begin", got)
	}
}

func TestMark_Wraps(t *testing.T) {
	var m mark
	for n, steps := uint32(1), 0; steps < 40; steps++ { // far more than 2³² items
		if !m.begin(n) || m.last() != n {
			t.Fatalf("item %d does not begin", n)
		}
		if steps%3 == 0 {
			if m.revoke(n+2) != n || m.begin(n+2) || !m.begin(n+3) {
				t.Fatalf("after item %d", n)
			}
		}
		n += math.MaxInt32 / 3
	}
}

// Worker and parent agree on each item, whoever comes first.
func TestMark_Agreement(t *testing.T) {
	const items = 2000
	var m mark
	var both sync.WaitGroup
	begun := make([]bool, items+1)
	both.Go(func() {
		for n := uint32(1); n <= items; n++ {
			begun[n] = m.begin(n)
		}
	})
	revoked := make([]bool, items+1)
	both.Go(func() {
		for upTo := uint32(0); upTo < items; {
			upTo = min(max(upTo, m.last())+7, items)
			for n := m.revoke(upTo) + 1; n <= upTo; n++ {
				revoked[n] = true
			}
		}
	})
	both.Wait()
	for n := 1; n <= items; n++ {
		if begun[n] == revoked[n] {
			t.Fatalf("item %d: begun %v, revoked %v", n, begun[n], revoked[n])
		}
	}
}

// What is looked at all the time keeps to one cache line.
func TestVitalsSize(t *testing.T) {
	if size := unsafe.Offsetof(vitals{}.outbox.message); size > 64 {
		t.Errorf("the vitals take %d bytes before the message", size)
	}
}
