package main

import (
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
)

// Count says how often a word occurs in one file.
type Count struct {
	Word string
	N    int
}

// Key is what counts are added up by.
func (c Count) Key() string { return c.Word }

// Files emits the path of every regular file below root.
func Files(emit func(path string) error, root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return emit(path)
	})
}

// Words counts the words of a file: the longest runs of ASCII letters, in lower case. A word is
// allocated once a file, however often it occurs, and no word keeps the text of its file alive.
func Words(path string) ([]Count, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var counts []Count
	position := make(map[string]int) // of a word in counts
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && isLetter(text[i]) {
			text[i] |= 'a' - 'A'
			i++
		}
		if start == i {
			continue
		}
		at, seen := position[string(text[start:i])]
		if !seen {
			at = len(counts)
			word := string(text[start:i])
			position[word] = at
			counts = append(counts, Count{Word: word})
		}
		counts[at].N++
	}
	return counts, nil
}

func isLetter(c byte) bool {
	c |= 'a' - 'A'
	return 'a' <= c && c <= 'z'
}

// Telling says whether a word tells something about what the files are about: it has four letters or
// more and is no keyword of Go.
func Telling(c Count) bool {
	return len(c.Word) >= 4 && !token.IsKeyword(c.Word)
}

// Add adds the count of one more file to a word's total.
func Add(total int, c Count) int { return total + c.N }

// Sum adds up the totals of two workers.
func Sum(a, b int) int { return a + b }
