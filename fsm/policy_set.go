package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// PolicySet writes an ACL policy: its text as the client wrote it, and what the
// receiving node's parser made of it in canonical form. The machine never
// parses; it matches.
type PolicySet struct {
	Name   string // normalised: lower case, trimmed
	Raw    string
	Parsed []byte // policy.Append
	Legacy bool   // came by sys/policy/ instead of sys/policies/acl/
}

// Policy is the record of one ACL policy.
type Policy struct {
	Name    string
	Version uint64 // serial of the command that wrote it
	Raw     string
	parsed  []byte
	rules   *policy.Compiled // of parsed, held ready
}

func (p *Policy) tag() recordTag { return tagPolicy }

func (p *Policy) fields(c *coder) {
	c.string(&p.Name, MaxNameBytes)
	c.u64(&p.Version)
	c.string(&p.Raw, policy.MaxTextBytes)
	c.bytes(&p.parsed, policy.MaxEncodedBytes)
	if c.decoding && c.err == nil {
		rules, err := policy.Decode(p.parsed)
		if err != nil {
			c.fail(err)
			return
		}
		p.rules = policy.Compile(rules)
	}
}

// PolicyStored is the result of PolicySet.
type PolicyStored struct{ Warnings []Warning }

func (r *PolicyStored) fields(c *coder) { warningFields(c, &r.Warnings) }

func (*PolicySet) kind() Kind { return kindPolicySet }

func (p *PolicySet) fields(c *coder) {
	c.string(&p.Name, MaxNameBytes)
	c.string(&p.Raw, policy.MaxTextBytes)
	c.bytes(&p.Parsed, policy.MaxEncodedBytes)
	c.bool(&p.Legacy)
}

// Validate checks the name's form and that the parsed form is canonical.
func (p *PolicySet) Validate() error {
	switch {
	case p.Name == "" || len(p.Name) > MaxNameBytes:
		return invalid(PolicyNameBad, p.Name, "1 to 256 bytes")
	case p.Name != foldName(p.Name):
		return invalid(PolicyNameBad, p.Name, foldName(p.Name))
	case len(p.Raw) > policy.MaxTextBytes:
		return verdict(Limit, TooLong, "policy", len(p.Raw), policy.MaxTextBytes)
	}
	if _, err := policy.Decode(p.Parsed); err != nil {
		return invalid(OutOfRange, "parsed policy", "not canonical", "what the parser makes")
	}
	return nil
}

func (p *PolicySet) access(*State, *Actor) Access {
	return Access{Path: policyPath(p.Name, p.Legacy), Capability: policy.Update}
}

func policyPath(name string, legacy bool) string {
	if legacy {
		return "sys/policy/" + name
	}
	return "sys/policies/acl/" + name
}

func (p *PolicySet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if p.Name == "root" || p.Name == "response-wrapping" {
		return nil, invalid(PolicyImmutable, p.Name)
	}
	if _, there := tx.st.policies.find(p.Name); !there && tx.st.policies.len() >= MaxStoredPolicies {
		return nil, verdict(Limit, TooManyPolicies, MaxStoredPolicies)
	}
	tx.setPolicy(p)
	return &PolicyStored{}, nil
}

func (tx *Tx) setPolicy(p *PolicySet) {
	rules, err := policy.Decode(p.Parsed)
	if err != nil {
		panic("fsm: policy passed Validate and does not decode: " + err.Error())
	}
	putRecord(tx, &tx.st.policies, p.Name, &Policy{Name: p.Name, Version: tx.serial(), Raw: p.Raw, parsed: p.Parsed, rules: policy.Compile(rules)})
	tx.policiesMoved()
}

// policiesMoved makes parameter checks under the old policies void.
func (tx *Tx) policiesMoved() { tx.st.PolicyVersion = tx.serial() }

// Policy finds a policy by name.
func (s *State) Policy(name string) (*Policy, bool) { return s.policies.find(name) }

// PolicyNames lists all stored policies in order; root is not stored.
func (s *State) PolicyNames() (names []string) {
	s.policies.each(func(p *Policy) bool {
		names = append(names, p.Name)
		return true
	})
	return names
}
