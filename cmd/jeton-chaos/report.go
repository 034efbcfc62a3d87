package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// report is the table at the end.
func (c *campaign) report(violations []check.Violation) string {
	var b strings.Builder
	events := c.load.History.Events()
	network := "loopback, no partitions"
	if c.Partitions() {
		network = "a network namespace each"
	}
	fmt.Fprintf(&b, "\nseed %d, %d nodes, %s, %s\n\n", c.seed, len(c.Nodes), network, time.Since(c.begin).Round(time.Second))
	b.WriteString(tally(events))
	b.WriteString("\n")
	b.WriteString(c.outages())
	fmt.Fprintf(&b, "\navailability  %.2f %% (of %s, with a write acknowledged in each)\nviolations    %d\n",
		100*availability(events), slot, len(violations))
	return b.String()
}

// outages says for each fault how often it struck, and how long no write was
// acknowledged then.
func (c *campaign) outages() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\ttimes\toutage median\tmax")
	for _, f := range faults {
		var downs []time.Duration
		for _, s := range c.struck {
			if s.fault == f.name {
				downs = append(downs, s.outage)
			}
		}
		if len(downs) > 0 {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", f.name, len(downs), ms(percentile(downs, 0.5)), ms(percentile(downs, 1)))
		}
	}
	w.Flush()
	return b.String()
}

// tally counts events by kind and outcome.
func tally(events []check.Event) string {
	counts := make(map[check.Kind]map[client.Outcome]int)
	for _, e := range events {
		if counts[e.Kind] == nil {
			counts[e.Kind] = make(map[client.Outcome]int)
		}
		counts[e.Kind][e.Outcome]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-10s %9s %9s %9s %9s\n", "operation", "done", "refused", "void", "open")
	for k := check.Create; k <= check.Get; k++ {
		n := counts[k]
		fmt.Fprintf(&b, "%-10s %9d %9d %9d %9d\n", k, n[client.Done], n[client.Refused], n[client.Void], n[client.Open])
	}
	return b.String()
}
