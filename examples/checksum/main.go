// Checksum prints the SHA-256 of every file below a directory, as sha256sum would.
//
// It shows ordered output from concurrent work: the files are hashed on all cores, and each line still
// comes out in its file's turn. The tree may be of any size: no more files are taken up than the stage
// may be ahead of its output.
//
//	go run ./examples/checksum [DIRECTORY]
//
// Without a directory it reads the source of the Go distribution. bench/checksum is the same program
// written by hand, for comparison.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := directory(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	if err := checksums(ctx, os.Stdout, root); err != nil {
		log.Fatal(err)
	}
}

// checksums runs the pipeline. What came before an error is written all the same.
func checksums(ctx context.Context, w io.Writer, root string) error {
	out := bufio.NewWriterSize(w, 64<<10)
	err := Checksum{Root: root, Out: out}.Run(ctx)
	return errors.Join(err, out.Flush())
}

// directory is the one that the arguments name, or the source of the Go distribution.
func directory(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return filepath.EvalSymlinks(filepath.Join(strings.TrimSpace(string(goroot)), "src"))
}
