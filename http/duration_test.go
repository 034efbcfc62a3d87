package http

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for _, row := range []struct {
		text string
		want time.Duration
		says string // of the error
	}{
		{"", 0, ""},
		{" ", 0, ""},
		{"0", 0, ""},
		{"0s", 0, ""},
		{"90", 90 * time.Second, ""},
		{"90s", 90 * time.Second, ""},
		{"90m", 90 * time.Minute, ""},
		{"1h30m15s", 5415 * time.Second, ""},
		{"1d", day, ""},
		{"1.5h", 90 * time.Minute, ""},
		{"1500ms", time.Second, ""}, // whole seconds
		{"3650d", maxDuration, ""},
		{"soon", 0, "invalid duration"},
		{"1", time.Second, ""},
		{"1x", 0, "invalid duration"},
		{"d", 0, "invalid duration"},
		{"1d2h", 0, "invalid duration"},
		{"1.5", 0, "invalid duration"},
		{"0x10", 0, "invalid duration"},
		{"1_000", 0, "invalid duration"},
		{"1 h", 0, "invalid duration"},
		{"-1h", 0, "negative"},
		{"-1", 0, "negative"},
		{"-1d", 0, "negative"},
		{"-99999999999999999999", 0, "negative"},
		{"-99999999999999999999h", 0, "negative"},
		{"500ms", 0, "shorter than a second"},
		{"1ns", 0, "shorter than a second"},
		{"3651d", 0, "too long"},
		{"9223372036854775807", 0, "too long"},
		{"9223372036854775808", 0, "too long"},
		{"99999999999999999999", 0, "too long"},
		{"99999999999999999999h", 0, "too long"},
		{"99999999999999999999d", 0, "too long"},
		{"2562048h", 0, "too long"}, // past 2^63 nanoseconds
	} {
		got, err := parseDuration(row.text)
		switch {
		case row.says == "" && (err != nil || got != row.want):
			t.Errorf("%q: got %s, %v; want %s", row.text, got, err, row.want)
		case row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)):
			t.Errorf("%q: got %s, %v; want an error with %q", row.text, got, err, row.says)
		}
	}
}
