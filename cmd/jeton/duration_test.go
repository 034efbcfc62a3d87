package main

import (
	"testing"
	"time"
)

func TestDurationFlag(t *testing.T) {
	good := map[string]time.Duration{
		"0": 0, "30": 30 * time.Second, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "7d": 7 * 24 * time.Hour,
		"500ms": 500 * time.Millisecond, "106751d": 106751 * 24 * time.Hour,
	}
	for in, want := range good {
		var f durationFlag
		if err := f.Set(in); err != nil || f.d != want || f.String() != want.String() {
			t.Errorf("%s: %s %q %v, want %s", in, f.d, f.String(), err, want)
		}
	}
	for _, in := range []string{"", "-1", "-1h", "soon", "1.5d", "106752d", "99999999999999999999", "1h -2m", "d"} {
		var f durationFlag
		if err := f.Set(in); err == nil {
			t.Errorf("%q accepted as %s", in, f.d)
		}
	}
	if got := new(durationFlag).String(); got != "" {
		t.Errorf("not given: %q, want nothing to be sent", got)
	}
}

func TestSecondsText(t *testing.T) {
	for n, want := range map[seconds]string{0: "0s", 59: "59s", 60: "1m", 3600: "1h", 5400: "1h30m", 3601: "1h0m1s", 2764800: "768h"} {
		if got := n.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(n), got, want)
		}
	}
	if got := lifetime(0).String(); got != "∞" {
		t.Errorf("no end: %s", got)
	}
}
