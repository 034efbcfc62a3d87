package httptestcluster

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// Cluster implements http.Cluster.
type Cluster struct {
	machine *fsm.Machine
	keyring *keyring.Ring
	hasher  atomic.Pointer[hasher]
	sealKey string // its id

	mu      sync.Mutex // entries are applied one after the other
	index   uint64
	session uint64
	seq     uint64
	skew    time.Duration
	fail    error
	after   int           // so many proposals are taken before fail counts
	changed chan struct{} // closed with the next entry; nil: nobody waits
	removed []string
	healths []cluster.Health
	stepped int
}

// Root is the text of the root token of New.
const Root = "root"

// New returns an initialized cluster whose root token is Root.
func New() *Cluster {
	c := Uninitialized()
	c.mustInitialize()
	return c
}

func (c *Cluster) mustInitialize() {
	if err := c.Initialize(context.Background(), cluster.InitRequest{RootToken: Root, Accessor: "rootAccessor000000000000"}); err != nil {
		panic("httptestcluster: " + err.Error())
	}
}

// Sealed is New with another seal key.
func Sealed(key string) *Cluster {
	c := Uninitialized()
	c.sealKey = key
	c.mustInitialize()
	return c
}

// Uninitialized returns a cluster that nobody has initialized.
func Uninitialized() *Cluster {
	c := &Cluster{machine: fsm.NewMachine(), session: 1, sealKey: "test"}
	c.keyring = keyring.New(&wrapper{})
	var salt [32]byte
	rand.Read(salt[:])
	c.hasher.Store(newHasher(salt[:]))
	c.must(&fsm.SessionOpen{Session: c.session})
	return c
}

// Initialize logs Bootstrap.
func (c *Cluster) Initialize(_ context.Context, r cluster.InitRequest) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return c.fail
	}
	b := &fsm.Bootstrap{
		Cluster:  fsm.Digest(sha256.Sum256(c.hasher.Load().salt)),
		Salt:     fsm.Sealed{KeyID: c.sealKey, Box: c.hasher.Load().salt},
		Keys:     c.keyring.Draw(fsm.KeyStorage, fsm.KeyBatch),
		Token:    c.hasher.Load().digest(r.RootToken),
		Accessor: r.Accessor,
		Default: fsm.PolicySet{
			Name: policy.DefaultName, Raw: policy.DefaultText, Parsed: policy.Append(nil, policy.Default()),
		},
	}
	if err := b.Validate(); err != nil {
		return err
	}
	_, err := c.apply(fsm.Envelope{Command: b})
	return err
}

