package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

const refreshPath = "token/refresh"

// LoginIssue makes a login token of the caller or another user, or a token for
// triggers, which is the caller's.
type LoginIssue struct {
	Accessor string
	Term     time.Duration // not positive: no end
	User     UserRef
	Trigger  bool
}

func (*LoginIssue) kind() Kind { return kindLoginIssue }

func (i *LoginIssue) fields(c *coder) {
	c.string(&i.Accessor, AccessorBytes)
	c.duration(&i.Term)
	i.User.fields(c)
	c.bool(&i.Trigger)
}

// Validate checks shape and bounds.
func (i *LoginIssue) Validate() error {
	if err := checkSigned(i.Accessor, i.Term); err != nil {
		return err
	}
	if err := i.User.check(); err != nil {
		return err
	}
	return nil
}

func checkSigned(accessor string, term time.Duration) *Error {
	switch {
	case len(accessor) != AccessorBytes || !isAlphanumeric(accessor):
		return invalid(OutOfRange, "accessor", accessor, "24 letters and digits")
	case term > MaxTTL:
		return invalid(OutOfRange, "duration", term, "at most 87600h")
	}
	return nil
}

func (*LoginIssue) access(*State, *Actor) Access {
	return Access{Path: "token/login", Capability: policy.Update}
}

func (i *LoginIssue) apply(tx *Tx, a *Actor) (Result, *Error) {
	u, err := tx.st.userFor(i.User, a)
	if err != nil {
		return nil, err
	}
	t := SignedToken{Kind: SignedLogin, Accessor: i.Accessor, User: u.ID}
	if i.Trigger {
		from, err := a.user()
		if err != nil {
			return nil, err
		}
		t = SignedToken{Kind: SignedTrigger, Accessor: i.Accessor, From: from}
	}
	return made(tx.sign(t, i.Term))
}

// made is a *SignedMade as a Result, which must not be a nil in disguise.
func made(m *SignedMade, err *Error) (Result, *Error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// user is the id of the caller's user. A runner has none, and neither has a token of
// Vault's kinds.
func (a *Actor) user() (string, *Error) {
	if t := a.Token.signed; t != nil && t.Kind == SignedLogin {
		return t.User, nil
	}
	return "", verdict(Unauthenticated, SignedNoUser)
}

// userFor finds a user whom the caller may let someone act as: itself, or one whose
// policies it holds all, so that nobody gets rights that he could not give. In
// Waypoint, where users have no policies, everyone may act as everyone.
func (s *State) userFor(r UserRef, a *Actor) (*SignedUser, *Error) {
	if t := a.Token.signed; t != nil && t.Kind != SignedLogin || t == nil && r.By == UserSelf {
		return nil, verdict(Unauthenticated, SignedNoUser)
	}
	u, ok := s.SignedUser(r, a)
	switch {
	case !ok:
		return nil, verdict(NotFound, SignedUserUnknown)
	case !a.Token.IsRoot() && !subsetOf(u.Policies, a.Token.Policies):
		return nil, verdict(Denied, SignedUserMore)
	}
	return u, nil
}

// RunnerIssue makes a token for a runner, or for any. A runner makes it for itself
// alone.
type RunnerIssue struct {
	Accessor  string
	Term      time.Duration
	Runner    string
	LabelHash uint64 // 0: any labels
}

func (*RunnerIssue) kind() Kind { return kindRunnerIssue }

func (i *RunnerIssue) fields(c *coder) {
	c.string(&i.Accessor, AccessorBytes)
	c.duration(&i.Term)
	c.string(&i.Runner, MaxSignedIDBytes)
	c.u64(&i.LabelHash)
}

// Validate checks shape and bounds. An id that no runner can have is harmless.
func (i *RunnerIssue) Validate() error {
	if err := checkSigned(i.Accessor, i.Term); err != nil {
		return err
	}
	if len(i.Runner) > MaxSignedIDBytes {
		return invalid(OutOfRange, "length of a runner's id", len(i.Runner), "at most 128 bytes")
	}
	return nil
}

func (*RunnerIssue) access(*State, *Actor) Access {
	return Access{Path: "token/runner", Capability: policy.Update}
}

func (i *RunnerIssue) apply(tx *Tx, a *Actor) (Result, *Error) {
	if t := a.Token.signed; t != nil && t.Kind == SignedRunner && t.Runner != i.Runner {
		return nil, invalid(RunnerImpersonated)
	}
	return made(tx.sign(SignedToken{Kind: SignedRunner, Accessor: i.Accessor, Runner: i.Runner, LabelHash: i.LabelHash}, i.Term))
}

// SignedRefresh makes a token that says what the caller's own does, for as long as
// that was made for, from now on. The caller's goes on being good.
type SignedRefresh struct{ Accessor string }

func (*SignedRefresh) kind() Kind { return kindSignedRefresh }

func (r *SignedRefresh) fields(c *coder) { c.string(&r.Accessor, AccessorBytes) }

// Validate wants an accessor.
func (r *SignedRefresh) Validate() error {
	if err := checkSigned(r.Accessor, 0); err != nil {
		return err
	}
	return nil
}

func (*SignedRefresh) access(*State, *Actor) Access {
	return Access{Path: refreshPath, Capability: policy.Update}
}

func (r *SignedRefresh) apply(tx *Tx, a *Actor) (Result, *Error) {
	if a.Token.signed == nil {
		return nil, invalid(SignedOnly)
	}
	t := *a.Token.signed
	term := t.term()
	if t.ValidUntil != Never && term == 0 {
		return nil, invalid(SignedTermUnknown)
	}
	t.Accessor = r.Accessor
	return made(tx.sign(t, min(term, MaxTTL)))
}
