package http

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Rate quotas are the cluster's, and each node enforces them for itself: to count
// over all nodes would cost more than the requests that are to be bounded.

// maxLimited bounds the source addresses that are remembered for all rate quotas
// together, and minLimited what one of many gets.
const (
	maxLimited = 64 << 10
	minLimited = 256
)

// rateLimits are the buckets of the rate quotas by name.
type rateLimits struct {
	mu sync.Mutex
	of map[string]rateLimit
}

type rateLimit struct {
	*buckets
	version uint64 // of the quota; another one begins with full buckets
}

// bucketsOf are the buckets of a quota as it is now.
func (l *rateLimits) bucketsOf(st *fsm.State, q *fsm.RateQuota) *buckets {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.of[q.Name]; ok && known.version == q.Version {
		return known.buckets
	}
	if l.of == nil {
		l.of = make(map[string]rateLimit)
	}
	for name := range l.of { // order: each stands alone
		if _, there := st.RateQuota(name); !there {
			delete(l.of, name)
		}
	}
	requests := float64(q.Rate) / rateUnit
	b := newBuckets(math.Max(1, requests), requests/q.Interval.Seconds(), max(minLimited, maxLimited/st.RateQuotas()))
	b.block = q.Block
	l.of[q.Name] = rateLimit{b, q.Version}
	return b
}

// rateUnit is what a quota counts requests in.
const rateUnit = 1e6

// quotaPath is the path as quotas know it: below a login method with its names in
// lower case, as they are kept, so that no other spelling gets round a quota.
func (c *call) quotaPath(st *fsm.State) string {
	m, rest, ok := st.AuthMountOf(c.path)
	if !ok || m.Type == fsm.MountToken {
		return c.path
	}
	return c.path[:len(c.path)-len(rest)] + strings.ToLower(rest)
}

// limit refuses a request that is one too many for the quota of its path. Nobody
// is judged or charged for it. Without any quota it costs a look at the state.
func (c *call) limit() error {
	st := c.s.cluster.Local()
	if st.RateQuotas() == 0 {
		return nil
	}
	q, ok := st.RateQuotaOver(c.quotaPath(st))
	config := st.QuotaConfig()
	if !ok || config.Exempts(c.path) {
		return nil
	}
	now := time.Now()
	buckets := c.s.rateLimits.bucketsOf(st, q)
	took := buckets.take(sourceAddr(c.req.RemoteAddr), now)
	if config.Headers {
		h := c.w.Header()
		h["X-Ratelimit-Limit"] = []string{strconv.FormatInt(int64(buckets.burst), 10)}
		h["X-Ratelimit-Remaining"] = []string{strconv.FormatInt(int64(took.left), 10)}
		h["X-Ratelimit-Reset"] = []string{now.Add(max(took.full, took.wait)).UTC().Format(http.TimeFormat)}
	}
	if took.ok {
		return nil
	}
	c.wait, c.unaudited = took.wait, !config.Audit
	return rebuff(http.StatusTooManyRequests, "request path %s: rate limit quota exceeded", quote(c.path))
}
