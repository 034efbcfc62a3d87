package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// QuotaConfig is what all rate quotas have in common.
type QuotaConfig struct {
	Version uint64   // serial of the command that wrote it; 0: nobody has
	Exempt  []string // paths that no rate quota counts for; one that ends in * is for all that begin so
	Audit   bool     // requests that a rate quota refused are audited
	Headers bool     // answers tell how much is left
}

// exemptFirst is what monitoring has to reach at any rate. The paths are exempt
// until somebody says otherwise.
var exemptFirst = []string{"sys/health", "sys/seal-status"}

func (q *QuotaConfig) tag() recordTag { return tagQuotaConfig }

func (q *QuotaConfig) fields(c *coder) {
	c.u64(&q.Version)
	c.strings(&q.Exempt, MaxExemptPaths, MaxPathBytes)
	c.bool(&q.Audit)
	c.bool(&q.Headers)
}

// QuotaConfig is what holds now.
func (s *State) QuotaConfig() *QuotaConfig {
	if q, ok := s.quotaConfig.find(struct{}{}); ok {
		return q
	}
	return &QuotaConfig{Exempt: exemptFirst}
}

// Exempts says whether no rate quota counts for a path.
func (q *QuotaConfig) Exempts(path string) bool {
	path = strings.TrimSuffix(path, "/")
	for _, e := range q.Exempt {
		if prefix, all := strings.CutSuffix(e, "*"); all && strings.HasPrefix(path, prefix) || path == strings.TrimSuffix(e, "/") {
			return true
		}
	}
	return false
}

// QuotaConfigSet changes what is given of the configuration.
type QuotaConfigSet struct {
	Config QuotaConfig // Version is not used
	Given  QuotaConfigFields
}

// QuotaConfigFields are the fields that a request names.
type QuotaConfigFields uint8

// The fields, append-only.
const (
	GivenExemptPaths QuotaConfigFields = 1 << iota
	GivenQuotaAudit
	GivenQuotaHeaders
)

func (*QuotaConfigSet) kind() Kind { return kindQuotaConfigSet }

func (q *QuotaConfigSet) fields(c *coder) {
	q.Config.fields(c)
	c.u8((*uint8)(&q.Given))
}

// Validate checks shape and bounds.
func (q *QuotaConfigSet) Validate() error {
	switch {
	case q.Given >= GivenQuotaHeaders<<1:
		return invalid(OutOfRange, "given fields", uint8(q.Given), "known ones")
	case len(q.Config.Exempt) > MaxExemptPaths:
		return invalid(OutOfRange, "number of rate_limit_exempt_paths", len(q.Config.Exempt), "at most 64")
	}
	for _, path := range q.Config.Exempt {
		if path == "" || len(path) > MaxPathBytes {
			return invalid(OutOfRange, "length of a path in rate_limit_exempt_paths", len(path), "1 to 512 bytes")
		}
	}
	return nil
}

func (*QuotaConfigSet) access(*State, *Actor) Access {
	return Access{Path: "sys/quotas/config", Capability: policy.Update}
}

func (q *QuotaConfigSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	next := *tx.st.QuotaConfig()
	next.Version = tx.serial()
	if q.Given&GivenExemptPaths != 0 {
		next.Exempt = q.Config.Exempt
	}
	if q.Given&GivenQuotaAudit != 0 {
		next.Audit = q.Config.Audit
	}
	if q.Given&GivenQuotaHeaders != 0 {
		next.Headers = q.Config.Headers
	}
	putRecord(tx, &tx.st.quotaConfig, struct{}{}, &next)
	return &Done{}, nil
}
