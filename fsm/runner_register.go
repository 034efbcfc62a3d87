package fsm

import "github.com/jeton-io/jeton/fsm/policy"

const onlineSuffix = "/online"

// RunnerRegister is a runner that shows the server's cookie, which its node has
// compared, and wants to be adopted. It is an upsert: the first time and the state
// stay, but other labels than before have to be looked at anew.
type RunnerRegister struct{ Runner Runner }

// RunnerStanding is the result of RunnerRegister and RunnerOnline.
type RunnerStanding struct {
	State   AdoptionState
	Decided uint64
	Serial  uint64 // of the registration: an adoption after it is one of who registered
}

func (s *RunnerStanding) fields(c *coder) {
	s.State.fields(c)
	c.u64(&s.Decided)
	c.u64(&s.Serial)
}

func (*RunnerRegister) kind() Kind { return kindRunnerRegister }
func (*RunnerRegister) anonymous() {}

func (r *RunnerRegister) fields(c *coder) { r.Runner.fields(c) }

// Validate bounds what the runner says of itself.
func (r *RunnerRegister) Validate() error {
	if err := checkRunner(&r.Runner); err != nil {
		return err
	}
	return nil
}

func (*RunnerRegister) access(*State, *Actor) Access { return Access{} }

func (r *RunnerRegister) apply(tx *Tx, _ *Actor) (Result, *Error) {
	next, err := tx.registered(&r.Runner)
	if err != nil {
		return nil, err
	}
	tx.putRunner(next)
	return &RunnerStanding{next.State, next.Decided, tx.serial()}, nil
}

// registered is the record of a runner that says this of itself.
func (tx *Tx) registered(said *Runner) (*Runner, *Error) {
	r := *said
	r.State, r.FirstSeen, r.LastSeen, r.Decided, r.Before = RunnerPending, tx.clock(), tx.clock(), 0, nil
	old, there := tx.st.Runner(r.ID)
	if !there {
		if tx.st.runners.len() >= MaxRunners {
			return nil, verdict(Limit, TooManyRunners, MaxRunners)
		}
		return &r, nil
	}
	r.FirstSeen, r.Decided, r.State, r.Before = old.FirstSeen, old.Decided, old.State, old.Before
	if old.decided() { // or it would call itself one that passes, leave, and be forgotten
		r.Kind = old.Kind
	}
	if r.LabelHash == old.LabelHash {
		return &r, nil
	}
	r.State = RunnerPending
	if old.State == RunnerAdopted || old.State == RunnerRejected {
		r.Before = &RunnerBefore{old.State, old.Labels, old.LabelHash}
	} else if b := old.Before; b != nil && b.LabelHash == r.LabelHash {
		r.State, r.Before = b.State, nil // it is again what was decided on
	}
	return &r, nil
}

// RunnerOnline is a runner that shows a token and begins to work. It takes a token of
// its own, or one of who may speak for any runner; what an operator rejected stays
// rejected.
type RunnerOnline struct{ Runner Runner }

func (*RunnerOnline) kind() Kind { return kindRunnerOnline }

func (r *RunnerOnline) fields(c *coder) { r.Runner.fields(c) }

// Validate bounds what the runner says of itself.
func (r *RunnerOnline) Validate() error {
	if err := checkRunner(&r.Runner); err != nil {
		return err
	}
	return nil
}

func (r *RunnerOnline) access(*State, *Actor) Access {
	return Access{Path: "runner/" + r.Runner.ID + onlineSuffix, Capability: policy.Update}
}

func (r *RunnerOnline) apply(tx *Tx, a *Actor) (Result, *Error) {
	said := r.Runner
	ids := []string{said.ID}
	if t := a.Token.signed; t != nil && t.Kind == SignedRunner {
		if err := t.Fits(&said); err != nil {
			return nil, err
		}
		ids = append(ids, t.Runner) // which may be another in letter case
	}
	for _, id := range ids {
		if old, there := tx.st.Runner(id); there && old.rejected() {
			return nil, verdict(Denied, RunnerIsRejected)
		}
	}
	next, err := tx.registered(&said)
	if err != nil {
		return nil, err
	}
	if next.State != RunnerAdopted {
		next.State = RunnerPreadopted
	}
	tx.putRunner(next)
	return &RunnerStanding{next.State, next.Decided, tx.serial()}, nil
}

// Serves says whether a runner's token is for a runner of that id. In this, and in
// nothing else, letter case does not count, as in Waypoint.
func (t *SignedToken) Serves(id string) bool {
	return t.Runner == "" || equalFold(t.Runner, id)
}

// Fits says whether a runner's token is for a runner of that id and those labels.
func (t *SignedToken) Fits(r *Runner) *Error {
	switch {
	case !t.Serves(r.ID):
		return verdict(Denied, RunnerOther)
	case t.Runner != "" && t.LabelHash != 0 && t.LabelHash != r.LabelHash:
		return verdict(Denied, RunnerRelabelled)
	}
	return nil
}
