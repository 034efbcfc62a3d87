package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// PolicyDelete removes an ACL policy. Tokens keep its name and get the rules
// of whatever is stored under it later.
type PolicyDelete struct {
	Name   string
	Legacy bool // came by sys/policy/
}

func (*PolicyDelete) kind() Kind { return kindPolicyDelete }

func (d *PolicyDelete) fields(c *coder) {
	c.string(&d.Name, MaxNameBytes)
	c.bool(&d.Legacy)
}

// Validate bounds the name.
func (d *PolicyDelete) Validate() error {
	if err := checkName("policy name", d.Name); err != nil {
		return err
	}
	return nil
}

func (d *PolicyDelete) access(*State, *Actor) Access {
	return Access{Path: policyPath(d.Name, d.Legacy), Capability: policy.Delete}
}

func (d *PolicyDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	switch d.Name {
	case "root", "default", "response-wrapping":
		return nil, invalid(PolicyUndeletable, d.Name)
	}
	if _, had := delRecord(tx, &tx.st.policies, d.Name); had {
		tx.policiesMoved()
	}
	return &Done{}, nil
}
