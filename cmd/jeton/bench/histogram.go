package bench

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets of constant relative width, as
// HdrHistogram does: subBuckets per power of two, so a quantile is at most
// 1/subBuckets (1.6 %) above the true value. Its size is fixed and recording
// allocates nothing.
const (
	subBits    = 6
	subBuckets = 1 << subBits
	// powers above the first, linear stretch: 64 ns << 37 is two and a half
	// hours; longer durations count in the last bucket.
	powers = 37
)

// Histogram is not safe for concurrent use: each worker has its own, and they
// are merged when all have stopped.
type Histogram struct {
	buckets [(powers + 1) * subBuckets]uint64
	count   uint64
	max     time.Duration
}

// Record counts one duration.
func (h *Histogram) Record(d time.Duration) {
	h.buckets[bucketOf(d)]++
	h.count++
	h.max = max(h.max, d)
}

// Merge adds what the other histogram has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
	h.max = max(h.max, other.max)
}

// Count is the number of durations recorded.
func (h *Histogram) Count() uint64 { return h.count }

// Max is the longest duration recorded, exactly.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile is the duration that a share q of those recorded do not exceed
// (0 < q <= 1): the upper edge of its bucket, never more than Max. Zero when
// nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.count == 0 {
		return 0
	}
	// the rank is rounded up: of 100 durations, p99 is the 99th
	rank := uint64(q * float64(h.count))
	if float64(rank) < q*float64(h.count) || rank == 0 {
		rank++
	}
	var seen uint64
	for i, n := range h.buckets {
		seen += n
		if seen >= rank {
			return min(upperEdge(i), h.max)
		}
	}
	return h.max
}

// bucketOf maps nanoseconds below subBuckets to a bucket each, and each power of
// two above to subBuckets of equal width.
func bucketOf(d time.Duration) int {
	ns := uint64(max(d, 0))
	if ns < subBuckets {
		return int(ns)
	}
	power := bits.Len64(ns) - subBits - 1 // how far to shift to keep subBits+1 bits
	if power >= powers {
		return len(Histogram{}.buckets) - 1
	}
	return (power+1)*subBuckets + int(ns>>power) - subBuckets
}

// upperEdge is the greatest duration that bucketOf maps to bucket i.
func upperEdge(i int) time.Duration {
	if i < subBuckets {
		return time.Duration(i)
	}
	power := i/subBuckets - 1
	return time.Duration((uint64(i%subBuckets)+subBuckets+1)<<power - 1)
}
