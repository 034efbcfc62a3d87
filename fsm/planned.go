package fsm

// Planned is a revocation that ends what a plan counted and nothing else.
//
// A plan names no tokens. It is a serial: what its revocation reached when the
// plan was made are the tokens up to that serial that it reaches now, and those
// that have ended meanwhile. That holds as long as no younger token hangs below
// them and none of them was orphaned. The node that proposes has made sure of that
// up to a later state; the machine looks at what was made after it, which is little.
type Planned struct {
	Epoch   uint64  // of the state that the plan was made in
	Serial  uint64  // of that state
	Tokens  uint64  // that it counted
	Checked uint64  // serial of the state in which the node held the plan against the present tokens
	Left    uint64  // of Tokens in that state
	Command Command // one that may be planned
}

// PlanDone is its result: how many tokens were planned, and how many of them had
// not ended before.
type PlanDone struct{ Tokens, Left uint64 }

func (d *PlanDone) fields(c *coder) {
	c.u64(&d.Tokens)
	c.u64(&d.Left)
}

func (*Planned) kind() Kind { return kindPlanned }

func (p *Planned) fields(c *coder) {
	c.u64(&p.Epoch)
	c.u64(&p.Serial)
	c.u64(&p.Tokens)
	c.u64(&p.Checked)
	c.u64(&p.Left)
	var k Kind
	if !c.decoding {
		k = p.Command.kind()
	}
	c.u8((*uint8)(&k))
	if c.decoding {
		if p.Command = plannable(k); p.Command == nil {
			c.fail(errNotCanonical)
			return
		}
	}
	p.Command.fields(c)
}

// plannable is a new command of a kind that may be planned, or nil.
func plannable(k Kind) Command {
	switch k {
	case kindPrefixRevoke:
		return new(PrefixRevoke)
	case kindAuthDisable:
		return new(AuthDisable)
	case kindSecretDisable:
		return new(SecretDisable)
	case kindTokenRevoke:
		return new(TokenRevoke)
	case kindLeaseRevoke:
		return new(LeaseRevoke)
	case kindTokenRevokeOrphan:
		return new(TokenRevokeOrphan)
	}
	return nil
}

// Validate wants the plan to be older than its check.
func (p *Planned) Validate() error {
	if p.Serial > p.Checked {
		return invalid(PlanUnknown)
	}
	return p.Command.Validate()
}

func (p *Planned) access(s *State, a *Actor) Access { return p.Command.access(s, a) }

func (p *Planned) apply(tx *Tx, a *Actor) (Result, *Error) {
	if err := tx.st.Holds(a, p, PlanLooks); err != nil {
		return nil, err
	}
	var err *Error
	if prefix, ok := p.Command.(*PrefixRevoke); ok {
		_, err = prefix.applyUpTo(tx, a, p.Serial)
	} else {
		_, err = p.Command.apply(tx, a)
	}
	return &PlanDone{p.Tokens, p.Left}, err
}

// Holds says whether what was made after the plan's check leaves the plan as it
// is. Recheck means that there is too much of it to look at.
func (s *State) Holds(a *Actor, p *Planned, looks int) *Error {
	if p.Epoch != s.Epoch || p.Checked > s.Serial {
		return invalid(PlanUnknown)
	}
	r, err := s.reachOf(a, p.Command)
	if err != nil {
		return err
	}
	if err := r.since(p); err != nil {
		return err
	}
	if s.LastCut > p.Checked || p.Checked+PlanWindow < s.Serial {
		return verdict(Recheck, PlanMoved)
	}
	s.births.ascend(birthItem{serial: p.Checked + 1}, func(it birthItem) bool {
		t := s.token(it.token)
		switch hit := s.reaches(&r, t, &looks); {
		case looks <= 0:
			err = verdict(Recheck, PlanMoved)
		case hit && s.cause(t, s.Clock) == Alive:
			err = verdict(Conflict, PlanChanged, t.Accessor())
		}
		return err == nil
	})
	if err == nil {
		err = s.leasesHold(&r, p, &looks)
	}
	return err
}
