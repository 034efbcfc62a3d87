package hclpolicy

import (
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

const day = 24 * time.Hour

// duration reads a TTL in Vault's forms: a number of seconds, bare or as a
// string, a number of days "2d", or Go's "1h30m". Empty is none.
func duration(key string, value node) (time.Duration, *Error) {
	if value.kind != kindNumber && value.kind != kindString {
		return 0, value.expected(key, `seconds or a duration as "1h"`)
	}
	if value.text == "" {
		return 0, nil
	}
	d, ok := parseDuration(value.text)
	if !ok {
		return 0, errorf(value.line, `%s: invalid duration %s: expected seconds, or a number with a unit as "90s", "10m", "1h" or "1d"`,
			key, quote(value.text))
	}
	if d < 0 || d > policy.MaxWrapTTL {
		return 0, errorf(value.line, "%s: duration %s: expected 0 to %dd", key, quote(value.text), policy.MaxWrapTTL/day)
	}
	return d, nil
}

// parseDuration returns a duration beyond the bound for one that overflows.
func parseDuration(text string) (d time.Duration, ok bool) {
	unit := time.Second
	digits := text
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		unit, digits = day, days
	}
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		if n < 0 || n > int64(policy.MaxWrapTTL/unit) {
			return policy.MaxWrapTTL + 1, true
		}
		return time.Duration(n) * unit, true
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}
