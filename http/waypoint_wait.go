package http

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
	"github.com/jeton-io/jeton/http/waypoint/api"
)

// adoptionWait is how long one request waits for a runner to be adopted. Who waits
// longer asks again, at any node, with the ticket that it was given.
const adoptionWait = 10 * time.Second

// goodbyeTimeout is for saying that a runner has gone whose request is over.
const goodbyeTimeout = 5 * time.Second

var (
	errCookieMissing = rebuff(http.StatusForbidden, "the server cookie is missing")
	errNotWaiting    = rebuff(http.StatusForbidden, "the runner shows a token: only with one is it said to have gone")
)

// awaitAdoption registers a runner and waits until an operator has decided on it. A
// valid token of a login, or of this runner with these labels, needs no adoption: the
// answer's empty text says to keep it.
func awaitAdoption(c *call) (answer, error) {
	var req api.RunnerTokenRequest
	if err := c.message(&req); err != nil {
		return answer{}, err
	}
	ticket := c.body.text("ticket")
	if c.body.err != nil {
		return answer{}, c.body.err
	}
	r := toRunner(c.variable("id"), req.Runner)
	a, err := c.optionalCaller()
	switch {
	case err != nil:
		return answer{}, err
	case a != nil && needsNoAdoption(a, &r):
		return said(&api.RunnerTokenResponse{})
	case !c.cookie:
		return answer{}, errCookieMissing
	}
	return c.adoption(&r, ticket)
}

func needsNoAdoption(a *fsm.Actor, r *fsm.Runner) bool {
	t := a.Token.Signed()
	switch {
	case t == nil:
		return false
	case t.Kind == fsm.SignedRunner:
		return t.Fits(r) == nil
	}
	return t.Kind == fsm.SignedLogin
}

func (c *call) adoption(r *fsm.Runner, ticket string) (answer, error) {
	reply, err := c.anonymously(&fsm.RunnerRegister{Runner: *r})
	if err != nil {
		return answer{}, err
	}
	standing := reply.Result.(*fsm.RunnerStanding)
	since, again, err := c.ticketSerial(ticket, r.ID)
	switch {
	case err != nil:
		return answer{}, err
	case !again:
		since = standing.Serial
	}
	if standing.State == fsm.RunnerPending || standing.State == fsm.RunnerPreadopted {
		decided, err := c.awaitDecision(r, since)
		if err != nil {
			return answer{}, err
		}
		if !decided {
			return c.askAgain(r.ID, since)
		}
	}
	reply, err = c.anonymously(&fsm.RunnerClaim{ID: r.ID, LabelHash: r.LabelHash, Since: since, Accessor: newSignedAccessor()})
	if err != nil {
		return answer{}, err
	}
	text, err := c.signedText(&reply.Result.(*fsm.SignedMade).Token)
	if err != nil {
		return answer{}, err
	}
	return said(&api.RunnerTokenResponse{Token: text})
}

// awaitDecision waits until the runner's standing was decided on. It holds no place
// among the requests under way meanwhile, for it may be long and there may be many.
// When the client goes away, so does the runner.
func (c *call) awaitDecision(r *fsm.Runner, since uint64) (bool, error) {
	c.leave()
	ctx, cancel := c.s.whileServing(c.ctx, min(adoptionWait, c.s.limits.RequestTimeout/2)) // then at another node
	defer cancel()
	decided := false
	err := c.s.cluster.Await(ctx, func(st *fsm.State) bool {
		now, there := st.Runner(r.ID)
		decided = there && now.Decided > since
		return decided || !there && st.Serial >= since // gone, with another that waited
	})
	if c.req.Context().Err() != nil {
		c.sayGoodbye(r.ID)
		return false, c.req.Context().Err()
	}
	if entered := c.enter(); entered != nil {
		return false, entered
	}
	switch {
	case err == nil:
		return decided, nil
	case errors.Is(err, cluster.ErrTimeout):
		return false, nil
	}
	return false, err
}

// sayGoodbye is for who waits. One who works by a token besides says so itself.
func (c *call) sayGoodbye(id string) {
	if r, ok := c.s.cluster.Local().Runner(id); ok && r.State == fsm.RunnerPreadopted {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), goodbyeTimeout)
	defer cancel()
	// If this fails the runner is forgotten when it was not heard of for long.
	if _, err := c.s.cluster.Propose(ctx, cluster.Proposal{Command: &fsm.RunnerOffline{ID: id}}); err != nil {
		c.s.log.Info("runner not said to be gone", "runner", id, "error", err)
	}
}

// askAgain is the answer to who has to wait longer.
func (c *call) askAgain(id string, since uint64) (answer, error) {
	ticket, err := c.ticket(id, since)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusAccepted, bare: protoAnswer{new(api.RunnerTokenResponse), object{"ticket": ticket}}}, nil
}

// ticket proves that a runner waits since a serial: an adoption after it is one of
// this runner, which then gets a token. Only a node can make it.
func (c *call) ticket(id string, since uint64) (string, error) {
	number := strconv.FormatUint(since, 10)
	d, err := c.s.cluster.Digest("runner ticket " + number + " " + id)
	if err != nil {
		return "", err
	}
	return number + "." + hex.EncodeToString(d[:waypoint.AccessorBytes]), nil
}

// ticketSerial is what a ticket proves; a bad one proves nothing.
func (c *call) ticketSerial(text, id string) (uint64, bool, error) {
	number, _, _ := strings.Cut(text, ".")
	since, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0, false, nil
	}
	want, err := c.ticket(id, since)
	if err != nil {
		return 0, false, err
	}
	return since, sameText(want, text), nil
}
