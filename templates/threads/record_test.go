package threads

import (
	"bytes"
	"testing"
)

// Records come out as they went in, whatever the lengths of their neighbours.
func TestRecords(t *testing.T) {
	var s sizer
	var b []byte
	var want [][]byte
	for _, n := range []int{0, 1, 127, 128, 5, 0, 16383, 16384, 3, 200, 1 << 21, 2, 2} {
		content := bytes.Repeat([]byte{7}, n)
		want = append(want, content)
		var body int
		b, body = s.open(b, byte(len(want)))
		b = s.close(append(b, content...), body)
	}
	for i, content := range want {
		kind, got, rest, ok := nextRecord(b)
		if !ok || kind != byte(i+1) || !bytes.Equal(got, content) {
			t.Fatalf("record %d: kind %d, %d bytes, %v; want %d bytes", i, kind, len(got), ok, len(content))
		}
		b = rest
	}
	if len(b) != 0 {
		t.Errorf("%d bytes are left", len(b))
	}
}

func FuzzRecords(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5})
	f.Add([]byte{1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01})
	f.Fuzz(func(t *testing.T, message []byte) {
		for {
			_, content, rest, ok := nextRecord(message)
			if !ok {
				return
			}
			if len(content)+len(rest)+2 > len(message) {
				t.Fatal("more comes out than was in")
			}
			message = rest
		}
	})
}
