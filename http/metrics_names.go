package http

// Every metric of this package, once. A name is its parts joined with dots in
// the JSON form and with underscores in the Prometheus form. docs/metrics.md
// lists them with those of the other packages and the libraries; a test compares
// the two.
var (
	metricRequests = metric{"jeton.http.requests", "Requests answered, by route, method and class of status."}
	metricLatency  = metric{"jeton.http.latency_ms", "Milliseconds from the head of a request to its answer, by route."}
	metricInFlight = metric{"jeton.http.in_flight", "Requests being answered now."}

	metricAuditEntries  = metric{"jeton.audit.entries", "Entries that an audit device has written."}
	metricAuditFailures = metric{"jeton.audit.failures", "Failed attempts of an audit device to write."}
	metricAuditDropped  = metric{"jeton.audit.dropped", "Entries that an audit device will never write."}
	metricAuditFailing  = metric{"jeton.audit.failing", "1 while the last attempt of an audit device has failed."}
	metricAuditQueued   = metric{"jeton.audit.queued", "Entries that wait for an audit device."}
	metricAuditLatency  = metric{"jeton.audit.latency_ms", "Milliseconds until an audit device had written an entry."}

	metricTokens   = metric{"jeton.token.count", "Token records on this node; dead ones count until they are swept."}
	metricPolicies = metric{"jeton.policy.count", "Stored ACL policies."}
	metricRoles    = metric{"jeton.role.count", "Token roles."}
	metricLeases   = metric{"jeton.expire.num_leases", "Leases of secrets engines that have not ended."}
	metricRevoking = metric{"jeton.expire.num_revoking_leases", "Leases that ended and may still be there outside."}
	metricStuck    = metric{"jeton.expire.num_irrevocable_leases", "Leases that could not be revoked."}
	metricIndex    = metric{"jeton.fsm.index", "Raft index of the state on this node."}
	metricClock    = metric{"jeton.fsm.clock_seconds", "The log's clock on this node, in seconds since the Unix epoch."}
	metricLevel    = metric{"jeton.fsm.level", "Feature level of the state."}

	metricSnapshotLast     = metric{"jeton.snapshot.auto.last_success_seconds", "When a schedule last saved a snapshot, in seconds since the Unix epoch; 0: never."}
	metricSnapshotOverdue  = metric{"jeton.snapshot.auto.overdue", "1 while the last snapshot of a schedule is older than two intervals."}
	metricSnapshotFailures = metric{"jeton.snapshot.auto.consecutive_failures", "Attempts of a schedule that failed since the last good one."}

	metricInitialized = metric{"jeton.cluster.initialized", "1 once the cluster has its first root token."}
	metricLeads       = metric{"jeton.cluster.leader", "1 while this node leads."}
	metricQuorum      = metric{"jeton.cluster.quorum", "1 while this node has contact with a leader that has a quorum."}
	metricTerm        = metric{"jeton.cluster.term", "Raft term."}
	metricCommit      = metric{"jeton.cluster.commit_index", "Raft index up to which this node knows the log to be committed."}
	metricApplied     = metric{"jeton.cluster.applied_index", "Raft index up to which this node has applied the log."}
	metricMembers     = metric{"jeton.cluster.members", "Servers of the raft configuration, by whether they vote and whether gossip has them alive."}
)

// ownMetrics is for looking up a metric by its Prometheus name.
var ownMetrics = []metric{
	metricRequests, metricLatency, metricInFlight,
	metricAuditEntries, metricAuditFailures, metricAuditDropped, metricAuditFailing, metricAuditQueued, metricAuditLatency,
	metricTokens, metricPolicies, metricRoles, metricLeases, metricRevoking, metricStuck, metricIndex, metricClock, metricLevel,
	metricSnapshotLast, metricSnapshotOverdue, metricSnapshotFailures,
	metricInitialized, metricLeads, metricQuorum, metricTerm, metricCommit, metricApplied, metricMembers,
}
