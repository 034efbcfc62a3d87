package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteTable prints results as one table, with what went wrong and the
// conditions of the floors under it.
func WriteTable(out io.Writer, results []Result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "workload\trequest\tnodes\tc\tper second\tp50 ms\tp99 ms\tp99.9 ms\tmax ms\terrors\tfloor/s\tfloor p50/p99\tof floor\t")
	var builtIn bool
	for _, r := range results {
		for _, row := range r.Rows {
			rate, latency, share := "-", "-", "-"
			if f := row.Floor; f != nil {
				builtIn = builtIn || f.What != measuredHere
				latency = fmt.Sprintf("%.1f/%.0f", f.P50, f.P99)
				if f.PerSecond > 0 {
					rate, share = grouped(f.PerSecond), fmt.Sprintf("%.0f %%", 100*row.Rate/f.PerSecond)
				}
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%.2f\t%.2f\t%.2f\t%.1f\t%d\t%s\t%s\t%s\t\n",
				r.Workload, row.Op, r.Role, r.Connections, grouped(row.Rate),
				row.P50, row.P99, row.P999, row.Max, row.failures(), rate, latency, share)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range results {
		for _, row := range r.Rows {
			for _, kind := range slices.Sorted(maps.Keys(row.Errors)) {
				fmt.Fprintf(out, "%s %s c=%d: %d × %s: %s\n", r.Workload, row.Op, r.Connections,
					row.Errors[kind], kind, strings.TrimSpace(row.Examples[kind]))
			}
		}
	}
	if builtIn {
		_, err := fmt.Fprintln(out, FloorConditions)
		return err
	}
	return nil
}

// failures is the number of requests that did not succeed.
func (r Row) failures() uint64 {
	var sum uint64
	for _, n := range r.Errors {
		sum += n
	}
	return sum
}

// grouped rounds to a whole number and separates the thousands.
func grouped(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
