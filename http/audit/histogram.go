package audit

import (
	"sync/atomic"
	"time"
)

// Buckets are the upper bounds of a Histogram, in milliseconds.
var Buckets = [...]float64{0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 512, 2048, 8192, 32768}

// Histogram counts how long entries took.
type Histogram struct {
	counts [len(Buckets) + 1]atomic.Uint64
	nanos  atomic.Int64
}

func (h *Histogram) observe(took time.Duration) {
	ms := float64(took) / float64(time.Millisecond)
	i := 0
	for i < len(Buckets) && ms > Buckets[i] {
		i++
	}
	h.counts[i].Add(1)
	h.nanos.Add(int64(took))
}

// Snapshot is what was counted: how often, milliseconds in all, and how often up
// to each bound.
func (h *Histogram) Snapshot() (count uint64, sum float64, buckets map[float64]uint64) {
	buckets = make(map[float64]uint64, len(Buckets))
	for i := range h.counts {
		count += h.counts[i].Load()
		if i < len(Buckets) {
			buckets[Buckets[i]] = count
		}
	}
	return count, float64(h.nanos.Load()) / float64(time.Millisecond), buckets
}
