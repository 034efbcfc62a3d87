package bench

// A Floor is what the same stack did when it was reduced to the bare minimum, in
// the conditions that FloorConditions names: the figure to hold a measurement
// against on such a machine, and no promise for any other.
type Floor struct {
	PerSecond float64 `json:"per_second"`
	P50       Millis  `json:"p50_ms"`
	P99       Millis  `json:"p99_ms"`
	What      string  `json:"what"`
}

// FloorConditions is printed under every table that shows a floor.
const FloorConditions = `floors: three nodes and the client together on 2 vCPU and one disk (4 KiB O_DSYNC write 0.31 ms), loopback, no TLS,
boltdb as log store, a no-frills server (router, JSON, group commit, maps) loaded by wrk; medians of 2-3 runs, ±15-25 %.`

type floorKey struct {
	op          string
	role        string
	connections int
}

const (
	bareCreate = "create, end to end"
	bareLookup = "linearizable lookup-self, end to end"
	bareRaft   = "raft with group commit alone, no HTTP"
	bareEntry  = "one log entry, as a create"

	measuredHere = "jeton-floor on this machine"
)

// floors are medians. Creates at 1 connection were measured without HTTP; the
// pair is a forwarded write and a read index by barrier, without HTTP and with
// raft-wal as log store.
var floors = map[floorKey]Floor{
	{"create", RoleLeader, 1}:     {410, 2.2, 7, bareRaft},
	{"create", RoleLeader, 64}:    {6_600, 8.7, 20, bareCreate},
	{"create", RoleLeader, 256}:   {11_800, 20.2, 43, bareCreate},
	{"create", RoleFollower, 64}:  {6_200, 9.5, 24, bareCreate},
	{"create", RoleFollower, 256}: {9_900, 23.5, 66, bareCreate},
	{"lookup", RoleLeader, 64}:    {22_900, 2.3, 10, bareLookup},
	{"lookup", RoleLeader, 256}:   {27_800, 8.1, 26, bareLookup},
	{"lookup", RoleFollower, 64}:  {18_300, 3.0, 11, bareLookup},
	{"lookup", RoleFollower, 256}: {27_400, 8.4, 27, bareLookup},
	{"pair", RoleFollower, 1}:     {0, 2.4, 10, "forwarded write, then read index by barrier, no HTTP"},
}

// floorFor is the floor of one row, nil where none was measured. Only workloads
// of a single kind of request have one: in a mix the kinds compete.
func floorFor(workload, op, role string, connections int) *Floor {
	switch workload {
	case "create", "lookup", "lookup-signed":
	case "renew", "use", "use-hot", "revoke":
		f, ok := floors[floorKey{"create", role, connections}]
		if !ok {
			return nil
		}
		if f.What != bareRaft {
			f.What = bareEntry
		}
		return &f
	case "write-read":
		if op != opPair.String() {
			return nil
		}
	default:
		return nil
	}
	f, ok := floors[floorKey{op, role, connections}]
	if !ok {
		return nil
	}
	return &f
}

// bareOp is the request of jeton-floor that a request is held against: one that waits
// for an entry, or one that waits for a read index. Which of these is a pair, or a mix?
var bareOp = map[string]string{
	opCreate.String(): opCreate.String(), opRenew.String(): opCreate.String(), opUse.String(): opCreate.String(), opRevoke.String(): opCreate.String(),
	opLookup.String(): opLookup.String(),
}

// floor is the floor of one row: what was measured here, or else what is built in.
func (c *Config) floor(workload, op, role string, connections int) *Floor {
	if c.Floors == nil {
		return floorFor(workload, op, role, connections)
	}
	if workload == "mixed" || workload == "write-read" {
		return nil
	}
	for _, r := range c.Floors {
		for _, row := range r.Rows {
			if r.Role == role && r.Connections == connections && row.Op == bareOp[op] {
				return &Floor{row.Rate, row.P50, row.P99, measuredHere}
			}
		}
	}
	return nil
}
