package peers

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"

	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// The limit of the P shapes: frames on a socketpair, each four bytes of length and the content, between two
// processes of one program that know what they contain. Nothing is supervised, nobody may die.

// rawVariable tells a process that it is to be a child, and which.
const rawVariable = "BENCH_RAW"

// RawChild makes this process a child if a parent has started it as one, and does not return then.
func RawChild() {
	job, ok := rawJobs[os.Getenv(rawVariable)]
	if !ok {
		return
	}
	err := job(os.NewFile(3, "parent"))
	if err != nil && !errors.Is(err, io.EOF) {
		println(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

var rawJobs = map[string]func(conn *os.File) error{
	"squares": squareFrames,
	"measure": measureFrames,
	"hello":   func(conn *os.File) error { _, err := conn.Write([]byte{1}); return err },
}

const frameHead = 4

// squareFrames squares the numbers of each frame.
func squareFrames(conn *os.File) error {
	in, out := bufio.NewReaderSize(conn, 1<<16), []byte(nil)
	for {
		head, err := in.Peek(frameHead)
		if err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint32(head))
		frame, err := in.Peek(frameHead + n)
		if err != nil {
			return err
		}
		out = append(out[:0], head...)
		for content := frame[frameHead:]; len(content) > 0; content = content[8:] {
			y, err := stages.Square(context.Background(), int(binary.LittleEndian.Uint64(content)))
			if err != nil {
				return err
			}
			out = binary.LittleEndian.AppendUint64(out, uint64(y))
		}
		_, _ = in.Discard(frameHead + n)
		if _, err := conn.Write(out); err != nil {
			return err
		}
	}
}

// measureFrames takes frames into memory of their own and answers with their lengths.
func measureFrames(conn *os.File) error {
	var head [frameHead]byte
	for {
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return err
		}
		block := make([]byte, binary.LittleEndian.Uint32(head[:]))
		if _, err := io.ReadFull(conn, block); err != nil {
			return err
		}
		n, err := stages.Measure(context.Background(), block)
		if err != nil {
			return err
		}
		if _, err := conn.Write(binary.LittleEndian.AppendUint64([]byte{8, 0, 0, 0}, uint64(n))); err != nil {
			return err
		}
	}
}

// A RawWorker is a child and the socket to it.
type RawWorker struct {
	conn    *os.File
	command *exec.Cmd
	buf     []byte
}

// StartRaw starts a child for one of rawJobs.
func StartRaw(job string) (*RawWorker, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c := exec.Command("/proc/self/exe")
	c.Env = append(os.Environ(), rawVariable+"="+job)
	c.ExtraFiles = []*os.File{theirs}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		_ = ours.Close()
		return nil, err
	}
	return &RawWorker{conn: ours, command: c}, nil
}

// Stop ends the child.
func (w *RawWorker) Stop() error {
	return errors.Join(w.conn.Close(), w.command.Wait())
}

// Hello waits until the child says something.
func (w *RawWorker) Hello() error {
	_, err := w.conn.Read(make([]byte, 1))
	return err
}

// Ask sends n items, one at a time, and adds the results.
func (w *RawWorker) Ask(ctx context.Context, n int) error {
	w.buf = make([]byte, frameHead+8)
	for x := range stages.Ints(n) {
		y, err := w.ask(x)
		if err == nil {
			err = stages.Add(ctx, y)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *RawWorker) ask(x int) (int, error) {
	binary.LittleEndian.PutUint32(w.buf, 8)
	binary.LittleEndian.PutUint64(w.buf[frameHead:], uint64(x))
	if _, err := w.conn.Write(w.buf); err != nil {
		return 0, err
	}
	_, err := io.ReadFull(w.conn, w.buf)
	return int(binary.LittleEndian.Uint64(w.buf[frameHead:])), err
}

// Send sends a block n times, each when the length of the one before has come, and adds the lengths.
func (w *RawWorker) Send(ctx context.Context, block []byte, n int) error {
	w.buf = append(w.buf[:0], make([]byte, frameHead+8)...)
	for range n {
		binary.LittleEndian.PutUint32(w.buf, uint32(len(block)))
		if _, err := w.conn.Write(w.buf[:frameHead]); err != nil {
			return err
		}
		if _, err := w.conn.Write(block); err != nil {
			return err
		}
		if _, err := io.ReadFull(w.conn, w.buf); err != nil {
			return err
		}
		if err := stages.Add(ctx, int(binary.LittleEndian.Uint64(w.buf[frameHead:]))); err != nil {
			return err
		}
	}
	return nil
}

// RawSquares starts children and has each square its share of n numbers, in frames of so many, of which it may have
// several at a time.
func RawSquares(ctx context.Context, n, children, perFrame int) error {
	results := make([]stages.Sum, children)
	g, ctx := errgroup.WithContext(ctx)
	for i := range children {
		g.Go(func() error {
			w, err := StartRaw("squares")
			if err != nil {
				return err
			}
			err = w.squares(ctx, n*i/children, n*(i+1)/children, perFrame, &results[i])
			return errors.Join(err, w.Stop())
		})
	}
	err := g.Wait()
	for _, r := range results {
		stages.Total.Items += r.Items
		stages.Total.Value += r.Value
	}
	return err
}

// squares squares the numbers of [from, to). One goroutine writes, the caller's reads.
func (w *RawWorker) squares(ctx context.Context, from, to, perFrame int, result *stages.Sum) error {
	missing := to - from
	var g errgroup.Group
	g.Go(func() error {
		var frame []byte
		for from < to {
			end := min(to, from+perFrame)
			frame = binary.LittleEndian.AppendUint32(frame[:0], uint32(8*(end-from)))
			for ; from < end; from++ {
				frame = binary.LittleEndian.AppendUint64(frame, uint64(from))
			}
			if _, err := w.conn.Write(frame); err != nil {
				return err
			}
		}
		return nil
	})
	in := bufio.NewReaderSize(w.conn, 1<<16)
	for missing > 0 && ctx.Err() == nil {
		head, err := in.Peek(frameHead)
		if err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint32(head))
		frame, err := in.Peek(frameHead + n)
		if err != nil {
			return err
		}
		for content := frame[frameHead:]; len(content) > 0; content = content[8:] {
			result.Items++
			result.Value += binary.LittleEndian.Uint64(content)
			missing--
		}
		_, _ = in.Discard(frameHead + n)
	}
	return g.Wait()
}
