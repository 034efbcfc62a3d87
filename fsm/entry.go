package fsm

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// entryVersion is the first byte of every log entry.
const entryVersion = 1

// Entry is what the log carries: a stamp, which is the leader's time, and a
// batch of encoded envelopes.
//
//	version   1 byte, 1
//	epoch     varint, the state's epoch the batch was made for
//	at        zigzag varint, nanoseconds since the Unix epoch, not negative and
//	          below Never, at which even what never expires would
//	count     varint, 1..MaxEntryCommands
//	envelopes count times: length varint, bytes
type Entry struct {
	Epoch     uint64
	At        Instant
	Envelopes [][]byte
}

// Encode returns the canonical bytes of e.
func (e *Entry) Encode() []byte { return encode(e) }

// DecodeEntry is the strict inverse of Encode. The envelopes alias b.
func DecodeEntry(b []byte) (*Entry, error) {
	e := new(Entry)
	if len(b) > MaxEntryBytes {
		return nil, fmt.Errorf("entry of %d bytes, limit %d", len(b), MaxEntryBytes)
	}
	if err := decode(b, e); err != nil {
		return nil, fmt.Errorf("decode entry: %w", err)
	}
	return e, nil
}

func (e *Entry) fields(c *coder) {
	v := uint8(entryVersion)
	c.u8(&v)
	if v != entryVersion {
		c.fail(fmt.Errorf("entry version %d, known %d", v, entryVersion))
	}
	c.u64(&e.Epoch)
	c.instant(&e.At)
	if e.At < 0 || e.At >= Never {
		c.fail(fmt.Errorf("stamp %d outside 0..%d", e.At, Never-1))
	}
	list(c, &e.Envelopes, MaxEntryCommands, func(c *coder, b *[]byte) {
		*b = c.span(*b, MaxCommandBytes)
	})
	if len(e.Envelopes) == 0 {
		c.fail(errors.New("entry without commands"))
	}
}

// Envelope is one command with who asks and under which request id.
type Envelope struct {
	Request RequestID
	Key     *IdempotencyKey
	Caller  Caller
	Command Command
}

// Caller is who a command or a read is judged for.
type Caller struct {
	Token Digest // zero: nobody; only commands of the cluster itself pass
	// Batch is what the token says when it is a batch token, whose seal the
	// receiving node has verified; Token is then the digest of its text.
	Batch *BatchToken
	// Signed is the same of a Waypoint token; Token is then the digest of its body,
	// which is signed, while its text has other spellings.
	Signed *SignedToken
	Addr   netip.Addr // where the request came from, for bound CIDRs

	// WrapTTL is the response wrapping the client asked for, 0 for none.
	// Policies bound it.
	WrapTTL time.Duration

	// ParamsAt is the state's policy version under which the receiving node
	// checked the request's parameters against the caller's policies; 0 when it
	// did not. Parameters hold secrets, so they stay on the node; the machine
	// only compares the version (Recheck when it moved).
	ParamsAt uint64
}

// How a caller is spelled.
const (
	callerNobody = 0
	callerDigest = 1
	callerBatch  = 2
	callerSigned = 3
)

func (c *Caller) fields(x *coder) {
	c.who(x)
	x.addr(&c.Addr)
	x.duration(&c.WrapTTL)
	x.u64(&c.ParamsAt)
}

func (c *Caller) who(x *coder) {
	who := uint8(callerNobody)
	switch {
	case c.Batch != nil:
		who = callerBatch
	case c.Signed != nil:
		who = callerSigned
	case !c.Token.IsZero():
		who = callerDigest
	}
	x.u8(&who)
	if who == callerNobody {
		return
	}
	if x.digest(&c.Token); c.Token.IsZero() || who > callerSigned {
		x.fail(errNotCanonical)
	}
	if who == callerBatch {
		if x.decoding {
			c.Batch = new(BatchToken)
		}
		c.Batch.fields(x)
	}
	if who == callerSigned {
		if x.decoding {
			c.Signed = new(SignedToken)
		}
		c.Signed.fields(x)
	}
}

// End is when the caller's token is expired, for one that has no record and so can
// be judged only by a time that is in the log; Never for any other.
func (c *Caller) End() Instant {
	switch {
	case c.Batch != nil:
		return c.Batch.Deadline()
	case c.Signed != nil:
		return c.Signed.Deadline()
	}
	return Never
}

// Encode returns the canonical bytes of e. The command must be valid.
func (e *Envelope) Encode() []byte { return encode(e) }

// DecodeEnvelope is the strict inverse of Encode.
func DecodeEnvelope(b []byte) (*Envelope, error) {
	e := new(Envelope)
	if err := decode(b, e); err != nil {
		return nil, fmt.Errorf("decode command: %w", err)
	}
	return e, nil
}

func (e *Envelope) fields(c *coder) {
	var k Kind
	if !c.decoding {
		k = e.Command.kind()
	}
	c.u8((*uint8)(&k))
	if c.decoding {
		s, ok := specs[k]
		if !ok {
			c.fail(fmt.Errorf("%w: %d", ErrUnknownKind, k))
			return
		}
		e.Command = s.command()
	}
	e.Request.fields(c)
	keyed := e.Key != nil
	c.bool(&keyed)
	if keyed {
		if c.decoding {
			e.Key = new(IdempotencyKey)
		}
		e.Key.fields(c)
	}
	e.Caller.fields(c)
	e.Command.fields(c)
}
