package spec

import "strings"

// Suggest returns the candidate that word most likely was meant to be: the one that differs by the fewest
// inserted, deleted, replaced and transposed letters, the first of equals. Case, "-" and "_" do not count,
// so that "flatMap" finds "flat_map". It says false where nothing is near enough: more than a third of the
// letters would have to change.
func Suggest(word string, candidates []string) (string, bool) {
	w := fold(word)
	limit := max(1, len(w)/3)
	best, found := "", false
	for _, c := range candidates {
		if c == word {
			continue // it is not what was written that is wrong
		}
		f := fold(c)
		if len(f) > len(w)+limit || len(w) > len(f)+limit {
			continue
		}
		// A single letter is one replacement away from every other one.
		if n := distance(w, f); n <= limit && n < max(len(w), len(f)) {
			best, found = c, true
			limit = n - 1
		}
	}
	return best, found
}

// fold returns the letters of s that count for similarity.
func fold(s string) []rune {
	return []rune(strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s)))
}

// distance is the optimal string alignment distance (Damerau-Levenshtein with no substring edited twice).
func distance(a, b []rune) int {
	// Three rows of the table: two above, one above, and the current one.
	above2, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above2[j-2]+1)
			}
		}
		above2, above, row = above, row, above2
	}
	return above[len(b)]
}
