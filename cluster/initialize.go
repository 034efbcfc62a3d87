package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// Initialize makes the formed cluster usable: it draws the cluster's identity and
// its digest salt, seals the salt, and logs Bootstrap with the root token's
// digest. A second call is refused with the verdict Exists.
func (n *Node) Initialize(ctx context.Context, r InitRequest) error {
	var salt [32]byte
	rand.Read(salt[:])
	b := &fsm.Bootstrap{
		Salt:     fsm.Sealed{KeyID: n.sealer.ID(), Box: n.sealer.Seal(salt[:], saltInfo)},
		Keys:     n.keyring.Draw(fsm.KeyStorage, fsm.KeyBatch),
		Accessor: r.Accessor,
		Default:  n.cfg.DefaultPolicy,
	}
	rand.Read(b.Cluster[:])
	b.Token = newDigester(b.Salt, salt[:]).digest(r.RootToken)
	if err := b.Validate(); err != nil {
		return err
	}
	_, _, err := n.propose(ctx, Proposal{Command: b}, false)
	if err != nil {
		return err
	}
	n.awaitServing(ctx) // and whatever becomes of that, the root token must reach its owner
	return nil
}

// awaitServing follows on what has initialized the cluster: the caller's next request
// may come here, so wait until the keyring is open.
func (n *Node) awaitServing(ctx context.Context) {
	if err := n.awaitReady(ctx); err != nil {
		n.log.Warn("initialized, but this node does not serve yet", "error", err)
	}
}

// firstRoot initializes a new cluster when a root token was configured. Any node
// of the first configuration may come to do it; the machine takes the first.
func (n *Node) firstRoot(ctx context.Context, _ *leading) {
	if n.cfg.InitialRootToken == "" {
		return
	}
	for !n.machine.View().Initialized() {
		err := n.Initialize(ctx, InitRequest{RootToken: n.cfg.InitialRootToken, Accessor: n.cfg.InitialRootAccessor})
		if err == nil || ctx.Err() != nil {
			return
		}
		n.log.Warn("not initialized with the configured root token", "error", err)
		var verdict *fsm.Error
		if errors.As(err, &verdict) || !sleep(ctx, time.Second) {
			return
		}
	}
}

// Digest is the name of a token's text in this cluster.
func (n *Node) Digest(text string) (fsm.Digest, error) {
	d := n.digester.Load()
	if d == nil || !d.opened() {
		return fsm.Digest{}, ErrNotReady
	}
	return d.digest(text), nil
}

// Salt is the same value as long as Digest works with one salt: what was digested
// between two calls that agree is digested with that one.
func (n *Node) Salt() any { return n.digester.Load() }

// stateReplaced runs when the state was read from a snapshot: this server's own before
// raft runs, and later one that a leader has sent.
func (n *Node) stateReplaced() {
	if n.raftNow.Load() != nil {
		n.copied.Store(true)
	}
}

// stateChanged runs on the apply goroutine after each new state. It opens the
// digest salt when there is a new one. While that does not open, the node does
// not serve: a digest under another salt would name nobody, or somebody else.
func (n *Node) stateChanged(s *fsm.State) {
	if !s.Initialized() {
		return
	}
	if d := n.digester.Load(); d != nil && d.of(s.Salt) {
		return
	}
	salt, err := n.sealer.Open(s.Salt.Box, saltInfo)
	if err != nil {
		n.digester.Store(&digester{sealed: s.Salt}) // not tried again for each entry
		n.ready.Store(false)
		n.log.Error("the keyring does not open: this node can not serve; give it the seal key or the cluster secret that the cluster uses",
			"seal_key", s.Salt.KeyID, "have", n.sealer.IDs(), "error", err)
		return
	}
	n.digester.Store(newDigester(s.Salt, salt))
	n.ready.Store(true)
	n.readyOnce.Do(func() { close(n.readyC) })
}

// awaitReady waits until this node's own machine has the Bootstrap.
func (n *Node) awaitReady(ctx context.Context) error {
	select {
	case <-n.Ready():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotReady, ctx.Err())
	case <-n.ctx.Done():
		return ErrClosed
	}
}
