package fsm

import (
	"bytes"
	"cmp"
	"strings"
)

// State is everything the cluster agrees on. To everyone but a draft it is an
// immutable value: readers, snapshots and apply share no lock.
type State struct {
	header
	index uint64 // raft index this state stands at; not part of the canonical bytes
	sum   Hash   // of all records but the header

	// Records.
	tokens     tokens
	policies   records[string, *Policy]
	roles      records[string, *Role]
	cubbyholes records[cubbyholeKey, *Cubbyhole]
	marks      records[string, *Mark]
	tombstones records[uint64, *Tombstone] // by their own serial
	sessions   records[uint64, *session]
	outcomes   records[outcomeKey, *outcome]
	keys       records[clientKey, *keyed]
	mounts     records[uint64, *Mount] // by their serial
	users      records[userKey, *User]
	lockouts   records[userKey, *Lockout]
	wrappings  records[Digest, *Wrapping]
	dataKeys   records[dataKeyKey, *DataKey]
	fences     records[fenceKey, *Fence]
	approles   records[uint64, *Approle] // by their serial
	secretIDs  records[secretIDKey, *SecretID]

	auditDevices records[string, *AuditDevice] // by their path
	auditHeaders records[string, *AuditHeader]
	jwtConfigs   records[uint64, *JWTConfig] // by the serial of their mount
	jwtRoles     records[jwtRoleKey, *JWTRole]
	certs        records[certKey, *Cert]
	items        records[itemKey, *EngineItem]
	leases       records[string, *Lease]  // by their id
	estates      records[string, *Estate] // by their accessor

	signedUsers    records[string, *SignedUser] // by their id in lower case
	runners        records[string, *Runner]
	deployments    records[string, *Deployment]
	signedSettings records[struct{}, *SignedConfig] // one or none
	autopilot      records[struct{}, *Autopilot]    // likewise

	snapshotSchedules records[string, *SnapshotSchedule]
	snapshotStatuses  records[string, *SnapshotStatus] // by the name of their schedule

	stagings    records[struct{}, *Staging] // one or none
	stagedParts records[partKey, *StagedPart]

	rateQuotas  records[string, *RateQuota]
	leaseQuotas records[string, *LeaseQuota]
	quotaConfig records[struct{}, *QuotaConfig] // one or none

	// Derived from the records and rebuilt with them.
	accessors table[accessorItem]
	children  table[childItem]
	deadlines table[deadlineItem]
	paths     table[pathItem]
	dead      table[deadItem]
	lapses    table[lapseItem]
	callers   table[callerItem]
	buried    table[buriedItem]
	births    table[birthItem]  // of the last PlanWindow serials
	leased    table[leasedItem] // leases, likewise
	epitaphs  table[epitaphItem]

	mountPaths table[mountItem]
	closed     table[uint64] // serials of mounts that wait for the sweep
	held       table[heldItem]
	batched    table[string] // ids of held leases of batch tokens
	leaseEnds  table[leaseEndItem]
	due        table[dueItem]
	tallies    table[tallyItem]
	pardons    table[pardonItem]
	fenceEnds  table[fenceEnd]

	approleNames   table[approleItem] // open roles
	approleIDs     table[approleItem] // likewise, by role-id
	closedApproles table[uint64]      // serials of roles that wait for the sweep
	secretIDItems  table[secretIDItem]
	secretIDEnds   table[secretIDEnd]
	secretIDCounts table[secretIDCount]
	quotaPaths     table[quotaItem]

	signedNames table[signedName]
	runnerEnds  table[runnerEnd] // when runners that pass may be forgotten
}

// header is what the state holds once.
type header struct {
	Level   uint64  // feature level: which kinds may be proposed
	Clock   Instant // greatest stamp seen
	Serial  uint64  // counts commands; orders everything that needs an order
	Epoch   uint64  // rises with each restore
	Cluster Digest  // identity of the cluster, zero before Bootstrap
	Salt    Sealed  // the digest salt, wrapped with the seal key

	PolicyVersion uint64 // serial of the last change of any policy

	BatchUntil Instant // greatest deadline of any batch token ever made; 0: none was
	// SignedUntil is the same of Waypoint tokens, as far as is known: Never, once one
	// without an end was made or a key was imported.
	SignedUntil Instant
	// SignedLast is the latest time at which one was issued here. What is made right
	// after a fence is issued after it, so this may lie ahead of the clock.
	SignedLast Instant
	LastCut    uint64 // serial of the last revocation that let children live
}

