package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// oddImages are images of all formats and sizes, and what only looks like an image.
func oddImages(t *testing.T) fs.FS {
	t.Helper()
	picture := func(width, height int) image.Image {
		p := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White, color.Transparent})
		for i := range p.Pix {
			p.Pix[i] = uint8(i % 7 % 3)
		}
		return p
	}
	encode := func(err error, b *bytes.Buffer) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	asPNG := func(width, height int) []byte {
		var b bytes.Buffer
		return encode(png.Encode(&b, picture(width, height)), &b)
	}
	asJPEG := func(width, height int) []byte {
		var b bytes.Buffer
		return encode(jpeg.Encode(&b, picture(width, height), nil), &b)
	}
	asGIF := func(width, height int) []byte {
		var b bytes.Buffer
		return encode(gif.Encode(&b, picture(width, height), nil), &b)
	}
	files := fstest.MapFS{}
	for name, data := range map[string][]byte{
		"dot.png":              asPNG(1, 1),
		"fits.png":             asPNG(64, 64),
		"just-not.PNG":         asPNG(65, 64),
		"column.gif":           asGIF(1, 300),
		"deep/down/wide.jpg":   asJPEG(300, 200),
		"deep/down/tall.jpeg":  asJPEG(200, 301),
		"deep/empty.png":       nil,
		"deep/cut.gif":         asGIF(90, 90)[:200],
		"deep/cut.jpeg":        asJPEG(90, 90)[:200],
		"deep/a gif.png":       asGIF(90, 90),
		"deep/text.jpg":        []byte("no image"),
		"README":               []byte("no image either"),
		"png":                  asPNG(2, 2),
		"no extension/.hidden": nil,
	} {
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// memory is a store that counts uploads, refuses them where it is told so, and remembers when they came.
type memory struct {
	mu     sync.Mutex
	thumbs map[string]string
	times  []time.Time
	refuse func(thumbs []Thumb) error
}

func (m *memory) Put(ctx context.Context, thumbs []Thumb) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times = append(m.times, time.Now())
	if m.refuse != nil {
		if err := m.refuse(thumbs); err != nil {
			return err
		}
	}
	if m.thumbs == nil {
		m.thumbs = make(map[string]string)
	}
	for _, thumb := range thumbs {
		m.thumbs[thumb.Name] = string(thumb.PNG)
	}
	return ctx.Err()
}

// sequential is what a loop over the same functions makes of images: the thumbnails and the dead letters.
func sequential(t *testing.T, images fs.FS) (thumbs map[string]string, letters []Letter) {
	t.Helper()
	thumbs = make(map[string]string)
	add := func(picture Picture) {
		thumb, err := Encode(Shrink(picture, 64))
		if err != nil {
			t.Fatal(err)
		}
		thumbs[thumb.Name] = string(thumb.PNG)
	}
	decoders := map[string]func(string, fs.FS) (Picture, error){"png": DecodePNG, "jpeg": DecodeJPEG, "gif": DecodeGIF}
	err := Files(func(path string) error {
		decode, known := decoders[Format(path)]
		if !known {
			return nil
		}
		picture, err := decode(path, images)
		if err != nil {
			letters = append(letters, Letter{path, "decode_" + Format(path), err.Error()})
			return nil
		}
		add(picture)
		return nil
	}, images)
	if err != nil {
		t.Fatal(err)
	}
	for picture := range Drawn() {
		add(picture)
	}
	slices.SortFunc(letters, func(a, b Letter) int { return strings.Compare(a.Name, b.Name) })
	return thumbs, letters
}

func TestSameAsALoop(t *testing.T) {
	images := oddImages(t)
	wantThumbs, wantLetters := sequential(t, images)
	for seed := range uint64(4) {
		store, letters := new(memory), new(Letters)
		p := Thumbs{Images: images, Store: newFarStore(store, seed), Letters: letters}
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantLetters, letters.Sorted()); diff != "" {
			t.Errorf("seed %d: the dead letters differ (-want +got):\n%s", seed, diff)
		}
		if !maps.Equal(wantThumbs, store.thumbs) {
			t.Errorf("seed %d: %d thumbnails are in the store, want %d; or they have other pixels", seed, len(store.thumbs), len(wantThumbs))
		}
	}
}

// TestIntoADirectory runs the program as its comment says.
func TestIntoADirectory(t *testing.T) {
	source, err := directory(nil)
	if err != nil {
		t.Skip("no go command:", err)
	}
	out := filepath.Join(t.TempDir(), "new", "directory")
	var summary strings.Builder
	if err := thumbnails(t.Context(), &summary, nil, out); err != nil {
		t.Fatal(err)
	}
	want, letters := sequential(t, os.DirFS(source))
	if text := reasons(letters); len(letters) == 0 || !strings.HasSuffix(summary.String(), text) {
		t.Errorf("the summary does not end with the dead letters of the loop:\n%s\nwant\n%s", summary.String(), text)
	}
	got := make(map[string]string)
	written := os.DirFS(out)
	err = Files(func(path string) error {
		file, err := fs.ReadFile(written, path)
		got[path] = string(file)
		return err
	}, written)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(want, got) {
		t.Errorf("%d files, want %d; or they have other pixels", len(got), len(want))
	}
}

