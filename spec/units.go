package spec

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// sizeUnits are the units of sizes, in bytes.
var sizeUnits = map[string]int64{
	"":    1,
	"B":   1,
	"KB":  1e3,
	"MB":  1e6,
	"GB":  1e9,
	"TB":  1e12,
	"KiB": 1 << 10,
	"MiB": 1 << 20,
	"GiB": 1 << 30,
	"TiB": 1 << 40,
}

var (
	errSizeUnits     = errors.New("the units of sizes are B, KB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024)")
	errRateUnits     = errors.New("rates are so many a second (/s), a minute (/m) or an hour (/h)")
	errDurationUnits = errors.New("the units of durations are ns, us, ms, s, m and h")
)

// ParseSize reads a number of bytes: "4096", "10MB", "64MiB". It is an error if the number is negative, has
// a fraction, an unknown unit, or does not fit an int64.
func ParseSize(text string) (int64, error) {
	digits := strings.TrimRight(text, "BKMGTi")
	unit, ok := sizeUnits[text[len(digits):]]
	if !ok || digits == "" {
		return 0, errSizeUnits
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if errors.Is(err, strconv.ErrRange) || err == nil && int64(n) > math.MaxInt64/unit {
		return 0, fmt.Errorf("the largest size is %d bytes", int64(math.MaxInt64))
	}
	if err != nil {
		return 0, errSizeUnits
	}
	return int64(n) * unit, nil
}

// ParseDuration reads a duration as time.ParseDuration does, but for "0" and signs: a unit is always
// written, and no duration of a spec is negative.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || !strings.ContainsAny(text, "nuµμmsh") {
		return 0, errDurationUnits
	}
	if strings.ContainsAny(text, "+-") {
		return 0, errors.New("a duration has no sign")
	}
	return d, nil
}

// ParseRate reads a number of calls in a time: "50/s", "0.5/s", "3000/m", "100/h".
func ParseRate(text string) (count float64, per time.Duration, err error) {
	digits, unit, _ := strings.Cut(text, "/")
	switch unit {
	case "s":
		per = time.Second
	case "m":
		per = time.Minute
	case "h":
		per = time.Hour
	default:
		return 0, 0, errRateUnits
	}
	count, err = strconv.ParseFloat(digits, 64)
	if err != nil || strings.Trim(digits, "0123456789.") != "" {
		return 0, 0, errRateUnits
	}
	return count, per, nil
}
