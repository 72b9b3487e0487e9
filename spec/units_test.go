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

func TestParseRate(t *testing.T) {
	for text, want := range map[string]struct {
		count float64
		per   time.Duration
	}{
		"50/s": {50, time.Second}, "0.5/s": {0.5, time.Second}, "3000/m": {3000, time.Minute}, "1/h": {1, time.Hour}, "0/s": {0, time.Second}, "007/s": {7, time.Second},
	} {
		if count, per, err := ParseRate(text); count != want.count || per != want.per || err != nil {
			t.Errorf("ParseRate(%q) = %v, %v, %v; want %v", text, count, per, err, want)
		}
	}
	for _, text := range []string{"", "50", "/s", "50/", "50/d", "50/ms", "-1/s", "+1/s", "1e3/s", "0x10/s", "1_000/s", "inf/s", "NaN/s", "5 /s", "5/ s", "5/s/s", "1.2.3/s", "./s", "٣/s"} {
		if count, per, err := ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %v, %v", text, count, per)
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
