package spec

import (
	"strings"
	"testing"
)

func TestIsName(t *testing.T) {
	for s, want := range map[string]bool{
		"a": true, "a1": true, "link-check": true, "fetch_url": true, "a-b_c": true, "a-1": true, strings.Repeat("a", 63): true,
		"": false, "1a": false, "A": false, "a-": false, "-a": false, "a--b": false, "a_-b": false, "a b": false, "a.b": false, "é": false,
		"a\n": false, strings.Repeat("a", 64): false,
	} {
		if IsName(s) != want {
			t.Errorf("IsName(%q) = %v", s, !want)
		}
	}
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"link-check": "LinkCheck", "http-get": "HTTPGet", "fetch_url": "FetchURL", "fetch-all": "FetchAll", "a": "A",
		"id": "ID", "utf8-lines": "UTF8Lines", "httpget": "Httpget", "v-2": "V2", "to-json_api": "ToJSONAPI",
	} {
		if got := GoName(name); got != want {
			t.Errorf("GoName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSnakeName(t *testing.T) {
	for name, want := range map[string]string{
		"ReadURLs": "read_urls", "HTTPGet": "http_get", "Resize": "resize", "Atoi": "atoi", "ParseIDs": "parse_ids",
		"ReadURLsFast": "read_urls_fast", "ToJSON": "to_json", "UTF8Valid": "utf8_valid", "Sha256Sum": "sha256_sum",
		"IsOK": "is_ok", "fetchAll": "fetch_all", "X": "x", "ABTest": "ab_test", "DBSize": "db_size", "snake_case": "snake_case",
		"Max_Size": "max_size", "_private": "private", "_": "stage", "__": "stage", "Größe": "gre", "日本": "stage", "_1": "stage_1",
		"A日_本B": "a_b", strings.Repeat("Ab", 40): strings.Repeat("ab_", 20) + "ab",
	} {
		if got := SnakeName(name); got != want {
			t.Errorf("SnakeName(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzSnakeName(f *testing.F) {
	for _, s := range []string{"ReadURLs", "_1", "日A", "A_-b", "\xff", strings.Repeat("Z", 70)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := SnakeName(s)
		if !IsName(name) {
			t.Errorf("SnakeName(%q) = %q", s, name)
		}
		if GoName(name) == "" {
			t.Errorf("GoName(%q) is empty", name)
		}
	})
}
