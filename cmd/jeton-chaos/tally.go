package main

import (
	"fmt"
	"strings"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

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
