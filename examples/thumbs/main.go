// Thumbs makes thumbnails of all images below a directory.
//
// It shows a graph with branches (thumbs.pipegen.yaml): a switch sends each file to the decoder of its format, a merge
// brings the pictures together again. Uploads go in batches to a store that is often busy: they are rate limited,
// and tried again where that may help. Damaged images stop nothing: they go, with the reason, to a dead letter
// function. The summary is the same every time, whatever the workers did when.
//
//	go run ./examples/thumbs [-o DIRECTORY] [DIRECTORY]
//
// Without a directory it looks through Go's own packages of images, whose test data has many formats and some damage;
// without -o it writes into a new temporary directory.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	log.SetFlags(0)
	out := flag.String("o", "", "`directory` to write into")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *out == "" {
		var err error
		if *out, err = os.MkdirTemp("", "thumbs"); err != nil {
			log.Fatal(err)
		}
		log.Printf("writing into %s", *out)
	}
	if err := thumbnails(ctx, os.Stdout, flag.Args(), *out); err != nil {
		log.Fatal(err)
	}
}

// thumbnails writes thumbnails of the images that the arguments name into the directory out.
func thumbnails(ctx context.Context, w io.Writer, args []string, out string) error {
	images, err := directory(args)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(out)
	if err != nil {
		return err
	}
	defer root.Close()
	return report(ctx, w, os.DirFS(images), newFarStore(directoryStore{root}, 1))
}

// report runs the pipeline and prints what came of it.
func report(ctx context.Context, w io.Writer, images fs.FS, store Store) error {
	stats, letters := new(ThumbsStats), new(Letters)
	if err := (Thumbs{Images: images, Store: store, Letters: letters, Stats: stats}).Run(ctx); err != nil {
		return err
	}
	fmt.Fprintf(w, "%5d of %d PNG files\n", stats.DecodePng.Done(), stats.DecodePng.In())
	fmt.Fprintf(w, "%5d of %d JPEG files\n", stats.DecodeJpeg.Done(), stats.DecodeJpeg.In())
	fmt.Fprintf(w, "%5d of %d GIF files\n", stats.DecodeGif.Done(), stats.DecodeGif.In())
	fmt.Fprintf(w, "%5d drawn\n", stats.Drawn.Out())
	fmt.Fprintf(w, "%5d other files ignored\n", stats.Ignore.In())
	fmt.Fprintf(w, "%5d uploads, tried again %d times\n", stats.Upload.Done(), stats.Upload.Retries())
	buried := letters.Sorted()
	fmt.Fprintf(w, "%5d without a thumbnail\n", len(buried))
	for _, letter := range buried {
		fmt.Fprintf(w, "      %s: %s: %s\n", letter.Name, letter.Stage, letter.Reason)
	}
	return nil
}

// directory is the one that the arguments name, or Go's packages of images.
func directory(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(goroot)), "src", "image"), nil
}
