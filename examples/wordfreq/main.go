// Wordfreq prints the most frequent words of all files below a directory.
//
// It shows a whole program in a dozen lines of specification (wordfreq.pipegen.yaml): the functions in
// stages.go are ordinary Go that knows nothing of concurrency, and the three busy stages run on all
// cores, each worker with counts of its own that are merged at the end.
//
//	go run ./examples/wordfreq [DIRECTORY]
//
// Without a directory it reads the source of the Go distribution.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
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
	if err := report(ctx, os.Stdout, root); err != nil {
		log.Fatal(err)
	}
}

// report counts the words below root and prints the ten most frequent ones, the totals and the time.
func report(ctx context.Context, w io.Writer, root string) error {
	start := time.Now()
	total, err := count(ctx, root)
	if err != nil {
		return err
	}
	took := time.Since(start)

	all := 0
	for _, n := range total {
		all += n
	}
	for _, word := range ranked(total)[:min(10, len(total))] {
		fmt.Fprintf(w, "%10d %s\n", total[word], word)
	}
	_, err = fmt.Fprintf(w, "%d words, %d different ones, in %v\n", all, len(total), took.Round(time.Millisecond))
	return err
}

// count runs the pipeline. Its reduce stage emits one map at the end, so the stream has one item.
func count(ctx context.Context, root string) (map[string]int, error) {
	var total map[string]int
	for counts, err := range (WordFreq{Root: root}).Stream(ctx) {
		if err != nil {
			return nil, err
		}
		total = counts
	}
	return total, nil
}

// ranked lists the words, the most frequent first, equally frequent ones by the alphabet.
func ranked(total map[string]int) []string {
	return slices.SortedFunc(maps.Keys(total), func(a, b string) int {
		return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b))
	})
}

// directory is the one that the arguments name, or the source of the Go distribution. Symbolic links
// are resolved, because a walk does not enter a root that is one.
func directory(args []string) (string, error) {
	if len(args) > 0 {
		return filepath.EvalSymlinks(args[0])
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return filepath.EvalSymlinks(filepath.Join(strings.TrimSpace(string(goroot)), "src"))
}
