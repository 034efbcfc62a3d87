package fsmtest

import (
	"net/netip"

	"github.com/jeton-io/jeton/fsm"
)

// Batch is a change to a TokenCreate.
func Batch(c *fsm.TokenCreate) { c.Type = fsm.TypeBatch }

// Caller is the token of a name as a node that was shown it passes it on.
func (l *Lab) Caller(name string) fsm.Caller {
	return fsm.Caller{
		Token: Digest(name), Batch: l.batches[Digest(name)], Signed: l.Signed(name), Addr: netip.MustParseAddr("10.0.0.1"),
	}
}

// BatchToken is what the batch token of a name says, nil if it is none.
func (l *Lab) BatchToken(name string) *fsm.BatchToken { return l.batches[Digest(name)] }

// keep remembers a batch token by the digest of the secret that was drawn for it
// in vain, and a signed one by its accessor: the tests' names stand for their texts.
func (l *Lab) keep(c fsm.Command, r fsm.Result) {
	if made, ok := r.(*fsm.SignedMade); ok {
		l.signed[made.Token.Accessor] = &made.Token
		return
	}
	made, ok := r.(*fsm.TokenCreated)
	if !ok || made.Batch == nil {
		return
	}
	switch c := c.(type) {
	case *fsm.TokenCreate:
		l.batches[c.Token] = made.Batch
	case *fsm.UserLogin:
		l.batches[c.Token] = made.Batch
	}
}

// Live is the token of a name, with a record or without.
func (l *Lab) Live(name string) (*fsm.Token, bool) {
	d := Digest(name)
	if b := l.batches[d]; b != nil {
		return l.State().LiveBatch(b, d, l.At)
	}
	if t := l.Signed(name); t != nil {
		k, err := l.State().LiveSigned(t, d, l.At)
		return k, err == nil
	}
	return l.State().Live(d, l.At)
}