func TestThumbnailsFit(t *testing.T) {
	store := new(memory)
	if err := (Thumbs{Images: oddImages(t), Store: store, Letters: new(Letters), Size: 32}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]image.Point{
		"dot.png.png":             {1, 1},
		"fits.png.png":            {32, 32},
		"just-not.PNG.png":        {32, 31},
		"column.gif.png":          {1, 32},
		"deep/down/wide.jpg.png":  {32, 21},
		"deep/down/tall.jpeg.png": {21, 32},
		"drawn/row.png":           {32, 1},
	} {
		config, err := png.DecodeConfig(strings.NewReader(store.thumbs[name]))
		if got := (image.Point{config.Width, config.Height}); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", name, got, err, want)
		}
	}
}

// A shrunk picture has the mean colours of the parts of the large one.
func TestAverage(t *testing.T) {
	large := image.NewGray(image.Rect(10, 10, 14, 12)) // not at the origin
	copy(large.Pix, []uint8{0, 100, 50, 60, 200, 100, 70, 80})
	small := Shrink(Picture{"", large}, 2).Image
	if small.Bounds() != image.Rect(0, 0, 2, 1) || small.At(0, 0) != (color.RGBA{100, 100, 100, 255}) || small.At(1, 0) != (color.RGBA{65, 65, 65, 255}) {
		t.Errorf("%v, %v in %v", small.At(0, 0), small.At(1, 0), small.Bounds())
	}
}

// reasons are the lines of the summary about letters.
func reasons(letters []Letter) string {
	text := fmt.Sprintf("%5d without a thumbnail\n", len(letters))
	for _, letter := range letters {
		text += fmt.Sprintf("      %s: %s: %s\n", letter.Name, letter.Stage, letter.Reason)
	}
	return text
}

// The summary is the same in every run with one seed.
func TestReport(t *testing.T) {
	images := oddImages(t)
	want := `    3 of 5 PNG files
    2 of 4 JPEG files
    1 of 2 GIF files
    3 drawn
    3 other files ignored
    2 uploads, tried again %d times
`
	_, letters := sequential(t, images)
	want += reasons(letters)
	for range 2 {
		for seed, again := range map[uint64]int{0: 1, 2: 0, 7: 4} {
			var out strings.Builder
			if err := report(t.Context(), &out, images, newFarStore(new(memory), seed)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fmt.Sprintf(want, again), out.String()); diff != "" {
				t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
			}
		}
	}
}

// An error that another attempt cannot mend is not tried again, and one that stays is tried eight times. What could
// not be uploaded is buried, thumbnail by thumbnail.
func TestUploadsThatFail(t *testing.T) {
	for _, refusal := range []struct {
		err      error
		attempts int
	}{
		{errors.New("disk full"), 1},
		{ErrBusy, 8},
		{context.DeadlineExceeded, 8},
	} {
		synctest.Test(t, func(t *testing.T) {
			store := &memory{refuse: func([]Thumb) error { return refusal.err }}
			letters := new(Letters)
			if err := (Thumbs{Images: fstest.MapFS{}, Store: store, Letters: letters}).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			var want []Letter
			for _, name := range []string{"drawn/gradient.png", "drawn/rings.png", "drawn/row.png"} {
				want = append(want, Letter{name, "upload", refusal.err.Error()})
			}
			if diff := cmp.Diff(want, letters.Sorted()); diff != "" {
				t.Errorf("%v: the dead letters differ (-want +got):\n%s", refusal.err, diff)
			}
			if len(store.times) != refusal.attempts {
				t.Errorf("%v: %d attempts, want %d", refusal.err, len(store.times), refusal.attempts)
			}
		})
	}
}

// Four uploads may begin at once, and then one every 10 ms, attempts included.
func TestRateLimit(t *testing.T) {
	images := fstest.MapFS{}
	var dot bytes.Buffer
	if err := png.Encode(&dot, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		images[fmt.Sprintf("%d.png", i)] = &fstest.MapFile{Data: dot.Bytes()}
	}
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		start := time.Now()
		if err := (Thumbs{Images: images, Store: newFarStore(store, 1), Letters: new(Letters)}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(store.thumbs) != 203 || len(store.times) <= 26 {
			t.Errorf("%d thumbnails in %d uploads; want 203, in more than the 26 that there are batches", len(store.thumbs), len(store.times))
		}
		for i, at := range store.times {
			if earliest := time.Duration(i-3) * 10 * time.Millisecond; at.Sub(start) < earliest {
				t.Errorf("upload %d began after %v, want %v at the earliest", i, at.Sub(start), earliest)
			}
		}
	})
}

// What is in the store when a run ends early is whole.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	wanted, _ := sequential(t, oddImages(t))
	store := &memory{refuse: func([]Thumb) error { cancel(enough); return nil }}
	letters := new(Letters)
	if err := (Thumbs{Images: oddImages(t), Store: store, Letters: letters}).Run(ctx); err != enough {
		t.Errorf("%v, want the cause of the cancellation", err)
	}
	for name, file := range store.thumbs {
		if wanted[name] != file {
			t.Errorf("%s is in the store and not what it should be", name)
		}
	}
	for _, letter := range letters.Sorted() {
		if letter.Stage == "upload" {
			t.Errorf("%v was buried because the run ended", letter)
		}
	}
}

func TestErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	if err := thumbnails(t.Context(), new(strings.Builder), []string{missing}, t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("thumbnails of a missing directory: %v; want that it does not exist", err)
	}
	if err := (Thumbs{Images: fstest.MapFS{}}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "store") {
		t.Errorf("thumbnails into nowhere: %v; want an error that names the param", err)
	}
}
