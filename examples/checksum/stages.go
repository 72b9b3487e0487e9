package main

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Digest is the SHA-256 of a file.
type Digest struct {
	Path string
	Sum  [sha256.Size]byte
}

// Files emits the path of every regular file below root, directory by directory, in lexical order.
func Files(emit func(path string) error, root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return emit(path)
	})
}

// hasher is what it takes to read and hash one file.
type hasher struct {
	hash   hash.Hash
	buffer [64 << 10]byte
}

var hashers = sync.Pool{New: func() any { return &hasher{hash: sha256.New()} }}

// Sum hashes a file of any size in constant memory.
func Sum(path string) (Digest, error) {
	digest := Digest{Path: path}
	file, err := os.Open(path)
	if err != nil {
		return digest, err
	}
	defer file.Close()
	h := hashers.Get().(*hasher)
	defer hashers.Put(h)
	h.hash.Reset()
	for {
		n, err := file.Read(h.buffer[:])
		h.hash.Write(h.buffer[:n])
		if err == io.EOF {
			h.hash.Sum(digest.Sum[:0])
			return digest, nil
		}
		if err != nil {
			return digest, err
		}
	}
}

// odd are the characters that do not go into a line as they are.
var odd = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// Print writes a line as sha256sum does: a backslash in front says that the name is escaped.
func Print(d Digest, out io.Writer) error {
	name, line := d.Path, make([]byte, 0, 2*len(d.Sum)+len(d.Path)+4)
	if strings.ContainsAny(name, "\\\n\r") {
		line, name = append(line, '\\'), odd.Replace(name)
	}
	line = hex.AppendEncode(line, d.Sum[:])
	line = append(line, "  "...)
	line = append(line, name...)
	_, err := out.Write(append(line, '\n'))
	return err
}
