package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// RunnerAdopt is an operator's word on a runner.
type RunnerAdopt struct {
	ID    string
	Adopt bool // false: reject
}

func (*RunnerAdopt) kind() Kind { return kindRunnerAdopt }

func (r *RunnerAdopt) fields(c *coder) {
	c.string(&r.ID, MaxSignedIDBytes)
	c.bool(&r.Adopt)
}

// Validate wants an id.
func (r *RunnerAdopt) Validate() error { return validRunnerID(r.ID) }

func validRunnerID(id string) error {
	if !isRunnerID(id) {
		return invalid(RunnerIDBad)
	}
	return nil
}

func (r *RunnerAdopt) access(*State, *Actor) Access {
	return Access{Path: "runner/" + r.ID + "/adopt", Capability: policy.Update}
}

func (r *RunnerAdopt) apply(tx *Tx, _ *Actor) (Result, *Error) {
	old, ok := tx.st.Runner(r.ID)
	if !ok {
		return nil, verdict(NotFound, RunnerNotFound)
	}
	next := *old
	next.State, next.Decided, next.Before = RunnerRejected, tx.serial(), nil
	if r.Adopt {
		next.State = RunnerAdopted
	}
	tx.putRunner(&next)
	return &Done{}, nil
}

// RunnerClaim makes the token of a runner that was adopted after it had registered,
// which is what it has waited for. It does not expire.
type RunnerClaim struct {
	ID        string
	LabelHash uint64
	Since     uint64 // serial of the registration
	Accessor  string
}

func (*RunnerClaim) kind() Kind { return kindRunnerClaim }
func (*RunnerClaim) anonymous() {}

func (r *RunnerClaim) fields(c *coder) {
	c.string(&r.ID, MaxSignedIDBytes)
	c.u64(&r.LabelHash)
	c.u64(&r.Since)
	c.string(&r.Accessor, AccessorBytes)
}

// Validate checks shape and bounds.
func (r *RunnerClaim) Validate() error {
	if err := checkSigned(r.Accessor, 0); err != nil {
		return err
	}
	return validRunnerID(r.ID)
}

func (*RunnerClaim) access(*State, *Actor) Access { return Access{} }

func (r *RunnerClaim) apply(tx *Tx, _ *Actor) (Result, *Error) {
	old, ok := tx.st.Runner(r.ID)
	switch {
	case !ok:
		return nil, verdict(Denied, RunnerUnknown)
	case old.State == RunnerRejected:
		return nil, verdict(Denied, RunnerIsRejected)
	case old.State != RunnerAdopted || old.LabelHash != r.LabelHash:
		return nil, verdict(Denied, RunnerIsPending)
	case old.Decided <= r.Since:
		return nil, verdict(Denied, RunnerHasToken)
	}
	return made(tx.sign(SignedToken{Kind: SignedRunner, Accessor: r.Accessor, Runner: r.ID, LabelHash: r.LabelHash}, 0))
}

// RunnerForget removes a runner, whose tokens end with that; one that it shows to
// begin to work brings it back.
type RunnerForget struct{ ID string }

func (*RunnerForget) kind() Kind        { return kindRunnerForget }
func (r *RunnerForget) fields(c *coder) { c.string(&r.ID, MaxSignedIDBytes) }

// Validate wants an id.
func (r *RunnerForget) Validate() error { return validRunnerID(r.ID) }

func (r *RunnerForget) access(*State, *Actor) Access {
	return Access{Path: "runner/" + r.ID + "/forget", Capability: policy.Update}
}

func (r *RunnerForget) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if old, ok := tx.st.Runner(r.ID); ok {
		tx.dropRunner(old)
	}
	return &Done{}, nil
}

// RunnerOffline is a runner that has gone away, as its node says, which has checked
// what the runner had shown. It takes nothing from an operator's decision.
type RunnerOffline struct{ ID string }

func (*RunnerOffline) kind() Kind        { return kindRunnerOffline }
func (*RunnerOffline) anonymous()        {}
func (r *RunnerOffline) fields(c *coder) { c.string(&r.ID, MaxSignedIDBytes) }

// Validate wants an id.
func (r *RunnerOffline) Validate() error { return validRunnerID(r.ID) }

func (*RunnerOffline) access(*State, *Actor) Access { return Access{} }

func (r *RunnerOffline) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if old, ok := tx.st.Runner(r.ID); ok {
		tx.leave(old)
	}
	return &Done{}, nil
}

// RunnerImport takes a runner over from a Waypoint server, or writes one anew, with
// the state that it had there.
type RunnerImport struct{ Runner Runner }

func (*RunnerImport) kind() Kind        { return kindRunnerImport }
func (r *RunnerImport) fields(c *coder) { r.Runner.fields(c) }

// Validate bounds the record.
func (r *RunnerImport) Validate() error {
	if err := checkRunner(&r.Runner); err != nil {
		return err
	}
	return nil
}

func (r *RunnerImport) access(*State, *Actor) Access {
	return Access{Path: "jeton/runners/" + r.Runner.ID, Capability: policy.Update}
}

func (r *RunnerImport) apply(tx *Tx, _ *Actor) (Result, *Error) {
	next := r.Runner
	next.FirstSeen, next.LastSeen, next.Decided, next.Before = tx.clock(), tx.clock(), tx.serial(), nil
	if old, there := tx.st.Runner(next.ID); there {
		next.FirstSeen = old.FirstSeen
	} else if tx.st.runners.len() >= MaxRunners {
		return nil, verdict(Limit, TooManyRunners, MaxRunners)
	}
	tx.putRunner(&next)
	return &Done{}, nil
}
