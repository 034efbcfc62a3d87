package fsmtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// Root is the name of the first root token.
const Root = "root"

// Start is the log time at which a Lab begins.
const Start = fsm.Instant(1_700_000_000_000_000_000)

// session is the one node session of a Lab.
const session = 77

// Lab is a machine with a clock and a log, all in the hands of a test. Tokens
// go by names, from which their digests and accessors are made.
type Lab struct {
	Machine *fsm.Machine
	At      fsm.Instant
	Log     [][]byte // entries applied so far

	batches map[fsm.Digest]*fsm.BatchToken // what the batch tokens of names say
	signed  map[string]*fsm.SignedToken    // the same of signed ones, by their accessors

	t   testing.TB
	seq uint64
}

// New returns a lab whose cluster is initialized.
func New(t testing.TB) *Lab {
	l := Blank(t)
	l.Cluster(Bootstrap())
	return l
}

// Blank returns a lab whose cluster nobody has initialized.
func Blank(t testing.TB) *Lab {
	l := &Lab{Machine: fsm.NewMachine(), At: Start, t: t,
		batches: make(map[fsm.Digest]*fsm.BatchToken), signed: make(map[string]*fsm.SignedToken)}
	l.Cluster(&fsm.SessionOpen{Session: session})
	return l
}

// Bootstrap is the command that initializes a Lab.
func Bootstrap() *fsm.Bootstrap {
	return &fsm.Bootstrap{
		Cluster: Digest("cluster"), Token: Digest(Root), Accessor: Accessor(Root),
		Salt: fsm.Sealed{KeyID: "k1", Box: []byte("sealed salt")},
		Keys: []fsm.NewKey{
			{Purpose: fsm.KeyStorage, ID: "s1", Box: fsm.Sealed{KeyID: "k1", Box: []byte("sealed key")}},
			{Purpose: fsm.KeyBatch, ID: "b1", Box: fsm.Sealed{KeyID: "k1", Box: []byte("sealed key")}},
		},
		Default: fsm.PolicySet{Name: policy.DefaultName, Raw: policy.DefaultText, Parsed: policy.Append(nil, policy.Default())},
	}
}

// Digest is the digest of the token of that name.
func Digest(name string) fsm.Digest { return sha256.Sum256([]byte(name)) }

// Accessor is the accessor of the token of that name.
func Accessor(name string) string {
	d := Digest("accessor of " + name)
	return hex.EncodeToString(d[:fsm.AccessorBytes/2])
}

func cluster(c fsm.Command) *fsm.Envelope { return &fsm.Envelope{Command: c} }

// Twin is a lab that stands where this one does, for another test. What tokens say
// that have no record is known to both.
func (l *Lab) Twin(t testing.TB) *Lab {
	t.Helper()
	twin := *l
	twin.Machine, twin.t, twin.Log = fsm.NewMachine(), t, nil
	s, err := fsm.ReadState(bytes.NewReader(l.Archive()))
	if err != nil {
		t.Fatal(err)
	}
	twin.Machine.Restore(s, l.State().Index())
	return &twin
}

// Envelope is a new request of a token, with the next request id.
func (l *Lab) Envelope(caller string, c fsm.Command) *fsm.Envelope {
	l.seq++
	e := &fsm.Envelope{Request: fsm.RequestID{Session: session, Seq: l.seq, Low: l.seq}, Command: c}
	if caller != "" {
		e.Caller = l.Caller(caller)
	}
	return e
}

// Entry applies one entry and returns its outcomes.
func (l *Lab) Entry(envelopes ...*fsm.Envelope) []fsm.Outcome {
	l.t.Helper()
	e := fsm.Entry{At: l.At, Epoch: l.State().Epoch}
	for _, env := range envelopes {
		e.Envelopes = append(e.Envelopes, env.Encode())
	}
	entry := e.Encode()
	l.Log = append(l.Log, entry)
	replies := l.Machine.Apply(uint64(len(l.Log)), entry)
	outcomes := make([]fsm.Outcome, len(replies))
	for i, reply := range replies {
		o, err := fsm.DecodeOutcome(envelopes[i].Command, reply)
		if err != nil {
			l.t.Fatalf("outcome of %s: %v", fsm.Name(envelopes[i].Command), err)
		}
		outcomes[i] = o
		l.keep(envelopes[i].Command, o.Result)
	}
	return outcomes
}

// Do has a token do something and returns the result or the verdict.
func (l *Lab) Do(caller string, c fsm.Command) (fsm.Result, *fsm.Error) {
	l.t.Helper()
	o := l.Entry(l.Envelope(caller, c))[0]
	return o.Result, o.Err
}

// Must is Do for what has to succeed.
func (l *Lab) Must(caller string, c fsm.Command) fsm.Result {
	l.t.Helper()
	r, err := l.Do(caller, c)
	if err != nil {
		l.t.Fatalf("%s by %q: %v", fsm.Name(c), caller, err)
	}
	return r
}

