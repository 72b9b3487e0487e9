package threads

import (
	"context"
	"flag"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// Goroutines of this process and of workers, of which some end in the middle of what they do, use one resource. What
// they have seen must be what they would have seen one after the other, each call at some moment between its
// beginning and its return. Of a call that has not returned, as its process has ended, either all or nothing is done.

var histories = flag.Int("histories", 250, "how many histories of each shared resource are checked")

// clients use a resource: 0 is in this process, each other one a worker, and after its end another worker.
const clients = 4

// history is what clients have done and seen.
type history struct {
	mu    sync.Mutex
	clock int64
	ops   []porcupine.Operation
}

// A call is known by a method's name and what it was given; unseen is the output of one that has not returned, and
// void of one that has done nothing.
type (
	call struct {
		client int
		method string
		n      int
	}
	unseen struct{}
	void   struct{}
)

// do notes the call that f makes, and what f has seen.
func (h *history) do(c call, f func() any) {
	h.mu.Lock()
	h.clock++
	i := len(h.ops)
	h.ops = append(h.ops, porcupine.Operation{ClientId: c.client, Input: c, Call: h.clock, Output: unseen{}, Return: math.MaxInt64})
	h.mu.Unlock()
	seen := f()
	h.mu.Lock()
	h.clock++
	h.ops[i].Output, h.ops[i].Return = seen, h.clock
	h.mu.Unlock()
}

// subject is a resource whose histories are looked at. S is its state, as a value.
type subject[S comparable] struct {
	hub    *hub
	local  func(use *user)           // what a client of this process does, once
	remote func(c *calls, use *user) // what one in a worker does
	begin  S
	step   func(s S, c call, seen any) (bool, S) // seen may be unseen
}

// user is one client, for the life of its process.
type user struct {
	*history
	client int
	rand   *rand.Rand
	held   int // what it may give back
}

func (u *user) do(method string, n int, f func() any) { u.history.do(call{u.client, method, n}, f) }

// soon is a context that ends while others are at work.
func (u *user) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Duration(u.rand.IntN(200))*time.Microsecond)
}

// attempt is what a call has come to that may have done nothing, as its context has ended.
func attempt(seen any, err error) any {
	if err != nil {
		return void{}
	}
	return seen
}

const calledOften = 6 // calls in the life of a process

// record makes clients use the subject.
func (s subject[S]) record(t *testing.T, seed uint64) []porcupine.Operation {
	h := &history{}
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			if client == 0 {
				u := &user{h, client, random, 0}
				for range 2 * calledOften {
					s.local(u)
				}
				return
			}
			for range 2 {
				c, end := mortal(t, s.hub)
				patience := random.IntN(400) // a worker's end, sometimes before its time
				u := &user{h, client, rand.New(rand.NewPCG(seed, random.Uint64())), 0}
				done := make(chan bool)
				go func() {
					defer close(done)
					for range calledOften {
						s.remote(c, u)
					}
				}()
				if patience < 200 {
					for range patience {
						runtime.Gosched()
					}
				} else {
					<-done
				}
				h.do(call{client, "left", 0}, func() any { return len(end()) > 0 })
			}
		})
	}
	all.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]porcupine.Operation(nil), h.ops...)
}

// checkHistories makes and checks histories of subjects that fresh makes.
func checkHistories[S comparable](t *testing.T, fresh func() subject[S]) {
	for i := range *histories {
		s := fresh()
		ops := s.record(t, uint64(i))
		model := porcupine.Model{
			Init: func() any { return s.begin },
			Step: func(state, input, output any) (bool, any) {
				if _, ok := output.(void); ok {
					return true, state
				}
				ok, next := s.step(state.(S), input.(call), output)
				if _, pending := output.(unseen); pending && !ok {
					return true, state // it has never been done
				}
				return ok, next
			},
		}
		if porcupine.CheckOperationsTimeout(model, ops, 10*time.Second) != porcupine.Ok {
			for _, op := range ops {
				t.Logf("%3d–%d: %v: %v", op.Call, op.Return, op.Input, op.Output)
			}
			t.Fatalf("history %d is none of an object", i)
		}
	}
}

// saw says whether a call that has returned has seen want.
func saw(seen, want any) bool { return seen == unseen{} || seen == want }

func TestHistories_Map(t *testing.T) {
	type entries [2]int // 0: none
	names := []string{"a", "b"}
	checkHistories(t, func() subject[entries] {
		local := newLocalMap[string, int]()
		use := func(m sharedMap[string, int], u *user) {
			key := u.rand.IntN(len(names))
			name := names[key]
			switch u.rand.IntN(6) {
			case 0:
				u.do("Get", key, func() any { v, _ := m.Get(name); return v })
			case 1:
				v := 1 + u.rand.IntN(100)
				u.do("Set", 100*key+v, func() any { m.Set(name, v); return nil })
			case 2:
				u.do("Delete", key, func() any { m.Delete(name); return nil })
			case 3:
				u.do("Snapshot", 0, func() any { all := m.Snapshot(); return entries{all["a"], all["b"]} })
			default:
				u.do("Update", key, func() any {
					var old int
					m.Update(name, func(v int, _ bool) int {
						old = v
						for range u.rand.IntN(50) {
							runtime.Gosched()
						}
						return v + 1000
					})
					return old
				})
			}
		}
		return subject[entries]{
			hub:   serving(newMapService(local, encodeText, decodeText, encodeNumber, decodeNumber)),
			local: func(u *user) { use(local, u) },
			remote: func(c *calls, u *user) {
				use(newRemoteMap(c, 0, encodeText, decodeText, encodeNumber, decodeNumber), u)
			},
			step: func(s entries, c call, seen any) (bool, entries) {
				switch c.method {
				case "Get":
					return saw(seen, s[c.n]), s
				case "Set":
					s[(c.n-1)/100] = (c.n-1)%100 + 1
				case "Delete":
					s[c.n] = 0
				case "Snapshot":
					return saw(seen, s), s
				case "Update":
					old := s[c.n]
					s[c.n] += 1000
					return saw(seen, old), s
				}
				return true, s
			},
		}
	})
}

