package threads

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// param is the value of a param: the field, else the environment variable env, else the default. Where all
// are zero and one is required, that is an error.
func param[T comparable](name string, field T, env string, parse func(string) (T, error), otherwise T, required bool) (T, error) {
	var zero T
	if field != zero {
		return field, nil
	}
	if text := os.Getenv(env); env != "" && text != "" {
		v, err := parse(text)
		if err != nil {
			return zero, fmt.Errorf("param %s: environment variable %s: %w", name, env, err)
		}
		return v, nil
	}
	if required && otherwise == zero {
		return zero, fmt.Errorf("param %s: required, and not set", name)
	}
	return otherwise, nil
}

// errNilParam says that the caller left out a param of a Go type.
func errNilParam(name string) error { return fmt.Errorf("param %s: nil", name) }

// positive returns an error if v is less than 1.
func positive[T ~int | ~int64 | ~float64](name string, v T) error {
	if v <= 0 {
		return fmt.Errorf("param %s: %v: must be more than zero", name, v)
	}
	return nil
}

// notNegative returns an error if v is less than 0.
func notNegative(name string, v int) error {
	if v < 0 {
		return fmt.Errorf("param %s: %d: must not be negative", name, v)
	}
	return nil
}

// atMost returns an error if v is more than most, which are bytes.
func atMost(name string, v, most int64) error {
	if v > most {
		return fmt.Errorf("param %s: %d: must be at most %s", name, v, sizeText(most))
	}
	return nil
}

func parseString(text string) (string, error)   { return text, nil }
func parseInt64(text string) (int64, error)     { return strconv.ParseInt(text, 10, 64) }
func parseFloat64(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

// parseSize reads a number of bytes: 4096, 10MB, 64MiB.
func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(text, "BKMGTPikmgtp")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, err
	}
	unit := map[string]int64{
		"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}[text[len(digits):]]
	if unit == 0 {
		return 0, fmt.Errorf("%q: a size is a number and B, KB, MB, GB, TB, KiB, MiB, GiB or TiB", text)
	}
	if n > math.MaxInt64/unit || n < math.MinInt64/unit {
		return 0, fmt.Errorf("%q: out of range", text)
	}
	return n * unit, nil
}
