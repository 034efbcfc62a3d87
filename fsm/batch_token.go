package fsm

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// BatchToken is what a batch token says. There is no record of it: the node that
// made it sealed these contents into its text, the node that is shown the text
// opens it, and the contents go with each command of the caller into the log. So
// nothing in here may let anyone make the text again without the sealing key.
//
// The seal proves that the contents were decided here once. Whether they still
// count is for the machine, which knows all that can change (State.LiveBatch).
type BatchToken struct {
	KeyID       string // of the key that seals it, in the keyring for batch tokens
	Serial      uint64 // order of creation, among all tokens
	Accessor    string // names it where it must not be shown; finds nothing by itself
	Parent      Digest // zero: an orphan
	Path        string // source path
	Role        string
	DisplayName string
	Policies    []string // sorted; never root
	Meta        []MetaPair
	CIDRs       []netip.Prefix
	CreatedAt   Instant
	TTL         time.Duration
}

// batchVersion is the first byte of the contents. The key id is not among them: a
// text has it in the clear, or nobody could open it.
const batchVersion = 1

var (
	errBatchRoot   = errors.New("batch token holds the root policy")
	errBatchShape  = errors.New("batch token without a key, an accessor or a term")
	errBatchLength = fmt.Errorf("batch token of more than %d bytes", MaxBatchBytes)
)

// fields is how a caller has it in the log.
func (b *BatchToken) fields(c *coder) {
	c.string(&b.KeyID, maxKeyIDBytes)
	c.nested(MaxBatchBytes, errBatchLength, b.contents)
	if c.decoding && c.err == nil {
		if err := b.check(); err != nil {
			c.fail(err)
		}
	}
}

func (b *BatchToken) contents(c *coder) {
	v := uint8(batchVersion)
	c.u8(&v)
	if v != batchVersion {
		c.fail(fmt.Errorf("batch token version %d, known %d", v, batchVersion))
	}
	c.u64(&b.Serial)
	c.string(&b.Accessor, AccessorBytes)
	c.optionalDigest(&b.Parent)
	c.string(&b.Path, MaxPathBytes)
	c.string(&b.Role, MaxNameBytes)
	c.string(&b.DisplayName, MaxNameBytes)
	c.strings(&b.Policies, MaxPolicies+1, MaxNameBytes)
	metaFields(c, &b.Meta)
	list(c, &b.CIDRs, MaxBoundCIDRs, func(c *coder, p *netip.Prefix) { c.prefix(p) })
	c.instant(&b.CreatedAt)
	c.duration(&b.TTL)
}

// check is what has to hold of contents wherever they come from.
func (b *BatchToken) check() error {
	switch {
	case b.KeyID == "", len(b.Accessor) != AccessorBytes,
		b.CreatedAt < 0, b.TTL < time.Second, b.TTL > MaxTTL, b.Deadline() == Never:
		return errBatchShape
	case hasName(b.Policies, rootPolicy):
		return errBatchRoot
	}
	return nil
}

// Contents are the bytes that get sealed.
func (b *BatchToken) Contents() []byte {
	var c coder
	b.contents(&c)
	if c.err != nil {
		panic("fsm: encode batch token: " + c.err.Error())
	}
	return c.buf
}

// DecodeBatchToken is the strict inverse of Contents, for a token that was sealed
// with the key of that id.
func DecodeBatchToken(keyID string, contents []byte) (*BatchToken, error) {
	b := &BatchToken{KeyID: keyID}
	if len(contents) > MaxBatchBytes {
		return nil, errBatchLength
	}
	c := coder{buf: contents, decoding: true}
	b.contents(&c)
	if err := c.end(); err != nil {
		return nil, fmt.Errorf("decode batch token: %w", err)
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, nil
}

// Deadline is when the token expires.
func (b *BatchToken) Deadline() Instant { return b.CreatedAt.Add(b.TTL) }

// token is the batch token as a caller: what rules are asked of a Token are asked
// of it. No table ever holds it.
func (b *BatchToken) token(d Digest) *Token {
	return &Token{
		batch: b,
		tokenBody: &tokenBody{
			Digest: d, accessor: accessorKey([]byte(b.Accessor)), Serial: b.Serial, Parent: b.Parent,
			CreatedAt: b.CreatedAt, Deadline: b.Deadline(),
		},
		Terms: &Terms{
			Path: b.Path, Role: b.Role, DisplayName: b.DisplayName, Policies: b.Policies, Meta: b.Meta, CIDRs: b.CIDRs,
			TTL: b.TTL,
		},
	}
}