func TestHistories_Queue(t *testing.T) {
	type state struct {
		items string
		open  [clients]int
		left  int // items that are not done
	}
	const capacity = 2
	checkHistories(t, func() subject[state] {
		local := newLocalQueue[int](capacity)
		use := func(q sharedQueue[int], u *user) {
			ctx, cancel := u.soon()
			defer cancel()
			item := 1 + u.rand.IntN(26)
			switch u.rand.IntN(8) {
			case 0, 1:
				u.do("Put", item, func() any { return attempt(true, q.Put(ctx, item)) })
			case 2:
				u.do("Put", item, func() any { return q.TryPut(item) })
			case 3:
				u.do("Get", 0, func() any {
					v, ok := q.TryGet()
					if ok {
						u.held++
					}
					return v
				})
			case 4:
				u.do("Len", 0, func() any { return q.Len() })
			case 5:
				u.do("Join", 0, func() any { return attempt(nil, q.Join(ctx)) })
			case 6:
				if u.held > 0 {
					u.held--
					u.do("Done", 0, func() any { q.Done(); return nil })
				}
			default:
				u.do("Get", 0, func() any {
					v, err := q.Get(ctx)
					if err == nil {
						u.held++
					}
					return attempt(v, err)
				})
			}
		}
		return subject[state]{
			hub:    serving(newQueueService(local, encodeNumber, decodeNumber)),
			local:  func(u *user) { use(local, u) },
			remote: func(c *calls, u *user) { use(newRemoteQueue(c, 0, encodeNumber, decodeNumber), u) },
			step: func(s state, c call, seen any) (bool, state) {
				switch c.method {
				case "Put":
					if len(s.items) == capacity {
						return seen == false, s
					}
					s.items += string(rune('`' + c.n))
					s.left++
					return saw(seen, true), s
				case "Get":
					if s.items == "" {
						return seen == 0, s
					}
					first := int(s.items[0] - '`')
					s.items = s.items[1:]
					s.open[c.client]++
					return saw(seen, first), s
				case "Len":
					return saw(seen, len(s.items)), s
				case "Join":
					return s.left == 0, s
				case "Done":
					if s.open[c.client] == 0 {
						return false, s
					}
					s.open[c.client]--
					s.left--
				case "left":
					s.left -= s.open[c.client]
					s.open[c.client] = 0
				}
				return true, s
			},
		}
	})
}

func TestHistories_Lock(t *testing.T) {
	checkHistories(t, func() subject[int] {
		local := newLocalCondition()
		use := func(l sync.Locker, u *user) {
			if u.held == 0 {
				u.do("Lock", 0, func() any { l.Lock(); return nil })
				u.held++
				return
			}
			for range u.rand.IntN(20) {
				runtime.Gosched()
			}
			u.held--
			u.do("Unlock", 0, func() any { l.Unlock(); return nil })
		}
		return subject[int]{
			hub:    serving(newConditionService(local)),
			local:  func(u *user) { use(local, u) },
			remote: func(c *calls, u *user) { use(newRemoteCondition(c, 0), u) },
			begin:  -1, // else the client that has it
			step: func(owner int, c call, seen any) (bool, int) {
				switch c.method {
				case "Lock":
					return owner == -1, c.client
				case "Unlock":
					return owner == c.client, -1
				}
				if owner == c.client {
					return seen == true, -1
				}
				return seen == false, owner
			},
		}
	})
}

func TestHistories_Semaphore(t *testing.T) {
	const permits = 2
	checkHistories(t, func() subject[[clients]int] {
		local := newLocalSemaphore(permits)
		use := func(s sharedSemaphore, u *user) {
			ctx, cancel := u.soon()
			defer cancel()
			switch u.rand.IntN(5) {
			case 0, 1:
				u.do("Acquire", 0, func() any {
					err := s.Acquire(ctx)
					if err == nil {
						u.held++
					}
					return attempt(true, err)
				})
			case 2:
				u.do("Acquire", 0, func() any {
					ok := s.TryAcquire()
					if ok {
						u.held++
					}
					return ok
				})
			default:
				if u.held > 0 {
					u.held--
					u.do("Release", 0, func() any { s.Release(); return nil })
				}
			}
		}
		return subject[[clients]int]{
			hub:    serving(newSemaphoreService(local)),
			local:  func(u *user) { use(local, u) },
			remote: func(c *calls, u *user) { use(newRemoteSemaphore(c, 0), u) },
			step: func(held [clients]int, c call, seen any) (bool, [clients]int) {
				taken := 0
				for _, n := range held {
					taken += n
				}
				switch c.method {
				case "Acquire":
					if taken == permits {
						return seen == false, held
					}
					held[c.client]++
					return saw(seen, true), held
				case "Release":
					if held[c.client] == 0 {
						return false, held
					}
					held[c.client]--
				case "left":
					had := held[c.client] > 0
					held[c.client] = 0
					return seen == had, held
				}
				return true, held
			},
		}
	})
}
