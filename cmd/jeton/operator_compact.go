package main

import (
	"context"
	"flag"

	"github.com/jeton-io/jeton/cluster"
)

// operatorCompactCommand makes the files of a stopped node's log as small as they can
// be.
func operatorCompactCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		before, after, err := cluster.Compact(args[0])
		if err != nil {
			return err
		}
		if out.format == "json" {
			return out.json(map[string]int64{"bytes_before": before, "bytes_after": after})
		}
		return out.success("Compacted %s: %d KiB became %d KiB", args[0], before>>10, after>>10)
	}
}
