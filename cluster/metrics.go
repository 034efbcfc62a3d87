package cluster

import (
	"context"
	"time"

	metrics "github.com/armon/go-metrics"
)

// Every metric of this package, once.
var (
	metricApply        = []string{"fsm", "apply"}                 // sample, ms: one entry
	metricCommands     = []string{"fsm", "commands"}              // counter
	metricBatch        = []string{"cluster", "batch"}             // sample: commands an entry
	metricCommit       = []string{"cluster", "commit"}            // sample, ms: one entry through raft
	metricForward      = []string{"cluster", "forward"}           // sample, ms: one frame to the leader
	metricReadRound    = []string{"cluster", "read_round"}        // sample, ms: one read round of this node
	metricReaders      = []string{"cluster", "readers"}           // sample: reads a round
	metricBarriers     = []string{"cluster", "read_barrier"}      // counter: commits pushed to followers
	metricTicks        = []string{"cluster", "tick"}              // counter: clock entries for reads
	metricQueued       = []string{"cluster", "queued"}            // gauge: commands waiting on this node
	metricOverloaded   = []string{"cluster", "overloaded"}        // counter: commands refused for it
	metricRetries      = []string{"cluster", "retries"}           // counter: commands tried again
	metricElected      = []string{"cluster", "leader_elected"}    // counter: this node took leadership
	metricRefused      = []string{"cluster", "refused"}           // counter: commands that the machine choked on
	metricClockSkew    = []string{"cluster", "clock_refused"}     // counter: leaderships handed over for a wrong clock
	metricRevoked      = []string{"expire", "revoke"}             // counter: attempts to revoke a lease outside
	metricRevokeFailed = []string{"expire", "revoke_failed"}      // counter: those that failed
	metricRevokeWaited = []string{"expire", "revoke_waited"}      // counter: none of those: the turn of a revocation did not come
	metricDiskFree     = []string{"cluster", "disk_free_bytes"}   // gauge: of the data directory's file system
	metricDiffers      = []string{"cluster", "states_differ"}     // counter: voters found to have another state than this node
	metricFailureSlack = []string{"cluster", "failure_tolerance"} // gauge: voters that may still fail, by the leader
)

// Those of scheduled snapshots.
var (
	metricSnapshotSaved  = []string{"snapshot_auto", "saved"}  // counter: snapshots saved
	metricSnapshotFailed = []string{"snapshot_auto", "failed"} // counter: attempts with a problem
	metricSnapshotTime   = []string{"snapshot_auto", "time"}   // sample, ms: one attempt
	metricSnapshotBytes  = []string{"snapshot_auto", "bytes"}  // sample: size of one archive
)

// gauges sets what is a level rather than an event.
func (n *Node) gauges(ctx context.Context) {
	for sleep(ctx, time.Second) {
		queued := n.outbox.len()
		if l := n.leading.Load(); l != nil {
			queued += l.batcher.queue.len()
			metrics.SetGauge(metricFailureSlack, float32(n.failureTolerance()))
		}
		metrics.SetGauge(metricQueued, float32(queued))
	}
}
