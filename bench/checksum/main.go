// Checksum is examples/checksum written by hand with the standard library alone, tuned: the same output,
// a worker for each core with a hash and a buffer of its own, lines in order, a fixed window of files in
// flight. It is there to be timed side by side with the generated program:
//
//	go build -o generated ./examples/checksum
//	go -C bench build -o ../handmade ./checksum
//	time ./generated >/dev/null
//	time ./handmade "$(go env GOROOT)/src" >/dev/null
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// window is how many files per core may be in flight.
const window = 64

// job is a file on its way through the program.
type job struct {
	path string
	sum  [sha256.Size]byte
	err  error
	done chan struct{} // receives once, when sum and err are set
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: checksum DIRECTORY")
	}
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	err := checksums(out, os.Args[1])
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		log.Fatal(err)
	}
}

// checksums prints the lines of all files below root. After an error it leaves its goroutines to the end
// of the process.
func checksums(out io.Writer, root string) error {
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *job, window*workers)
	turns := make(chan *job, window*workers) // the same jobs in the order of their lines
	walked := make(chan error, 1)
	go func() {
		walked <- filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				j := &job{path: path, done: make(chan struct{}, 1)}
				turns <- j
				work <- j
			}
			return err
		})
		close(work)
		close(turns)
	}()
	for range workers {
		go func() {
			hash := sha256.New()
			buffer := make([]byte, 64<<10)
			for j := range work {
				hash.Reset()
				j.err = readInto(hash, buffer, j.path)
				hash.Sum(j.sum[:0])
				j.done <- struct{}{}
			}
		}()
	}
	var line []byte
	for j := range turns {
		<-j.done
		if j.err != nil {
			return j.err
		}
		line = appendLine(line[:0], j)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return <-walked
}

func readInto(hash io.Writer, buffer []byte, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for {
		n, err := file.Read(buffer)
		hash.Write(buffer[:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var odd = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

func appendLine(line []byte, j *job) []byte {
	name := j.path
	if strings.ContainsAny(name, "\\\n\r") {
		line, name = append(line, '\\'), odd.Replace(name)
	}
	line = hex.AppendEncode(line, j.sum[:])
	line = append(line, "  "...)
	line = append(line, name...)
	return append(line, '\n')
}
