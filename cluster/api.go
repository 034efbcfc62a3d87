package cluster

import "github.com/jeton-io/jeton/fsm"

// Proposal is a command that a client wants applied.
type Proposal struct {
	Caller  fsm.Caller
	Command fsm.Command
	Key     *fsm.IdempotencyKey // the client's own request id, if it gave one
}

// Reply is what became of it.
type Reply struct {
	Result   fsm.Result
	Index    uint64 // raft index at which it was applied
	Replayed bool   // the client's key was recognised: Result is the first request's
	Sealed   []byte // with Replayed: the sealed secret the first request left
}

// View is a linearizable view: it holds everything that was acknowledged before
// it was asked for.
type View struct {
	State *fsm.State
	// At is the leader's time, never below State.Clock, for showing how long
	// something has left. Whether something is alive is judged at State.Clock:
	// the round made sure that nothing ended between the two.
	At fsm.Instant
}

// InitRequest is what makes a formed cluster usable.
type InitRequest struct {
	RootToken string // text of the first root token
	Accessor  string
}

// Status is what a node knows of itself and the cluster, without asking anyone.
type Status struct {
	ServerID    string // node id and incarnation: raft's name of this node
	NodeID      string
	ClusterName string
	ClusterID   string

	Initialized    bool
	Ready          bool // the keyring is open and the node can serve
	Leader         bool // this node leads and may serve as leader
	LeaderID       string
	LeaderHTTPAddr string
	HasQuorum      bool // a leader with a quorum was in contact lately
	Doubtful       bool // the servers' states differ, and none has a majority: this node vouches for nothing

	Term, Commit, Applied uint64
	Clock                 fsm.Instant
	Members               []Member
}

// Member is one server of the raft configuration.
type Member struct {
	ServerID    string
	NodeID      string
	ClusterAddr string // empty: gossip has not heard of it
	HTTPAddr    string
	Voter       bool
	Leader      bool
	Alive       bool // gossip's hint
	Self        bool
}
