package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestHistogramBuckets(t *testing.T) {
	// every bucket's upper edge falls into it, and the next nanosecond into the next
	for i := range len(Histogram{}.buckets) - 1 {
		edge := upperEdge(i)
		if got := bucketOf(edge); got != i {
			t.Fatalf("bucketOf(%d ns) = %d, want %d", edge, got, i)
		}
		if got := bucketOf(edge + 1); got != i+1 {
			t.Fatalf("bucketOf(%d ns) = %d, want %d", edge+1, got, i+1)
		}
	}
	last := len(Histogram{}.buckets) - 1
	if got := bucketOf(1 << 62); got != last {
		t.Errorf("a duration past the range counts in bucket %d, want %d", got, last)
	}
	if got := bucketOf(-time.Second); got != 0 {
		t.Errorf("a negative duration counts in bucket %d, want 0", got)
	}
}

func TestHistogramQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var a, b, merged Histogram
	var all []time.Duration
	for i := range 50_000 {
		d := time.Duration(rng.ExpFloat64() * float64(3*time.Millisecond))
		all = append(all, d)
		if i%2 == 0 {
			a.Record(d)
		} else {
			b.Record(d)
		}
	}
	merged.Merge(&a)
	merged.Merge(&b)
	slices.Sort(all)
	if merged.Count() != uint64(len(all)) || merged.Max() != all[len(all)-1] {
		t.Fatalf("count %d max %s, want %d and %s", merged.Count(), merged.Max(), len(all), all[len(all)-1])
	}
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[int(q*float64(len(all)))-1]
		got := merged.Quantile(q)
		if got < want || float64(got) > float64(want)*(1+1.0/subBuckets)+1 {
			t.Errorf("quantile %v = %s, want %s to 1/%d more", q, got, want, subBuckets)
		}
	}
}

func TestHistogramOfFew(t *testing.T) {
	var h Histogram
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("median of nothing = %s, want 0", got)
	}
	h.Record(time.Second)
	for _, q := range []float64{0.001, 0.5, 1} {
		if got := h.Quantile(q); got != time.Second {
			t.Errorf("quantile %v of one second = %s", q, got)
		}
	}
}
