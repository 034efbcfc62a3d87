package fsm

import "strings"

// quotas checks that every quota stands at its place, and what is counted by
// position against what is counted one by one.
func (c *checker) quotas() {
	s := c.s
	n := s.rateQuotas.len() + s.leaseQuotas.len()
	c.want(s.quotaPaths.len() == n, "%d places of quotas, want %d", s.quotaPaths.len(), n)
	at := func(place quotaItem) {
		it, ok := s.quotaPaths.get(place)
		c.want(ok && it.name == place.name, "quota %s is not at its path %q", place.name, place.path)
	}
	s.rateQuotas.each(func(q *RateQuota) bool {
		at(q.place())
		c.want(q.Rate > 0 && q.Interval > 0, "quota %s: rate %v in %v", q.Name, q.Rate, q.Interval)
		return true
	})
	s.leaseQuotas.each(func(q *LeaseQuota) bool {
		at(q.place())
		got, want := s.LeasesUnder(q.Path), CountLeases(s, q.Path)
		c.want(got == want, "quota %s: %d leases, want %d", q.Name, got, want)
		return true
	})
}

// CountLeases counts the leases under a path one by one.
func CountLeases(s *State, path string) (n int) {
	s.tokens.each(func(t *Token) bool {
		if t.LeaseID() != "" && (path == "" || t.Path == path || strings.HasPrefix(t.Path, path+"/")) {
			n++
		}
		return true
	})
	s.leases.each(func(l *Lease) bool {
		if path == "" || l.Path() == path || strings.HasPrefix(l.Path(), path+"/") {
			n++
		}
		return true
	})
	return n
}

// wreckQuotas writes to every table of quotas.
func (tx *Tx) wreckQuotas() {
	tx.dropQuotas("auth/token")
	tx.enterQuota(quotaItem{LeaseCount, "x", "x"})
	putRecord(tx, &tx.st.leaseQuotas, "x", &LeaseQuota{Name: "x", Path: "x", Max: 1})
	putRecord(tx, &tx.st.rateQuotas, "x", &RateQuota{Name: "x", Path: "x", Rate: 1})
	putRecord(tx, &tx.st.quotaConfig, struct{}{}, &QuotaConfig{Version: 9})
}
