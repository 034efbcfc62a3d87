package http

import (
	"fmt"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// filterText is a filter as it was asked for. What it means is found in the state
// that is listed: a time from now is one from that state's.
type filterText struct {
	fsm.TokenFilter
	kind   string
	before expiry
}

// filterAsks are the fields of a filter.
const filterAsks = "filter.policy filter.path filter.role filter.display_name filter.meta filter.type expires_before parent"

func (c *call) filter() *filterText {
	b := &c.body
	f := &filterText{kind: b.text("type")}
	f.Policy = strings.ToLower(strings.TrimSpace(b.text("policy")))
	f.Prefix = strings.Trim(b.text("path"), "/")
	f.Role, f.DisplayName, f.Parent = b.text("role"), b.text("display_name"), b.text("parent")
	for _, pair := range b.list("meta", fsm.MaxMetaPairs) {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			b.fail("meta", "is %s, expected key=value", quote(pair))
		}
		f.Meta = append(f.Meta, fsm.MetaPair{Key: key, Value: value})
	}
	switch f.kind {
	case "":
	case "service":
		f.Type = fsm.TypeService
	case "batch", "waypoint": // neither has a record that could be listed
		f.Type = fsm.TypeBatch
	case "wrapping":
		f.Wrapping = true
	default:
		b.fail("type", "is %s, expected service, batch, waypoint or wrapping", quote(f.kind))
	}
	f.before = b.expiry("expires_before")
	return f
}

// question is the filter in one spelling.
func (f *filterText) question() string {
	return fmt.Sprintf("%q %q %q %q %q %q %q %d %d", f.Policy, f.Prefix, f.Role, f.DisplayName, f.Meta, f.kind, f.Parent,
		f.before.at, f.before.in)
}

func (f *filterText) in(st *fsm.State) *fsm.TokenFilter {
	f.ExpiresBefore = f.before.from(st.Clock)
	return &f.TokenFilter
}

// expiry is a time that was asked for: as such, or as a duration from the time of
// the state that is listed.
type expiry struct {
	at fsm.Instant
	in time.Duration
}

func (e expiry) from(clock fsm.Instant) fsm.Instant {
	if e.in != 0 {
		return clock.Add(e.in)
	}
	return e.at
}

// expiry takes a field that is RFC 3339 or a duration.
func (b *body) expiry(name string) (e expiry) {
	text := b.text(name)
	if text == "" {
		return e
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		if e.at = fsm.Instant(at.UnixNano()); at.Year() < 1971 || at.Year() > 2261 { // nanoseconds hold no other
			b.fail(name, "is outside of 1971 to 2261")
		}
		return e
	}
	d, err := parseDuration(text)
	if err != nil || d == 0 {
		b.fail(name, "is %s, expected a time such as 2026-01-31T12:00:00Z or a duration such as 24h", quote(text))
	}
	e.in = d
	return e
}
