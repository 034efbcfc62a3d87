package http

import (
	"errors"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
)

// sealBatch makes the text of a batch token that the machine has decided on. A
// retry of its request makes the same text, on any node.
func (c *call) sealBatch(b *fsm.BatchToken) (string, error) {
	k, err := c.s.cluster.Key(c.ctx, fsm.KeyBatch, b.KeyID)
	if err != nil {
		// Nothing is lost: the token exists in this text alone.
		return "", errors.Join(cluster.ErrUnknownOutcome, err)
	}
	return batchText(k, c.s.cluster.Local().Cluster, b)
}

// openBatch is what the batch token of a text says, or errNoBatchToken. Whether it
// still counts is not asked. A key that this node has not heard of costs a read
// round, so the request takes its place among those under way for that long.
func (c *call) openBatch(text string) (*fsm.BatchToken, error) {
	blob, ok := parseBatch(text)
	if !ok {
		return nil, errNoBatchToken
	}
	if !c.inside {
		if err := c.enter(); err != nil {
			return nil, err
		}
		defer c.leave()
	}
	k, err := c.s.cluster.Key(c.ctx, fsm.KeyBatch, blob.keyID)
	if errors.Is(err, keyring.ErrUnknownKey) {
		return nil, errNoBatchToken
	}
	if err != nil {
		return nil, err
	}
	return blob.open(k, c.s.cluster.Local().Cluster)
}

// liveNamed finds the live token that a request names by its text. A batch token
// has no record, so one that nobody wrote about for long is asked after at a time
// that is in the log.
func (c *call) liveNamed(view cluster.View, text string, d fsm.Digest) (*fsm.Token, bool, error) {
	switch kind, _ := parseToken(text); kind {
	case kindBatch:
	case kindForeign:
		return c.liveForeign(view, text, d)
	default:
		t, ok := view.State.Live(d, view.State.Clock)
		return t, ok, nil
	}
	b, err := c.openBatch(text)
	if errors.Is(err, errNoBatchToken) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if view, err = c.s.cluster.ViewPast(c.ctx, view, b.Deadline()); err != nil {
		return nil, false, err
	}
	t, ok := view.State.LiveBatch(b, d, view.State.Clock)
	return t, ok, nil
}

// liveForeign is liveNamed for a text that is none of ours: a chosen id, or a token of
// Waypoint's.
func (c *call) liveForeign(view cluster.View, text string, d fsm.Digest) (*fsm.Token, bool, error) {
	s, err := c.openSigned(text)
	var no *waypoint.Refusal
	switch {
	case errors.As(err, &no):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case s == nil:
		t, ok := view.State.Live(d, view.State.Clock)
		return t, ok, nil
	}
	if view, err = c.s.cluster.ViewPast(c.ctx, view, s.said.Deadline()); err != nil {
		return nil, false, err
	}
	t, dead := view.State.LiveSigned(s.said, s.digest, view.State.Clock)
	return t, dead == nil, nil
}

// notForSigned refuses what is not done to a Waypoint token whose text the request
// names. Left to the machine, which knows no token by that digest, a revocation would
// look as if it had ended one.
func (c *call) notForSigned(text string) error {
	s, err := c.openSigned(text)
	var no *waypoint.Refusal
	switch {
	case errors.As(err, &no), err == nil && s == nil:
		return nil
	case err != nil:
		return err
	}
	return invalid("a Waypoint token is not renewed, and is ended by jeton/signed/revoke or, by who holds it, auth/token/revoke-self")
}

// notForBatch refuses, in Vault's words, what is not done to a batch token whose
// text the request names. One that is none, or is dead, is left to the machine,
// which knows no token by that digest.
func (c *call) notForBatch(text string, why fsm.Reason) error {
	switch kind, _ := parseToken(text); kind {
	case kindBatch:
	case kindForeign:
		return c.notForSigned(text)
	default:
		return nil
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return err
	}
	d, err := c.s.cluster.Digest(text)
	if err != nil {
		return err
	}
	_, ok, err := c.liveNamed(view, text, d)
	if err != nil || !ok {
		return err
	}
	if err := c.judge(); err != nil {
		return err
	}
	return &fsm.Error{Code: fsm.Invalid, Reason: why}
}
