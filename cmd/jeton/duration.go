package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// durationFlag is a time to live as Vault's command line takes it: whole seconds,
// or Go's notation, or days. Negative ones are refused here; what else is too long
// or too short is the server's to say.
type durationFlag struct {
	set bool
	d   time.Duration
}

func (f *durationFlag) Set(s string) error {
	d, err := parseDuration(s)
	if err != nil {
		return err
	}
	f.set, f.d = true, d
	return nil
}

// String is also what goes to the server; empty if the flag was not given.
func (f *durationFlag) String() string {
	if !f.set {
		return ""
	}
	return f.d.String()
}

func parseDuration(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	d, err := time.Duration(0), error(nil)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		d, err = inUnits(days, day)
	} else if d, err = inUnits(s, time.Second); err != nil {
		d, err = time.ParseDuration(s)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is no duration such as 30, 90s, 1h30m or 7d", s)
	}
	if d < 0 {
		return 0, fmt.Errorf("%s is negative", s)
	}
	return d, nil
}

// inUnits reads a whole number of units.
func inUnits(s string, unit time.Duration) (time.Duration, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, err
	}
	if limit := int64(1<<63-1) / int64(unit); n > limit || n < -limit {
		return 0, strconv.ErrRange
	}
	return time.Duration(n) * unit, nil
}
