package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/load"
)

func event(node int, start, end time.Duration, k check.Kind, o client.Outcome) check.Event {
	return check.Event{Node: node, Start: start * time.Second, End: end * time.Second, Kind: k, Outcome: o}
}

// Only a write counts that was sent after the blow, through another node, and done.
func TestOutage(t *testing.T) {
	events := []check.Event{
		event(1, 9, 11, check.Create, client.Done), // sent before
		event(1, 10, 12, check.Lookup, client.Done),
		event(0, 10, 13, check.Create, client.Done), // through the wounded node
		event(1, 10, 14, check.Create, client.Open),
		event(2, 12, 15, check.Put, client.Done),
		event(1, 16, 17, check.Put, client.Done),
	}
	if got, ok := outage(events, wound{10 * time.Second, 0}); !ok || got != 5*time.Second {
		t.Errorf("outage %s, %t, want 5s", got, ok)
	}
	if got, ok := outage(events, wound{10 * time.Second, nobody}); !ok || got != 3*time.Second {
		t.Errorf("outage with nobody wounded %s, %t, want 3s", got, ok)
	}
	if got, ok := outage(events, wound{17 * time.Second, nobody}); ok {
		t.Errorf("outage %s after the last write", got)
	}
}

func TestAvailability(t *testing.T) {
	var events []check.Event
	for i := range 100 { // two seconds up, one down
		e := event(0, 0, 0, check.Create, client.Done)
		if e.End = time.Duration(i) * slot; i%30 >= 20 {
			e.Outcome = client.Void
		}
		events = append(events, e)
	}
	events = append(events, event(0, 0, 60, check.Lookup, client.Done)) // the audit
	if got := availability(events); got != 0.7 {
		t.Errorf("availability %g, want 0.7", got)
	}
	if got := availability(nil); got != 0 {
		t.Errorf("availability of nothing %g", got)
	}
}

func TestPercentiles(t *testing.T) {
	d := []time.Duration{5, 1, 4, 2, 3}
	for p, want := range map[float64]time.Duration{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := percentile(d, p); got != want {
			t.Errorf("percentile %g is %d, want %d", p, got, want)
		}
	}
	if !slices.Equal(d, []time.Duration{5, 1, 4, 2, 3}) {
		t.Error("the argument was sorted")
	}
	if percentile(nil, 0.5) != 0 {
		t.Error("a percentile of nothing")
	}
}

func TestOutagesAreCountedByFault(t *testing.T) {
	c := &campaign{field: field{load: &load.Load{}}, struck: []strike{
		{"kill the leader", time.Second}, {"kill the leader", 3 * time.Second}, {"kill the leader", 2 * time.Second}, {"stop the leader", time.Second},
	}}
	got := c.outages()
	if !strings.Contains(got, "kill the leader  3      2s             3s") || strings.Contains(got, "pause") {
		t.Errorf("table:\n%s", got)
	}
}
