package fsm

import "fmt"

// Result is what a command answers when it is done. Each command has its own.
type Result interface{ coded }

// Outcome is what became of a command: a result or a verdict, and for a request
// that a client key recognised, the sealed secret the first one left.
type Outcome struct {
	Result Result
	Err    *Error
	Sealed []byte // only when Replayed
	// Replayed says that a client's idempotency key was recognised.
	Replayed bool
}

const (
	outcomeResult  = 0
	outcomeVerdict = 1
	outcomeReplay  = 2 // sealed secret, then one of the others
)

func encodeResult(r Result) []byte  { return appendCoded([]byte{outcomeResult}, r) }
func encodeVerdict(e *Error) []byte { return appendCoded([]byte{outcomeVerdict}, e) }

func encodeReplay(sealed, outcome []byte) []byte {
	c := coder{buf: []byte{outcomeReplay}}
	c.bytes(&sealed, MaxSealedSecretBytes)
	return append(c.buf, outcome...)
}

// DecodeOutcome reads the outcome of cmd from b.
func DecodeOutcome(cmd Command, b []byte) (Outcome, error) {
	var o Outcome
	c := coder{buf: b, decoding: true}
	var how uint8
	c.u8(&how)
	if how == outcomeReplay {
		o.Replayed = true
		c.bytes(&o.Sealed, MaxSealedSecretBytes)
		c.u8(&how)
	}
	switch how {
	case outcomeResult:
		o.Result = specs[cmd.kind()].result()
		o.Result.fields(&c)
	case outcomeVerdict:
		o.Err = new(Error)
		o.Err.fields(&c)
	default:
		c.fail(fmt.Errorf("outcome starts with %d", how))
	}
	if err := c.end(); err != nil {
		return Outcome{}, fmt.Errorf("decode outcome of %s: %w", Name(cmd), err)
	}
	return o, nil
}

// Done is the result of a command that has nothing to tell.
type Done struct{}

func (*Done) fields(*coder) {}