// Sealed is something wrapped with the seal key that KeyID names.
type Sealed struct {
	KeyID string // public hash of the seal key
	Box   []byte // ciphertext
}

func (s *Sealed) fields(c *coder) {
	c.string(&s.KeyID, maxKeyIDBytes)
	c.bytes(&s.Box, maxSealedBytes)
}

const (
	maxKeyIDBytes  = 64
	maxSealedBytes = 4096
)

func (h *header) tag() recordTag { return tagHeader }

func (h *header) fields(c *coder) {
	c.u64(&h.Level)
	c.instant(&h.Clock)
	c.u64(&h.Serial)
	c.u64(&h.Epoch)
	c.optionalDigest(&h.Cluster)
	h.Salt.fields(c)
	c.u64(&h.PolicyVersion)
	c.instant(&h.BatchUntil)
	c.instant(&h.SignedUntil)
	c.instant(&h.SignedLast)
	c.u64(&h.LastCut)
}

// newState is the state before the first entry.
func newState() *State {
	return &State{
		tokens:   newTokens(),
		policies: newRecords[string, *Policy](cmp.Less[string]),
		roles:    newRecords[string, *Role](cmp.Less[string]),
		cubbyholes: newRecords[cubbyholeKey, *Cubbyhole](func(a, b cubbyholeKey) bool {
			return cmp.Or(a.token.compare(b.token), strings.Compare(a.path, b.path)) < 0
		}),
		marks:      newRecords[string, *Mark](cmp.Less[string]),
		tombstones: newRecords[uint64, *Tombstone](cmp.Less[uint64]),
		sessions:   newRecords[uint64, *session](cmp.Less[uint64]),
		outcomes: newRecords[outcomeKey, *outcome](func(a, b outcomeKey) bool {
			return a.session < b.session || a.session == b.session && a.seq < b.seq
		}),
		keys:      newRecords[clientKey, *keyed](clientKey.less),
		mounts:    newRecords[uint64, *Mount](cmp.Less[uint64]),
		users:     newRecords[userKey, *User](userKey.less),
		lockouts:  newRecords[userKey, *Lockout](userKey.less),
		wrappings: newRecords[Digest, *Wrapping](lessDigest),
		dataKeys:  newRecords[dataKeyKey, *DataKey](dataKeyKey.less),
		fences:    newRecords[fenceKey, *Fence](fenceKey.less),
		approles:  newRecords[uint64, *Approle](cmp.Less[uint64]),
		secretIDs: newRecords[secretIDKey, *SecretID](secretIDKey.less),

		auditDevices: newRecords[string, *AuditDevice](cmp.Less[string]),
		auditHeaders: newRecords[string, *AuditHeader](cmp.Less[string]),
		jwtConfigs:   newRecords[uint64, *JWTConfig](cmp.Less[uint64]),
		jwtRoles:     newRecords[jwtRoleKey, *JWTRole](jwtRoleKey.less),
		certs:        newRecords[certKey, *Cert](certKey.less),
		items:        newRecords[itemKey, *EngineItem](itemKey.less),
		leases:       newRecords[string, *Lease](cmp.Less[string]),
		estates:      newRecords[string, *Estate](cmp.Less[string]),

		signedUsers:    newRecords[string, *SignedUser](cmp.Less[string]),
		runners:        newRecords[string, *Runner](cmp.Less[string]),
		deployments:    newRecords[string, *Deployment](cmp.Less[string]),
		signedSettings: newRecords[struct{}, *SignedConfig](func(_, _ struct{}) bool { return false }),
		autopilot:      newRecords[struct{}, *Autopilot](func(_, _ struct{}) bool { return false }),

		snapshotSchedules: newRecords[string, *SnapshotSchedule](cmp.Less[string]),
		snapshotStatuses:  newRecords[string, *SnapshotStatus](cmp.Less[string]),

		stagings:    newRecords[struct{}, *Staging](func(_, _ struct{}) bool { return false }),
		stagedParts: newRecords[partKey, *StagedPart](partKey.less),

		rateQuotas:  newRecords[string, *RateQuota](cmp.Less[string]),
		leaseQuotas: newRecords[string, *LeaseQuota](cmp.Less[string]),
		quotaConfig: newRecords[struct{}, *QuotaConfig](func(_, _ struct{}) bool { return false }),

		accessors: newTable(func(a, b accessorItem) bool { return bytes.Compare(a.accessor[:], b.accessor[:]) < 0 }),
		children: newTable(func(a, b childItem) bool {
			if c := a.parent.compare(b.parent); c != 0 {
				return c < 0
			}
			return a.serial < b.serial || a.serial == b.serial && a.child.less(b.child)
		}),
		deadlines: newTable(func(a, b deadlineItem) bool {
			if a.at != b.at {
				return a.at < b.at
			}
			return a.serial < b.serial || a.serial == b.serial && a.token.less(b.token)
		}),
		paths: newTable(func(a, b pathItem) bool {
			return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.serial, b.serial), a.token.compare(b.token)) < 0
		}),
		dead: newTable(func(a, b deadItem) bool {
			return a.serial < b.serial || a.serial == b.serial && a.token.less(b.token)
		}),
		lapses: newTable(func(a, b lapseItem) bool {
			return a.at < b.at || a.at == b.at && a.clientKey.less(b.clientKey)
		}),
		callers: newTable(func(a, b callerItem) bool { return a.caller.compare(b.caller) < 0 }),
		births: newTable(func(a, b birthItem) bool {
			return a.serial < b.serial || a.serial == b.serial && a.token.less(b.token)
		}),
		leased: newTable(leasedItem.less),
		buried: newTable(func(a, b buriedItem) bool { return a.token.compare(b.token) < 0 }),
		epitaphs: newTable(func(a, b epitaphItem) bool {
			return bytes.Compare(a.accessor[:], b.accessor[:]) < 0
		}),

		mountPaths: newTable(func(a, b mountItem) bool { return a.path < b.path }),
		closed:     newTable(cmp.Less[uint64]),
		held:       newTable(heldItem.less),
		batched:    newTable(cmp.Less[string]),
		leaseEnds:  newTable(leaseEndItem.less),
		due:        newTable(dueItem.less),
		tallies:    newTable(func(a, b tallyItem) bool { return a.mount < b.mount }),
		pardons: newTable(func(a, b pardonItem) bool {
			return a.at < b.at || a.at == b.at && a.userKey.less(b.userKey)
		}),
		fenceEnds: newTable(fenceEnd.less),

		approleNames:   newTable(approleItem.less),
		approleIDs:     newTable(approleItem.less),
		closedApproles: newTable(cmp.Less[uint64]),
		secretIDItems:  newTable(secretIDItem.less),
		secretIDEnds:   newTable(secretIDEnd.less),
		secretIDCounts: newTable(func(a, b secretIDCount) bool { return a.role < b.role }),
		quotaPaths:     newTable(quotaItem.less),

		signedNames: newTable(signedName.less),
		runnerEnds:  newTable(runnerEnd.less),
	}
}

