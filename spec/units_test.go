package spec

import (
	"strings"
	"testing"
	"time"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "4096": 4096, "1B": 1, "10KB": 10_000, "10MB": 10_000_000, "2GB": 2_000_000_000, "1TB": 1e12,
		"1KiB": 1024, "64MiB": 64 << 20, "3GiB": 3 << 30, "2TiB": 2 << 40, "9223372036854775807": 1<<63 - 1, "8388607TiB": 8388607 << 40,
	} {
		if got, err := ParseSize(text); got != want || err != nil {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "units", "MiB": "units", "-1": "units", "+1": "units", "1.5MiB": "units", "10 MB": "units", "10mb": "units", "10M": "units",
		"10Mi": "units", "1_000": "units", "0x10": "units", "10MBMB": "units", "10iKB": "units", "٣": "units",
		"9223372036854775808": "largest", "8388608TiB": "largest", "99999999999999999999MB": "largest",
	} {
		if got, err := ParseSize(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseSize(%q) = %d, %v; want an error with %q", text, got, err, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"200ms": 200 * time.Millisecond, "1m30s": 90 * time.Second, "1.5h": 90 * time.Minute, "0s": 0, "3ns": 3, "2us": 2000, "2µs": 2000,
	} {
		if got, err := ParseDuration(text); got != want || err != nil {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "5", "1d", "-1s", "+1s", "1 s", "s", "1s ", "999999999h"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v", text, got)
		}
	}
}
