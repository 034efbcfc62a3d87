package http

import (
	"context"
	"io"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
)

// Cluster is what this package needs of a node; *cluster.Node is one. All
// methods may be called by any number of goroutines. An error is a verdict
// (*fsm.Error, to be found with errors.As) or one of cluster's availability
// errors.
type Cluster interface {
	// Propose has a command applied and waits for its result.
	Propose(context.Context, cluster.Proposal) (cluster.Reply, error)
	// View is a linearizable view for who needs no token.
	View(context.Context) (cluster.View, error)
	// Read is a linearizable view for a caller who may do what access says. A
	// counted token is charged, whatever the verdict, and the view stands at the
	// index of the charge; with the last use the actor's token is dead already.
	Read(context.Context, fsm.Caller, fsm.Access) (cluster.View, *fsm.Actor, error)
	// ViewPast is a view that a time is in the log of, if the leader has come to it;
	// the given one, when it is. For who looks at something that ends then and has
	// no record.
	ViewPast(context.Context, cluster.View, fsm.Instant) (cluster.View, error)
	// Local is this node's state, however old: for refusing early, never for
	// granting.
	Local() *fsm.State
	// Await returns once this node's state is as the function wants it.
	Await(context.Context, func(*fsm.State) bool) error
	// Digest is how a token is known below this package.
	Digest(secret string) (fsm.Digest, error)
	// WriteArchive writes a state as an archive that the cluster vouches for.
	WriteArchive(io.Writer, *fsm.State) error
	// Salt is the same value as long as Digest works with one salt.
	Salt() any
	// DigestUnder is Digest in another cluster; the error wraps cluster.ErrSealKey.
	DigestUnder(salt fsm.Sealed) (func(secret string) fsm.Digest, error)
	// Seal encrypts a small secret that has to stand in a record; Open is its
	// inverse on any node, for the same label only.
	Seal(label string, plaintext []byte) (fsm.Sealed, error)
	Open(ctx context.Context, label string, s fsm.Sealed) ([]byte, error)
	// Key is a key of the keyring by its id, and DrawKeys makes new ones for it.
	Key(context.Context, fsm.KeyPurpose, string) (*keyring.Key, error)
	DrawKeys(...fsm.KeyPurpose) []fsm.NewKey
	// WrapKey wraps a key that somebody else has made.
	WrapKey(p fsm.KeyPurpose, id string, secret []byte) fsm.NewKey
	// Initialize makes the cluster's first root token, once.
	Initialize(context.Context, cluster.InitRequest) error
	// Status is what the node knows without asking anyone.
	Status() cluster.Status
	// Healths are the servers of the cluster as the leader finds them.
	Healths(context.Context) ([]cluster.Health, error)
	// StepDown makes a leader hand leadership over.
	StepDown(context.Context) error
	// RemovePeer takes a server out of the cluster.
	RemovePeer(ctx context.Context, serverID string) error
}