func lessDigest(a, b Digest) bool { return a.compare(b) < 0 }

func (k clientKey) less(o clientKey) bool {
	return cmp.Or(k.caller.compare(o.caller), k.key.compare(o.key)) < 0
}

// Index is the raft index of the last entry in the state.
func (s *State) Index() uint64 { return s.index }

// Hash covers every record and the header.
func (s *State) Hash() Hash {
	var hs hasher
	h := s.sum
	h.add(hs.hash(&s.header))
	return h
}

// Initialized says whether Bootstrap has been applied.
func (s *State) Initialized() bool { return !s.Cluster.IsZero() }

// CountTokens is the number of token records, dead ones included until they
// are swept.
func (s *State) CountTokens() int { return s.tokens.len() }

// tokenByDigest finds the record, dead or alive.
func (s *State) tokenByDigest(d Digest) (*Token, bool) {
	t, ok := s.tokens.find(d.key())
	if !ok || t.Digest != d {
		return nil, false
	}
	return t, true
}

// token is the one that an index has: none has one without a record.
func (s *State) token(k tokenKey) *Token {
	t, _ := s.tokens.find(k)
	return t
}

// tokenByAccessor finds the record, dead or alive.
func (s *State) tokenByAccessor(accessor string) (*Token, bool) {
	if len(accessor) != AccessorBytes {
		return nil, false
	}
	it, ok := s.accessors.get(accessorItem{accessor: accessorKey([]byte(accessor))})
	if !ok {
		return nil, false
	}
	t := s.token(it.token)
	return t, t != nil
}
