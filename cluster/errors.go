package cluster

import (
	"errors"

	"github.com/jeton-io/jeton/cluster/peer"
)

// The availability errors. None of them is the machine's word on a request;
// each says what is known of its effect.
var (
	// ErrNoLeader: no leader could be reached in time. The command was not
	// applied.
	ErrNoLeader = errors.New("no leader with a quorum can be reached")
	// ErrNotReady: this node does not serve: it has not joined, the cluster is
	// not initialized, or the keyring does not open. The command was not applied.
	ErrNotReady = errors.New("node is not ready")
	// ErrOverloaded: too many commands wait already. The command was not applied.
	ErrOverloaded = errors.New("overloaded")
	// ErrNoSpace: too many disks are nearly full for this command. It was not applied.
	ErrNoSpace = errors.New("disk is nearly full")
	// ErrDoubtful: the servers' states differ, and which one is right is not known. The
	// command was not applied.
	ErrDoubtful = errors.New("the servers' states differ, and none has a majority")
	// ErrTimeout: the time ran out before the command was handed to the log. The
	// command was not applied.
	ErrTimeout = errors.New("timed out")
	// ErrUnknownOutcome: the node lost sight of the command after it was handed
	// to the log. The command may have been applied.
	ErrUnknownOutcome = errors.New("outcome unknown")
	// ErrClosed: the node is shutting down. The command was not applied.
	ErrClosed = errors.New("node is shutting down")
	// ErrRefused: the leader refused a command that its state machine could not
	// digest; it is logged there as a fault. The command was not applied.
	ErrRefused = errors.New("command refused as faulty")
)

// notApplied says whether a failed attempt certainly had no effect.
func notApplied(err error) bool {
	if errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	for _, e := range []error{ErrNoLeader, ErrNotReady, ErrOverloaded, ErrNoSpace, ErrDoubtful, ErrTimeout, ErrClosed, ErrRefused} {
		if errors.Is(err, e) {
			return true
		}
	}
	return peer.NotHandled(err)
}
