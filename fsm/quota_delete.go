package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// QuotaDelete deletes a quota. One that is not there is deleted already.
type QuotaDelete struct {
	Kind QuotaKind
	Name string
}

func (*QuotaDelete) kind() Kind { return kindQuotaDelete }

func (d *QuotaDelete) fields(c *coder) {
	c.u8((*uint8)(&d.Kind))
	c.string(&d.Name, MaxQuotaNameBytes)
}

// Validate checks shape and bounds.
func (d *QuotaDelete) Validate() error {
	if d.Kind != RateLimit && d.Kind != LeaseCount {
		return invalid(OutOfRange, "kind of quota", uint8(d.Kind), "a known one")
	}
	if err := checkQuotaName(d.Name); err != nil {
		return err
	}
	return nil
}

func (d *QuotaDelete) access(*State, *Actor) Access {
	return Access{Path: "sys/quotas/" + d.Kind.String() + "/" + d.Name, Capability: policy.Delete}
}

func (d *QuotaDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if d.Kind == RateLimit {
		if q, there := tx.st.rateQuotas.find(d.Name); there {
			tx.dropQuota(q.place())
		}
	} else if q, there := tx.st.leaseQuotas.find(d.Name); there {
		tx.dropQuota(q.place())
	}
	return &Done{}, nil
}
