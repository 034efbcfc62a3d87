package http

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// parseDuration reads a duration in Vault's forms: a number of seconds, a number
// with a unit as Go writes it ("1h30m", "90s", "500ms"), or of days ("2d").
// Nothing is zero. It is between 0 and ten years, cut to whole seconds.
func parseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	d, ok := duration(text)
	switch {
	case !ok:
		return 0, fmt.Errorf("invalid duration %s, expected seconds or a number with a unit such as \"90s\", \"10m\", \"1h\" or \"2d\"", quote(text))
	case d < 0:
		return 0, fmt.Errorf("duration %s is negative", quote(text))
	case d > 0 && d < time.Second:
		return 0, fmt.Errorf("duration %s is shorter than a second", quote(text))
	case d > maxDuration:
		return 0, fmt.Errorf("duration %s is too long, at most %dh are allowed", quote(text), maxDuration/time.Hour)
	}
	return d.Truncate(time.Second), nil
}

// duration saturates: what overflows is longer than any bound, or negative.
func duration(text string) (time.Duration, bool) {
	digits, unit := text, time.Second
	if days, ok := strings.CutSuffix(text, "d"); ok {
		digits, unit = days, day
	}
	if n, err := parseWhole(digits); err == nil || isRangeError(err) {
		switch {
		case n > int64(math.MaxInt64/unit):
			return math.MaxInt64, true
		case n < int64(math.MinInt64/unit):
			return math.MinInt64, true
		}
		return time.Duration(n) * unit, true
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d, true
	}
	return overlong(text)
}

var errNoNumber = errors.New("not a whole number")

// parseWhole is strconv.ParseInt for texts that are mostly something else: its
// error for those costs nothing.
func parseWhole(digits string) (int64, error) {
	if digits == "" || strings.Trim(digits, "0123456789+-") != "" {
		return 0, errNoNumber
	}
	return strconv.ParseInt(digits, 10, 64)
}

func isRangeError(err error) bool {
	ne, ok := err.(*strconv.NumError)
	return ok && ne.Err == strconv.ErrRange
}

// overlong says whether a text has the form of a duration that only overflows,
// as "9999999999h" does.
func overlong(text string) (time.Duration, bool) {
	number, unit := text, ""
	if i := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '-' && r != '.' }); i >= 0 {
		number, unit = text[:i], text[i:]
	}
	if _, err := time.ParseDuration("1" + unit); err != nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil && !isRangeError(err) {
		return 0, false
	}
	if f < 0 {
		return math.MinInt64, true
	}
	return math.MaxInt64, true
}
