package spec

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated pages of docs/")

// TestDocs compares the generated pages of the manual with what they are generated from.
func TestDocs(t *testing.T) {
	for path, want := range map[string]string{
		"../docs/language.md": Reference(),
		"../docs/errors.md":   ErrorReference(),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
			t.Errorf("%s is stale: go test ./spec -run TestDocs -update", path)
		}
	}
}

// TestCodes checks the table of codes.
func TestCodes(t *testing.T) {
	var ids []string
	for _, c := range Codes() {
		ids = append(ids, c.ID)
		if c.Title == "" || strings.HasSuffix(c.Title, ".") || !strings.HasSuffix(c.Explanation, ".") {
			t.Errorf("%s: the title has no period at its end, the explanation has one", c.ID)
		}
		if len(c.ID) != 5 || !slices.ContainsFunc(families, func(f family) bool { return strings.HasPrefix(c.ID, f.prefix) }) {
			t.Errorf("%s belongs to no family", c.ID)
		}
		if got, ok := LookupCode(c.ID); !ok || got != c {
			t.Errorf("LookupCode(%s) = %v, %v", c.ID, got, ok)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("codes are not sorted or not unique: %v", ids)
	}
	if _, ok := LookupCode("PG000"); ok {
		t.Error("LookupCode finds PG000")
	}
}
