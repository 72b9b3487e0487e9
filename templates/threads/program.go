package threads

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// program is a process of a command in the hands of a slot.
type program struct {
	stats   *processStats
	most    int // bytes of an item or a result
	fleet   *fleet
	process *process // nil: none
	replies *bufio.Reader
	line    []byte // what was read last
	asked   int    // items
}

// reply is a line of a program's.
type reply struct {
	ID    *int            `json:"id"`
	Item  json.RawMessage `json:"item"`
	Error *string         `json:"error"`
	err   error           // the line is of no use
}

// result is the reply's item, or error.
func (r reply) result() (json.RawMessage, error) {
	switch {
	case r.err != nil:
		return nil, r.err
	case r.Error != nil:
		return nil, errors.New(*r.Error)
	}
	return r.Item, nil
}

// start takes a process. It returns false where the run has stopped.
func (p *program) start(f *fleet) bool {
	p.fleet, p.process, p.asked = f, f.take(), 0
	if p.process == nil {
		return false
	}
	p.replies = bufio.NewReader(p.process.conn)
	return true
}

// exchange sends an item and waits for the reply. An error says how the process has ended, for there is none any more;
// begun, whether it can have seen the item.
func (p *program) exchange(item []byte, timeout time.Duration) (r reply, begun bool, err error) {
	p.asked++
	question := fmt.Appendf(nil, `{"id":%d,"item":%s}`+"\n", p.asked, item)
	asked, written := p.process, make(chan int, 1)
	go func() { // a program that writes before it reads must not be waited for
		n, _ := asked.conn.Write(question)
		p.stats.bytesOut.Add(int64(n))
		written <- n
	}()
	inTime := func() bool { return true }
	if timeout > 0 {
		late := fmt.Errorf("no answer in %v: %w", timeout, context.DeadlineExceeded)
		inTime = time.AfterFunc(timeout, func() { asked.stop(late) }).Stop
	}
	r, ok := p.read()
	sent := 0
	if ok { // even before it has read all
		sent = <-written
	}
	if inTime() && ok {
		return r, true, nil
	}
	err = p.fleet.lost(asked)
	p.process = nil
	if !ok {
		sent = <-written
	}
	return reply{}, sent > 0 || len(p.line) > 0, err
}

// frameSize is what a line may have beside an item.
const frameSize = len(`{"id":9223372036854775807,"item":}` + "\n")

// read returns the next reply. It returns false where the process has ended, or has been stopped because it does not
// keep to the protocol.
func (p *program) read() (r reply, ok bool) {
	size, err := p.readLine()
	if err != nil {
		return reply{}, false
	}
	if size > p.most+frameSize {
		return reply{err: p.tooLarge(size - frameSize)}, true
	}
	if err := json.Unmarshal(p.line, &r); err == nil && r.ID != nil && *r.ID == p.asked {
		if n := len(r.Item); n > p.most {
			r.err = p.tooLarge(n)
		}
		return r, true
	}
	p.process.stop(fmt.Errorf("it wrote %.80q where an answer with \"id\":%d is due", p.line, p.asked))
	return reply{}, false
}

func (p *program) tooLarge(size int) error {
	return fmt.Errorf("the answer takes %d bytes, more than max_item: %d", size, p.most)
}

// readLine reads a line and returns its length. Of one that is too long only the beginning is kept.
func (p *program) readLine() (size int, err error) {
	p.line = p.line[:0]
	for {
		part, err := p.replies.ReadSlice('\n')
		size += len(part)
		p.stats.bytesIn.Add(int64(len(part)))
		if len(p.line) <= p.most+frameSize {
			p.line = append(p.line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return size, err
		}
	}
}
