package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go collects when the heap has grown by as much as was alive. While little is alive that
// is often: with 100,000 tokens a tenth of a leader's CPU and a quarter of a follower's.
// So a node lets some garbage come together first, whatever is alive; with more than that
// alive it is Go's own pace again. GOMEMLIMIT holds all the same, and who sets GOGC knows
// better.
const (
	garbage   = 256 << 20 // bytes that may come together
	usualPace = 100       // Go's GOGC
	mostPace  = 1600      // at which 16 MiB are alive, as in an empty node
	lookEvery = 5 * time.Second
)

// paceCollector adapts GOGC to what is alive until ctx ends.
func paceCollector(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	pace := usualPace
	for {
		// To set it stops all goroutines for a moment: not for little.
		if next := paceFor(liveHeap()); next < pace*7/8 || next > pace*9/8 {
			debug.SetGCPercent(next)
			pace = next
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// paceFor is the GOGC at which so much garbage comes together.
func paceFor(live uint64) int {
	if live == 0 {
		return mostPace
	}
	return int(min(max(garbage*100/live, usualPace), mostPace))
}

// liveHeap is what the last collection found alive, in bytes.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return garbage // not known to this Go: its own pace
	}
	return sample[0].Value.Uint64()
}
