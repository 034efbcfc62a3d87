package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// InviteIssue makes an invite: to log in as a user, or to sign up as a new one,
// perhaps for one deployment alone.
type InviteIssue struct {
	Accessor   string
	Term       time.Duration
	User       UserRef // whom it logs in; the caller by default
	Entrypoint bool
	Deployment string
	Signup     bool
	Username   string // of the user to be made; judged when it is
}

func (*InviteIssue) kind() Kind { return kindInviteIssue }

func (i *InviteIssue) fields(c *coder) {
	c.string(&i.Accessor, AccessorBytes)
	c.duration(&i.Term)
	i.User.fields(c)
	c.bool(&i.Entrypoint)
	c.string(&i.Deployment, MaxSignedIDBytes)
	c.bool(&i.Signup)
	c.string(&i.Username, MaxSignedIDBytes)
}

// Validate checks shape and bounds.
func (i *InviteIssue) Validate() error {
	if err := checkSigned(i.Accessor, i.Term); err != nil {
		return err
	}
	if len(i.Deployment) > MaxSignedIDBytes || len(i.Username) > MaxSignedIDBytes {
		return invalid(OutOfRange, "length of a deployment's id or a username", max(len(i.Deployment), len(i.Username)), "at most 128 bytes")
	}
	if err := i.User.check(); err != nil {
		return err
	}
	return nil
}

func (*InviteIssue) access(*State, *Actor) Access {
	return Access{Path: "token/invite", Capability: policy.Update}
}

func (i *InviteIssue) apply(tx *Tx, a *Actor) (Result, *Error) {
	t := SignedToken{
		Kind: SignedInvite, Accessor: i.Accessor, Deployment: i.Deployment, Entrypoint: i.Entrypoint,
		Signup: i.Signup, Username: i.Username,
	}
	// Who has no user, an operator with a token of Vault's kinds, invites in nobody's
	// name.
	if a.Token.signed != nil {
		from, err := a.user()
		if err != nil {
			return nil, err
		}
		t.From = from
	}
	if i.User.By != UserSelf || !i.Signup || t.From != "" {
		u, err := tx.st.userFor(i.User, a)
		if err != nil {
			return nil, err
		}
		t.User = u.ID
	}
	return made(tx.sign(t, i.Term))
}

// InviteExchange turns an invite whose signature was verified into a login. It is
// the proof, so nobody's rights are asked for. It is good for one exchange, unless
// the cluster is set to let it be used again.
type InviteExchange struct {
	Invite   SignedToken
	Accessor string
	NewUser  string // id for a user that is to be made
}

func (*InviteExchange) kind() Kind { return kindInviteExchange }
func (*InviteExchange) anonymous() {}

func (x *InviteExchange) fields(c *coder) {
	x.Invite.fields(c)
	c.string(&x.Accessor, AccessorBytes)
	c.string(&x.NewUser, MaxSignedIDBytes)
}

// Validate checks shape and bounds.
func (x *InviteExchange) Validate() error {
	if err := x.Invite.check(); err != nil {
		return err
	}
	if err := checkSigned(x.Accessor, 0); err != nil {
		return err
	}
	if !isWord(x.NewUser) || len(x.NewUser) > MaxSignedIDBytes {
		return invalid(OutOfRange, "id", x.NewUser, "1 to 128 letters and digits")
	}
	return nil
}

func (*InviteExchange) access(*State, *Actor) Access { return Access{} }

func (x *InviteExchange) apply(tx *Tx, _ *Actor) (Result, *Error) {
	i := &x.Invite
	if i.Kind != SignedInvite {
		return nil, invalid(NotAnInvite)
	}
	if err := tx.st.EndOfSigned(i, tx.clock()); err != nil {
		return nil, err
	}
	if err := tx.st.standingOfInvite(i); err != nil {
		return nil, err
	}
	user, err := tx.invited(x)
	if err != nil {
		return nil, err
	}
	if !tx.st.SignedConfig().ReusableInvites {
		tx.st.SignedUntil = max(tx.st.SignedUntil, i.Deadline()) // or the fence would not be written
		if _, err := tx.fenceSigned(fenceKey{FenceSignedToken, i.Accessor}, tx.clock(), i.Deadline(), x.Accessor); err != nil {
			return nil, err
		}
	}
	t := SignedToken{Kind: SignedLogin, Accessor: x.Accessor, User: user}
	if i.Entrypoint {
		t.Kind, t.Deployment = SignedEntrypoint, i.Deployment
	}
	return made(tx.sign(t, 0))
}

// standingOfInvite says why an invite that nothing has ended is good for nothing.
func (s *State) standingOfInvite(i *SignedToken) *Error {
	if _, there := s.SignedUserByID(i.From); i.From != "" && !there {
		return verdict(Unauthenticated, InviterGone)
	}
	if _, there := s.SignedUserByID(i.User); !i.Signup && !there {
		return verdict(Unauthenticated, SignedUserGone)
	}
	return nil
}

// invited is the user whom an invite logs in, made if it is one to sign up.
func (tx *Tx) invited(x *InviteExchange) (string, *Error) {
	if !x.Invite.Signup {
		u, _ := tx.st.SignedUserByID(x.Invite.User) // it is there: standingOfInvite
		return u.ID, nil
	}
	if !isUsername(x.Invite.Username) {
		return "", invalid(SignedNameBad)
	}
	if _, twice := tx.st.SignedUserByID(x.NewUser); twice {
		return "", verdict(Exists, SignedUserExists, x.NewUser)
	}
	u := &SignedUser{ID: x.NewUser, Username: x.Invite.Username, Serial: tx.serial(), CreatedAt: tx.clock()}
	if err := tx.putSignedUser(u); err != nil {
		return "", err
	}
	return u.ID, nil
}
