package fsm

import (
	"cmp"
	"slices"
)

// RecordCount is how many records of a kind a state holds, and the bytes they take
// in its stream.
type RecordCount struct {
	Name    string
	Records int
	Bytes   int64
	Largest int // of one of them
}

// Census counts the records by kind, in order of their names. It looks at all of
// them.
func (s *State) Census() (counts []RecordCount) {
	of := make(map[recordTag]*RecordCount)
	var c coder
	s.eachRecord(func(r record) bool {
		n := of[r.tag()]
		if n == nil {
			n = &RecordCount{Name: r.tag().String()}
			of[r.tag()] = n
		}
		c = coder{buf: c.buf[:0]}
		r.fields(&c)
		n.Records++
		n.Bytes += int64(len(c.buf))
		n.Largest = max(n.Largest, len(c.buf))
		return true
	})
	for _, n := range of { // order: sorted below
		counts = append(counts, *n)
	}
	slices.SortFunc(counts, func(a, b RecordCount) int { return cmp.Compare(a.Name, b.Name) })
	return counts
}

var tagNames = map[recordTag]string{
	tagHeader: "header", tagToken: "token", tagPolicy: "policy", tagRole: "role", tagCubbyhole: "cubbyhole",
	tagMark: "mark", tagTombstone: "tombstone", tagSession: "session", tagOutcome: "outcome", tagKeyed: "idempotency key",
	tagMount: "mount", tagUser: "user", tagLockout: "lockout", tagWrapping: "wrapping", tagDataKey: "data key",
	tagFence: "fence", tagApprole: "approle", tagSecretID: "secret-id", tagJWTConfig: "jwt config", tagJWTRole: "jwt role", tagCert: "cert",
	tagItem: "engine item", tagLease: "lease", tagEstate: "estate", tagAuditDevice: "audit device",
	tagAuditHeader: "audit header", tagRateQuota: "rate quota", tagLeaseQuota: "lease quota", tagQuotaConfig: "quota config",
	tagSignedUser: "waypoint user", tagRunner: "runner", tagDeployment: "deployment", tagSignedConfig: "waypoint config", tagAutopilot: "autopilot",
	tagSnapshotSchedule: "snapshot schedule", tagSnapshotStatus: "snapshot status",
	tagStaging: "staging", tagStagedPart: "staged part",
}

// String is the name of a kind of record as people read it.
func (t recordTag) String() string { return tagNames[t] }
