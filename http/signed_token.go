package http

import (
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
)

// minSignedBytes is less than any Waypoint token has, so that most chosen ids are not
// taken for one without looking closely.
const minSignedBytes = 40

// signed is a Waypoint token whose signature this node has verified.
type signed struct {
	said      *fsm.SignedToken
	digest    fsm.Digest // of the body, which has one spelling where the text has many
	token     *waypoint.Token
	transport *waypoint.Transport
}

// openSigned is what the text of a Waypoint token says; nil, nil: it is none. Whether
// it still counts is not asked, not even whether it has expired: that is decided by
// the log's clock. The other errors are a *waypoint.Refusal or one of availability. A
// key that this node has not heard of costs a read round.
func (c *call) openSigned(text string) (*signed, error) {
	if len(text) < minSignedBytes || len(text) > waypoint.MaxTextBytes {
		return nil, nil
	}
	name := nameOfText(text)
	seen, under := c.s.verified.find(name)
	var tr *waypoint.Transport
	if seen == nil {
		var err error
		tr, err = waypoint.Parse(text)
		var no *waypoint.Refusal
		switch {
		case errors.As(err, &no) && no.Reason.Foreign():
			return nil, nil
		case err != nil:
			return nil, err
		}
	}
	if !c.inside {
		if err := c.enter(); err != nil {
			return nil, err
		}
		defer c.leave()
	}
	salt := c.s.cluster.Salt()
	if seen != nil {
		if k, err := c.signingKey(seen.said.KeyID); err == nil && under == (verifiedWith{k, salt}) {
			return seen, nil
		}
		tr = seen.transport
	}
	s, key, err := c.verifySigned(tr)
	if err == nil && c.s.cluster.Salt() == salt {
		c.s.verified.keep(name, s, verifiedWith{key, salt})
	}
	return s, err
}

// verifySigned wants a key of ours to have signed a token, and says which one did.
func (c *call) verifySigned(tr *waypoint.Transport) (*signed, *keyring.Key, error) {
	var key *keyring.Key
	t, err := tr.Open(func(id string) ([]byte, error) {
		k, err := c.signingKey(id)
		if errors.Is(err, keyring.ErrUnknownKey) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		key = k
		return k.Raw(), nil
	})
	if err != nil {
		return nil, nil, err
	}
	if err := t.Settle(always); err != nil {
		return nil, nil, err
	}
	d, err := c.s.cluster.Digest("signed body " + string(tr.Body))
	if err != nil {
		return nil, nil, err
	}
	return &signed{toSigned(t, tr, d), d, t, tr}, key, nil
}

// always is before the end of any token that has not always been expired.
var always = time.Unix(0, 0)

// signingKey finds the key of an id, be it retired.
func (c *call) signingKey(id string) (*keyring.Key, error) {
	return c.s.cluster.Key(c.ctx, fsm.KeyWaypoint, id)
}

// toSigned is a token as the machine looks at it.
func toSigned(t *waypoint.Token, tr *waypoint.Transport, d fsm.Digest) *fsm.SignedToken {
	s := &fsm.SignedToken{
		KeyID: waypoint.FoldKeyID(tr.KeyID), Accessor: signedAccessor(t.Accessor, d),
		Issued: 0, ValidUntil: fsm.Never,
	}
	if t.Issued != nil {
		s.Issued = toInstant(t.Issued)
	}
	if t.ValidUntil != nil {
		s.ValidUntil = toInstant(t.ValidUntil)
	}
	switch g := t.Grant.(type) {
	case *waypoint.Login:
		s.Kind, s.User = fsm.SignedLogin, g.UserID
		if g.Entrypoint != nil {
			s.Kind, s.Deployment = fsm.SignedEntrypoint, g.Entrypoint.DeploymentID
		}
	case *waypoint.Invite:
		s.Kind, s.From = fsm.SignedInvite, g.FromUserID
		if g.Login != nil {
			s.User = g.Login.UserID
			if g.Login.Entrypoint != nil {
				s.Entrypoint, s.Deployment = true, g.Login.Entrypoint.DeploymentID
			}
		}
		if g.Signup != nil {
			s.Signup, s.Username = true, g.Signup.Username
		}
	case *waypoint.Trigger:
		s.Kind, s.From = fsm.SignedTrigger, g.FromUserID
	case *waypoint.Runner:
		s.Kind, s.Runner, s.LabelHash = fsm.SignedRunner, g.ID, g.LabelHash
	}
	return s
}

