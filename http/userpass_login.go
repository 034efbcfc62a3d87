package http

import (
	"bytes"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// errBadLogin does not say which of the two was wrong.
var (
	errBadLogin = rebuff(http.StatusBadRequest, "invalid username or password")
	errGuessing = rebuff(http.StatusTooManyRequests, "too many failed logins from this address")
)

// failurePause is how long a failed login takes after its password was looked
// at. Counting the failure of a user who exists takes a log entry, which is
// hidden in there, so that the time does not tell who exists.
const failurePause = 100 * time.Millisecond

// loginUser makes a token of a user's password.
func loginUser(c *call) (answer, error) {
	password := c.body.text("password")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if c.clientKey != "" {
		c.warn("The header Idempotency-Key has no effect on a login: each makes a token of its own.")
	}
	switch {
	case password == "":
		return answer{}, rebuff(http.StatusBadRequest, "missing password")
	case c.s.guesses.spent(c.caller.Addr, time.Now()):
		return answer{}, errGuessing
	}
	reply, err := c.login(password)
	if err != nil {
		return answer{}, err
	}
	c.index = reply.Index
	return c.handOver(reply.Result.(*fsm.TokenCreated))
}

// login verifies the password on this node, against a linearizable view, and has
// the machine compare the version of the record that was verified. When it moved
// meanwhile the password is verified again, unless only other things changed.
func (c *call) login(password string) (cluster.Reply, error) {
	name := fsm.UserName(c.place.name)
	var verified []byte
	for try := 0; ; try++ {
		u, err := c.candidate(name)
		if err != nil {
			return cluster.Reply{}, err
		}
		if u == nil || !bytes.Equal(u.Hash, verified) {
			if err := c.verify(u, password); err != nil {
				return cluster.Reply{}, err
			}
			verified = u.Hash
		}
		reply, err := c.sendLogin(u)
		if !isRecheck(err) || try == maxRechecks {
			return reply, err
		}
	}
}

// candidate is the user as a linearizable view has it; nil: there is none.
func (c *call) candidate(name string) (*fsm.User, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, err
	}
	m, err := c.mountIn(view.State)
	if err != nil {
		return nil, err
	}
	u, ok := view.State.User(m, name)
	switch {
	case !ok:
		return nil, nil
	case view.State.LockedOut(m, u, view.At):
		return nil, errDenied
	}
	return u, nil
}

// verify compares the password with the user's, or for nobody with one that
// nobody has, at the same cost.
func (c *call) verify(u *fsm.User, password string) error {
	hash := nobodysHash
	if u != nil {
		hash = u.Hash
	}
	same, err := c.comparePassword(hash, password)
	switch {
	case err != nil:
		return err
	case same && u != nil:
		return nil
	}
	c.s.guesses.allow(c.caller.Addr, time.Now())
	pause := time.NewTimer(failurePause)
	defer pause.Stop()
	if u != nil {
		// The verdict, if there is one, is about a user who changed meanwhile.
		_, err := c.s.cluster.Propose(c.ctx, cluster.Proposal{
			Command: &fsm.LoginFail{Mount: c.place.mount, Name: u.Name, Version: u.Version},
		})
		if err != nil && !isVerdict(err) {
			return err
		}
	}
	select {
	case <-pause.C:
	case <-c.ctx.Done():
	}
	return errBadLogin
}

// sendLogin proposes the token.
func (c *call) sendLogin(u *fsm.User) (cluster.Reply, error) {
	c.created = newServiceToken()
	d, err := c.s.cluster.Digest(c.created)
	if err != nil {
		return cluster.Reply{}, err
	}
	return c.s.cluster.Propose(c.ctx, cluster.Proposal{Command: &fsm.UserLogin{
		Mount: c.place.mount, Name: u.Name, Version: u.Version,
		From: c.caller.Addr, Token: d, Accessor: newAccessor(),
	}})
}