// Propose applies a command.
func (c *Cluster) Propose(ctx context.Context, p cluster.Proposal) (cluster.Reply, error) {
	if err := p.Command.Validate(); err != nil {
		return cluster.Reply{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.available(ctx); err != nil {
		return cluster.Reply{}, err
	}
	if c.after > 0 {
		c.after--
	}
	return c.apply(fsm.Envelope{Key: p.Key, Caller: p.Caller, Command: p.Command})
}

// View is the state at the present time.
func (c *Cluster) View(ctx context.Context) (cluster.View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.available(ctx); err != nil {
		return cluster.View{}, err
	}
	return c.view(), nil
}

// Read is a view for a caller who may do what access says.
func (c *Cluster) Read(ctx context.Context, caller fsm.Caller, access fsm.Access) (cluster.View, *fsm.Actor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.available(ctx); err != nil {
		return cluster.View{}, nil, err
	}
	v := c.view()
	if caller.Batch != nil || caller.Signed != nil {
		v = c.past(v, caller.End())
	}
	a, no := v.State.Resolve(caller, v.State.Clock)
	if no != nil {
		return cluster.View{}, nil, no
	}
	if a.Token.Counted() {
		return c.spend(caller, access)
	}
	if no := v.State.Authorize(a, access, caller); no != nil {
		return cluster.View{}, nil, no
	}
	return v, a, nil
}

func (c *Cluster) spend(caller fsm.Caller, access fsm.Access) (cluster.View, *fsm.Actor, error) {
	seen := make(chan fsm.Seen, 1)
	c.machine.Watch(fsm.RequestID{Session: c.session, Seq: c.seq + 1}, seen)
	defer c.machine.Unwatch(fsm.RequestID{Session: c.session, Seq: c.seq + 1})
	use := &fsm.TokenUse{Path: access.Path, Capability: access.Capability}
	if _, err := c.apply(fsm.Envelope{Caller: caller, Command: use}); err != nil {
		return cluster.View{}, nil, err
	}
	st := (<-seen).State
	a, ok := st.Spent(caller.Token)
	if !ok {
		return cluster.View{}, nil, cluster.ErrUnknownOutcome
	}
	return cluster.View{State: st, At: st.Clock}, a, nil
}

// Await waits for the entry that makes the state as f wants it.
func (c *Cluster) Await(ctx context.Context, f func(*fsm.State) bool) error {
	for {
		c.mu.Lock()
		if f(c.machine.View()) {
			c.mu.Unlock()
			return nil
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		next := c.changed
		c.mu.Unlock()
		select {
		case <-next:
		case <-ctx.Done():
			return errors.Join(cluster.ErrTimeout, ctx.Err())
		}
	}
}

// Local is the state.
func (c *Cluster) Local() *fsm.State { return c.machine.View() }

// WriteArchive writes a state as an archive that the cluster vouches for.
func (c *Cluster) WriteArchive(w io.Writer, st *fsm.State) error {
	return cluster.WriteArchive(w, st, c.Digest)
}

// Salt is the same value as long as Digest works with one salt.
func (c *Cluster) Salt() any { return c.hasher.Load() }

// Digest is the name of a token's text.
func (c *Cluster) Digest(text string) (fsm.Digest, error) {
	if !c.machine.View().Initialized() {
		return fsm.Digest{}, cluster.ErrNotReady
	}
	return c.hasher.Load().digest(text), nil
}

// available says whether the cluster pretends to be there, and lets time pass:
// what has ended is ended and cleared away before anything else happens.
func (c *Cluster) available(ctx context.Context) error {
	if c.fail != nil && c.after == 0 {
		return c.fail
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(cluster.ErrTimeout, err)
	}
	st := c.machine.View()
	if st.NextExpiry() <= c.now() {
		c.must(&fsm.Tick{})
		c.must(&fsm.Expire{Limit: fsm.MaxSweepRecords})
	}
	if st.SweepPending() {
		c.must(&fsm.Sweep{Limit: fsm.MaxSweepRecords})
	}
	return nil
}

func (c *Cluster) must(cmd fsm.Command) {
	if _, err := c.apply(fsm.Envelope{Command: cmd}); err != nil {
		panic("httptestcluster: " + fsm.Name(cmd) + ": " + err.Error())
	}
}

func (c *Cluster) view() cluster.View {
	st := c.machine.View()
	return cluster.View{State: st, At: max(st.Clock, c.now())}
}

func (c *Cluster) now() fsm.Instant { return fsm.Instant(time.Now().Add(c.skew).UnixNano()) }

// apply logs one command. A command with a caller gets a request id.
func (c *Cluster) apply(env fsm.Envelope) (cluster.Reply, error) {
	if !env.Caller.Token.IsZero() {
		c.seq++
		env.Request = fsm.RequestID{Session: c.session, Seq: c.seq, Low: c.seq}
	}
	entry := fsm.Entry{Epoch: c.machine.View().Epoch, At: c.now(), Envelopes: [][]byte{env.Encode()}}
	c.index++
	replies := c.machine.Apply(c.index, entry.Encode())
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
	if salt := c.machine.View().Salt.Box; len(salt) > 0 && !bytes.Equal(salt, c.hasher.Load().salt) {
		c.hasher.Store(newHasher(salt)) // a restore has brought it
	}
	o, err := fsm.DecodeOutcome(env.Command, replies[0])
	if err != nil {
		return cluster.Reply{}, err
	}
	r := cluster.Reply{Result: o.Result, Index: c.index, Replayed: o.Replayed, Sealed: o.Sealed}
	if o.Err != nil {
		return r, o.Err
	}
	return r, nil
}

// ViewPast is a view whose log has come to an instant, if the time has.
func (c *Cluster) ViewPast(ctx context.Context, v cluster.View, end fsm.Instant) (cluster.View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.available(ctx); err != nil {
		return cluster.View{}, err
	}
	return c.past(v, end), nil
}

func (c *Cluster) past(v cluster.View, end fsm.Instant) cluster.View {
	if end <= v.State.Clock || end > v.At {
		return v
	}
	c.must(&fsm.Tick{})
	return c.view()
}
