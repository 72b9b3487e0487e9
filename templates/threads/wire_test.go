package threads

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"
)

type oneWay struct {
	io.Reader
	io.Writer
}

func wireOf(r io.Reader, most int) *wire { return newWire(oneWay{r, io.Discard}, most) }

func messages(sizes ...int) (stream []byte, contents [][]byte) {
	for i, n := range sizes {
		content := bytes.Repeat([]byte{byte(i + 1)}, n)
		contents = append(contents, content)
		stream = append(stream, seal(append(make([]byte, headSize), content...))...)
	}
	return stream, contents
}

// Messages come out as they went in, however the stream is cut into reads.
func TestMessagesDoNotMerge(t *testing.T) {
	stream, want := messages(0, 1, 5, wireBlock-headSize, wireBlock-headSize+1, 0, 65*wireBlock, 3)
	for name, cut := range map[string]func(io.Reader) io.Reader{
		"whole":             func(r io.Reader) io.Reader { return r },
		"halves":            iotest.HalfReader,
		"bytes":             iotest.OneByteReader,
		"data with the end": iotest.DataErrReader,
	} {
		w := wireOf(cut(bytes.NewReader(stream)), 1<<30)
		var kept [][]byte
		for i, content := range want {
			got, owned, err := w.receive()
			if err != nil || !bytes.Equal(got, content) {
				t.Fatalf("%s: message %d has %d bytes and the error %v, want %d bytes", name, i, len(got), err, len(content))
			}
			if owned {
				kept = append(kept, got)
			}
		}
		if _, _, err := w.receive(); err != io.EOF {
			t.Errorf("%s: the stream ends with %v, want EOF", name, err)
		}
		if len(kept) != 2 || !bytes.Equal(kept[0], want[4]) || !bytes.Equal(kept[1], want[6]) {
			t.Errorf("%s: %d messages have memory of their own, want the two large ones, unchanged", name, len(kept))
		}
	}
}

// A stream that ends in a message is torn, wherever that is.
func TestTornMessage(t *testing.T) {
	stream, _ := messages(3 * wireBlock)
	for _, n := range []int{1, headSize - 1, headSize, headSize + 1, wireBlock, wireBlock + 1, len(stream) - 1} {
		if _, _, err := wireOf(bytes.NewReader(stream[:n]), 1<<30).receive(); !errors.Is(err, errTorn) {
			t.Errorf("%d bytes of a message end with %v, want %v", n, err, errTorn)
		}
	}
}

// The length of a message takes no memory: not one beyond the limit, nor one that never comes.
func TestLengthTakesNoMemory(t *testing.T) {
	head := seal(make([]byte, headSize))
	copy(head, []byte{0xff, 0xff, 0xff, 0x3f})
	if _, _, err := wireOf(bytes.NewReader(head), 1<<20).receive(); err == nil || errors.Is(err, errTorn) {
		t.Errorf("a message of 1 GiB where 1 MiB is the most: %v", err)
	}
	w := wireOf(bytes.NewReader(head), 1<<30)
	if n := testing.AllocsPerRun(1, func() { w.buf, w.from = append(w.buf[:0], head...), 0; _, _, _ = w.receive() }); n > 5 {
		t.Errorf("%v allocations", n)
	}
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w := wireOf(bytes.NewReader(head), 1<<30)
			_, _, _ = w.receive()
		}
	})
	if n := result.AllocedBytesPerOp(); n > 96*wireBlock {
		t.Errorf("a promise of 1 GiB takes %d bytes", n)
	}
}

func FuzzWire(f *testing.F) {
	stream, _ := messages(3, 0, 200)
	f.Add(stream, uint64(1))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		w := wireOf(cutReader{bytes.NewReader(stream), rng}, 1<<16)
		total := 0
		for {
			m, _, err := w.receive()
			if err != nil {
				return
			}
			if total += headSize + len(m); total > len(stream) {
				t.Fatalf("%d bytes out of %d", total, len(stream))
			}
		}
	})
}

// cutReader reads pieces of random lengths.
type cutReader struct {
	r   io.Reader
	rng *rand.Rand
}

func (c cutReader) Read(p []byte) (int, error) {
	return c.r.Read(p[:1+c.rng.IntN(len(p))])
}

// The timer sends what is done while the next record, for which the message has to grow, is written.
func TestAnswer_Tick(t *testing.T) {
	var said bytes.Buffer
	a := newAnswer(&said, newEncoder(1<<20, nil), new(outbox))
	defer a.timer.Stop()
	record := bytes.Repeat([]byte("r"), 100)
	for range 20 {
		a.enc.buf = append(a.enc.buf, record...)
		a.show()
		time.Sleep(3 * longSilent)
	}
	if err := a.flush(); err != nil {
		t.Fatal(err)
	}
	var got []byte
	messages := 0
	for b := said.Bytes(); len(b) > 0; messages++ {
		size := int(binary.LittleEndian.Uint32(b))
		got = append(got, b[headSize:headSize+size]...)
		b = b[headSize+size:]
	}
	if !bytes.Equal(got, bytes.Repeat(record, 20)) || messages < 2 {
		t.Errorf("%d bytes in %d messages, want 2000 in several", len(got), messages)
	}
}
