// Package cluster makes one state machine out of several nodes: it forms a
// cluster or joins one, has commands applied through raft, and answers reads
// that no node can answer from stale state. It knows commands and states by the
// package fsm, and nothing of HTTP or of what a token is for.
//
// # What it promises
//
//   - A command that Propose reports as done is on the disks of a majority and
//     in every later view, on every node, whatever crashes.
//   - A command is applied at most once for one call of Propose, also when it is
//     tried on several leaders: attempts carry one request id, which the machine
//     recognises. With a client's own key that holds across calls and nodes.
//   - A view (View, Read) holds everything that was acknowledged before it was
//     asked for. A node that reaches no majority answers with an availability
//     error, never with what it happens to hold.
//   - An error says what is known of its effect: a verdict (*fsm.Error) is the
//     machine's word, ErrUnknownOutcome says that the command may have been
//     applied, every other sentinel that it was not.
//   - No node judges time. The leader stamps entries, and only while a majority
//     of the voters shares its clock.
//   - Raft's configuration alone says who votes; gossip is a hint. A server that
//     lost its disk is another server, and votes for nothing it has forgotten.
//   - What must not be survived ends the node through Config.OnFault: a disk that
//     fails or hangs, an entry that can not be understood.
//
// # The life of a write
//
// Propose refuses by itself only what a linearizable view refuses (refuse.go). It
// draws a request id from the node's session (session.go) and puts the encoded
// command into a queue (queue.go): the batcher's, if this node leads, or the
// outbox, from which one frame at a time goes to the leader while the next one
// fills (forward.go). On the leader the batcher stamps what has gathered, applies
// it to a draft to see that it is sound, and has raft replicate it as one entry,
// one in flight (batcher.go). raftFSM hands committed entries to the machine
// (raftfsm.go); the leader's outcome is the answer. An attempt without an outcome
// is made again under the same id, as long as the client waits (propose.go).
//
// # The life of a read
//
// Readers join the round that starts after they arrived (rounds.go). The round
// asks the leader for a read index: the greatest command index not above the
// commit index, as the wrapper of the log store (store.go) knows it, valid once a
// majority of the voters is still in the leader's term (readindex.go). Then the
// node waits until its own machine is there (applied.go) and serves all who wait
// from that immutable state. A read by a token with counted uses is a write: its
// view is the draft right after its own charge (view.go).
//
// A follower learns of a commit with the next append. When a read waits for one
// and none is due, the batcher sends a barrier, once for each index.
//
// # Leadership
//
// lead (leader.go) runs for as long as this node leads: it applies everything of
// earlier terms, has its clock judged (clock.go), and then runs the duties:
// batches, the feature level (level.go), expiry and sweeps (cleanup.go), the care
// for new servers (reconcile.go), snapshots by schedule (schedule.go). Nothing else
// asks "do I lead?" and then acts.
//
// # Formation and identity
//
// A server id is the node id and 64 random bits that live with the data directory
// (identity.go). How nodes without data become one cluster, and never two that
// share a node, is told in formation.go.
//
// # Messages between nodes
//
// The kinds of package peer's calls, with their payloads. Numbers are varints,
// strings and lists have their length or count before them (wire.go).
//
//	1 propose     flags, envelopes            → count, then index, status, outcome of each
//	2 read index  applied index               → read index, leader's time (ns), 1 when it is in doubt
//	3 term        nothing                     → raft term
//	4 clock       nothing                     → time (ns since 1970)
//	5 join        cluster id, known level     → nothing; for any holder of the secret
//	6 promise     binding (0, 1), server ids  → word; for any holder of the secret
//	7 status      nothing                     → applied index, flags, known level, term, seal keys, state checks (members.go)
//	8 step down   nothing                     → nothing
//	9 remove      server id, bare             → nothing
//
// # Files of a data directory
//
//	server-id        the server id, a line
//	formation.json   what was promised, or the id of the cluster
//	log.db           raft's log, or
//	wal/             the same in segments (logstore.go)
//	vars.db          raft's term and vote
//	snapshots/       raft's snapshots, two at most
//	doubtful         whether the state is right is not known (doubt.go)
//	diverged.json    the data is wrong: set aside at the next start (setaside.go)
//	diverged/        what was set aside last
package cluster
