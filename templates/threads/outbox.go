package threads

import (
	"slices"
	"sync/atomic"
)

// outbox is the message that a worker process is about to send, in memory that its parent maps too: when the process
// dies the parent takes what has not come by the stream. The process writes it.
type outbox struct {
	before  atomic.Int64 // bytes of records that were in earlier messages
	done    atomic.Int64 // how much of the message may be sent, the head's room included
	message [2 * enoughSaid]byte
}

// empty begins the next message; the one before had n bytes. At any moment the parent finds all that may be sent, or
// nothing where all has been.
func (b *outbox) empty(n int) {
	b.done.Store(headSize)
	b.before.Add(int64(n - headSize))
}

// unsent is a copy of the records that may be sent. It is for the parent, when the process has gone.
func (b *outbox) unsent() (before int64, records []byte) {
	end := min(max(headSize, b.done.Load()), int64(len(b.message)))
	return b.before.Load(), slices.Clone(b.message[headSize:end])
}