// Refused is Do for what has to be refused with a reason.
func (l *Lab) Refused(caller string, c fsm.Command, want fsm.Reason) *fsm.Error {
	l.t.Helper()
	_, err := l.Do(caller, c)
	switch {
	case err == nil:
		l.t.Fatalf("%s by %q succeeded, want reason %d", fsm.Name(c), caller, want)
	case err.Reason != want:
		l.t.Fatalf("%s by %q: %v (reason %d), want reason %d", fsm.Name(c), caller, err, err.Reason, want)
	}
	return err
}

// Cluster applies a command of the cluster itself.
func (l *Lab) Cluster(c fsm.Command) fsm.Result {
	l.t.Helper()
	outcomes := l.Entry(cluster(c))
	l.must(outcomes)
	return outcomes[0].Result
}

// Clean sweeps and expires, so many records at a time, until nothing is left.
// It fails the test when that does not end.
func (l *Lab) Clean(limit uint32) {
	l.t.Helper()
	rounds := 1000 + 20*l.State().CountTokens()
	for ; l.State().SweepPending() || l.State().NextExpiry() <= l.At; rounds-- {
		switch {
		case rounds == 0:
			l.t.Fatalf("sweeps and expiries of %d records do not end", limit)
		case l.State().SweepPending():
			l.Cluster(&fsm.Sweep{Limit: limit})
		default:
			l.Cluster(&fsm.Expire{Limit: limit})
		}
	}
}

// Wait moves the clock and logs it.
func (l *Lab) Wait(d time.Duration) {
	l.t.Helper()
	l.At = l.At.Add(d)
	l.Cluster(&fsm.Tick{})
}

// State is the machine's current state.
func (l *Lab) State() *fsm.State { return l.Machine.View() }

// Create makes a token of a name as the child of another.
func (l *Lab) Create(parent, name string, changes ...func(*fsm.TokenCreate)) *fsm.TokenCreated {
	l.t.Helper()
	return l.Must(parent, Create(name, changes...)).(*fsm.TokenCreated)
}

// Create is the command that makes a token of a name.
func Create(name string, changes ...func(*fsm.TokenCreate)) *fsm.TokenCreate {
	c := &fsm.TokenCreate{Token: Digest(name), Accessor: Accessor(name)}
	for _, change := range changes {
		change(c)
	}
	return c
}

// Policies is a change to a TokenCreate.
func Policies(names ...string) func(*fsm.TokenCreate) {
	return func(c *fsm.TokenCreate) { c.Policies = names }
}

// TTL is a change to a TokenCreate.
func TTL(d time.Duration) func(*fsm.TokenCreate) {
	return func(c *fsm.TokenCreate) { c.TTL = d }
}

// Uses is a change to a TokenCreate.
func Uses(n uint32) func(*fsm.TokenCreate) {
	return func(c *fsm.TokenCreate) { c.NumUses = n }
}

// ByRole is a change to a TokenCreate.
func ByRole(role string) func(*fsm.TokenCreate) {
	return func(c *fsm.TokenCreate) { c.Endpoint, c.Role = fsm.CreateByRole, role }
}

// Revoke ends the token of a name.
func Revoke(name string) *fsm.TokenRevoke {
	return &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: Digest(name)}}
}

// Renew renews the token of a name.
func Renew(name string, increment time.Duration) *fsm.TokenRenew {
	return &fsm.TokenRenew{Target: fsm.Target{By: fsm.ByToken, Token: Digest(name)}, Increment: increment}
}

// LookupSelf is a counted token's look at itself.
func LookupSelf() *fsm.TokenUse {
	return &fsm.TokenUse{Path: "auth/token/lookup-self", Capability: policy.Read}
}

// Token is the record of the token of a name, which has to be alive.
func (l *Lab) Token(name string) *fsm.Token {
	l.t.Helper()
	t, ok := l.Live(name)
	if !ok {
		l.t.Fatalf("token %q is not alive", name)
	}
	return t
}

// Alive says whether the token of a name is.
func (l *Lab) Alive(name string) bool {
	_, ok := l.Live(name)
	return ok
}

// Policy is the command that stores a policy of rules.
func Policy(name string, rules ...policy.Rule) *fsm.PolicySet {
	p, err := policy.New(rules...)
	if err != nil {
		panic(err)
	}
	return &fsm.PolicySet{Name: name, Raw: "# " + name, Parsed: policy.Append(nil, p)}
}

// Allow is a rule; a path that ends in * is a prefix.
func Allow(path string, what policy.Capability) policy.Rule {
	p, prefix, err := policy.SplitPath(path)
	if err != nil {
		panic(err)
	}
	return policy.Rule{Path: p, Prefix: prefix, Capabilities: what}
}

func (l *Lab) must(outcomes []fsm.Outcome) {
	l.t.Helper()
	for i, o := range outcomes {
		if o.Err != nil {
			l.t.Fatalf("command %d: %v", i, o.Err)
		}
	}
}