// toInstant brings a token's time into the span that the log's clock has.
func toInstant(ts *waypoint.Timestamp) fsm.Instant {
	t, ok := ts.Time()
	switch {
	case !ok && ts.Seconds > 0, t.Unix() > math.MaxInt64/int64(time.Second)-1:
		return fsm.Never - 1
	case !ok, t.Unix() < 0:
		return 0
	}
	return fsm.Instant(t.UnixNano())
}

// signedAccessor shows the accessor of a Waypoint token in the form of all others: "wp"
// and the 16 bytes in base 62. A token that has none of that length is known by the
// digest of its body.
func signedAccessor(accessor []byte, d fsm.Digest) string {
	if len(accessor) != waypoint.AccessorBytes {
		accessor = d[:waypoint.AccessorBytes]
	}
	return string(append62([]byte(signedAccessorPrefix), accessor))
}

const signedAccessorPrefix = "wp"

// newSignedAccessor draws the accessor of a token that is to be signed.
func newSignedAccessor() string {
	var b [waypoint.AccessorBytes]byte
	rand.Read(b[:]) // never fails: the process ends instead
	return signedAccessor(b[:], fsm.Digest{})
}

// signedText signs what the machine has decided. A retry of its request makes the same
// text, on any node.
func (c *call) signedText(s *fsm.SignedToken) (string, error) {
	t := &waypoint.Token{Issued: fromInstant(s.Issued), Grant: grantOf(s)}
	accessor, ok := parse62(s.Accessor[len(signedAccessorPrefix):])
	if !ok {
		return "", errors.New("accessor of a signed token does not decode")
	}
	t.Accessor = accessor
	if s.ValidUntil != fsm.Never {
		t.ValidUntil = fromInstant(s.ValidUntil)
	}
	k, err := c.s.cluster.Key(c.ctx, fsm.KeyWaypoint, s.KeyID)
	if err != nil {
		// What the machine did besides, such as spending an invite, is done.
		return "", errors.Join(cluster.ErrUnknownOutcome, err)
	}
	text, err := waypoint.Mint(t, s.KeyID, k.Raw())
	var no *waypoint.Refusal
	if errors.As(err, &no) {
		return "", invalid("the token can not be written: %v", no)
	}
	return text, err
}

func fromInstant(i fsm.Instant) *waypoint.Timestamp { return waypoint.At(i.Time()) }

// grantOf is what a token is for, as Waypoint spells it.
func grantOf(s *fsm.SignedToken) waypoint.Grant {
	switch s.Kind {
	case fsm.SignedTrigger:
		return &waypoint.Trigger{FromUserID: s.From}
	case fsm.SignedRunner:
		return &waypoint.Runner{ID: s.Runner, LabelHash: s.LabelHash}
	}
	login := &waypoint.Login{UserID: s.User}
	if s.Kind == fsm.SignedEntrypoint || s.Entrypoint {
		login.Entrypoint = &waypoint.Entrypoint{DeploymentID: s.Deployment}
	}
	if s.Kind != fsm.SignedInvite {
		return login
	}
	invite := &waypoint.Invite{FromUserID: s.From}
	if s.User != "" || s.Entrypoint {
		invite.Login = login
	}
	if s.Signup {
		invite.Signup = &waypoint.Signup{Username: s.Username}
	}
	return invite
}

// errBadSigned is the answer to who shows a token that no key of ours has signed, or
// that can not be read. The refusal holds nothing of the text.
func errBadSigned(no *waypoint.Refusal) error {
	return rebuff(http.StatusUnauthorized, "%v", no)
}
