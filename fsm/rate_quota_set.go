package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// RateQuota bounds how many requests a client address may make under a path. The
// machine only keeps it: each node counts what it is asked itself.
type RateQuota struct {
	Name        string
	Version     uint64        // serial of the command that wrote it
	Path        string        // without slashes at its ends
	Rate        uint64        // requests, in millionths
	Interval    time.Duration // in which Rate requests are allowed
	Block       time.Duration // without an answer for who asked too much; 0: none
	Inheritable bool          // shown, and without meaning: there are no namespaces
}

func (q *RateQuota) tag() recordTag { return tagRateQuota }

func (q *RateQuota) fields(c *coder) {
	c.string(&q.Name, MaxQuotaNameBytes)
	c.u64(&q.Version)
	c.string(&q.Path, MaxPathBytes)
	c.u64(&q.Rate)
	c.duration(&q.Interval)
	c.duration(&q.Block)
	c.bool(&q.Inheritable)
}

func (q *RateQuota) place() quotaItem { return quotaItem{RateLimit, q.Path, q.Name} }

// RateQuota finds a rate quota by name.
func (s *State) RateQuota(name string) (*RateQuota, bool) { return s.rateQuotas.find(name) }

// RateQuotas is how many there are.
func (s *State) RateQuotas() int { return s.rateQuotas.len() }

// RateQuotaNames lists the names in order.
func (s *State) RateQuotaNames() (names []string) {
	s.rateQuotas.each(func(q *RateQuota) bool {
		names = append(names, q.Name)
		return true
	})
	return names
}

// RateQuotaOver is the rate quota that counts for a path.
func (s *State) RateQuotaOver(path string) (*RateQuota, bool) {
	if s.rateQuotas.len() == 0 {
		return nil, false
	}
	name, ok := s.quotaOver(RateLimit, path)
	if !ok {
		return nil, false
	}
	return s.rateQuotas.find(name)
}

// RateQuotaSet writes a rate quota, all of it.
type RateQuotaSet struct {
	Name        string
	Path        string
	Rate        uint64        // requests, in millionths
	Interval    time.Duration // 0: a second
	Block       time.Duration
	Inheritable bool
}

func (*RateQuotaSet) kind() Kind { return kindRateQuotaSet }

func (r *RateQuotaSet) fields(c *coder) {
	c.string(&r.Name, MaxQuotaNameBytes)
	c.string(&r.Path, MaxPathBytes)
	c.u64(&r.Rate)
	c.duration(&r.Interval)
	c.duration(&r.Block)
	c.bool(&r.Inheritable)
}

// Validate checks shape and bounds.
func (r *RateQuotaSet) Validate() error {
	if err := checkQuota(r.Name, r.Path, r.Inheritable); err != nil {
		return err
	}
	if r.Rate == 0 || r.Rate > MaxQuotaRate {
		return invalid(OutOfRange, "rate in millionths", r.Rate, "above 0 and at most a billion requests")
	}
	if err := checkDuration("interval", r.Interval); err != nil {
		return err
	}
	if err := checkDuration("block_interval", r.Block); err != nil {
		return err
	}
	return nil
}

func (r *RateQuotaSet) access(*State, *Actor) Access {
	return Access{Path: "sys/quotas/rate-limit/" + r.Name, Capability: policy.Update}
}

func (r *RateQuotaSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	q := &RateQuota{r.Name, tx.serial(), r.Path, r.Rate, wholeSeconds(r.Interval), wholeSeconds(r.Block), r.Inheritable}
	if q.Interval == 0 {
		q.Interval = time.Second
	}
	var from *quotaItem
	if old, there := tx.st.rateQuotas.find(r.Name); there {
		place := old.place()
		from = &place
	}
	if err := tx.placeQuota(q.place(), from, tx.st.rateQuotas.len()); err != nil {
		return nil, err
	}
	putRecord(tx, &tx.st.rateQuotas, q.Name, q)
	return &Done{}, nil
}
