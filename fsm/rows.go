package fsm

// Rows of the tables: what records stand by, and what the indexes hold.
type (
	cubbyholeKey struct {
		token Digest
		path  string
	}
	outcomeKey struct{ session, seq uint64 }
	clientKey  struct{ caller, key Digest }

	// An accessor in place, so that comparing follows no pointer and the collector
	// has nothing to look for.
	accessorKey  [AccessorBytes]byte
	accessorItem struct {
		accessor accessorKey
		token    tokenKey
	}
	// Children of one parent, and deadlines of one instant, stand in the order of
	// their making: a new one then goes where its neighbours went, into a part of
	// the tree that the draft has copied already.
	childItem struct {
		parent tokenKey
		serial uint64 // of the child
		child  tokenKey
	}
	deadlineItem struct {
		at     Instant
		serial uint64
		token  tokenKey
	}
	pathItem struct {
		path   string
		serial uint64
		token  tokenKey
	}
	deadItem struct {
		serial uint64 // of the death
		token  tokenKey
	}
	lapseItem struct { // when a client key may be forgotten
		at Instant
		clientKey
	}
	callerItem struct { // how many client keys a caller has in the window
		caller Digest
		keys   int
	}
	buriedItem struct { // tombstones by digest
		token  Digest
		serial uint64
	}
	birthItem struct {
		serial uint64
		token  tokenKey
	}
	leasedItem struct {
		serial uint64
		id     string
	}
	epitaphItem struct { // tombstones by accessor
		accessor accessorKey
		serial   uint64
	}
	mountItem struct { // open mounts
		path   string // in the API
		serial uint64
	}
	itemKey struct {
		mount uint64
		path  string
	}
	heldItem struct { // leases that have not ended, by who holds them
		accessor string
		serial   uint64
		id       string
	}
	leaseEndItem struct { // when a lease ends by itself
		at     Instant
		serial uint64
		id     string
	}
	dueItem struct { // leases to be revoked outside, by when the next try is due
		mount  uint64
		at     Instant
		serial uint64
		id     string
	}
	tallyItem struct { // how many leases a mount has
		mount  uint64
		counts LeaseCounts
	}
	pardonItem struct { // when a lockout may be forgotten
		at Instant
		userKey
	}
)

// The token's rows in the indexes.
func (t *Token) accessorItem() accessorItem {
	return accessorItem{t.accessor, t.Digest.key()}
}
func (t *Token) pathItem() pathItem   { return pathItem{t.Path, t.Serial, t.Digest.key()} }
func (t *Token) birthItem() birthItem { return birthItem{t.Serial, t.Digest.key()} }
func (t *Token) childItem() childItem {
	return childItem{t.Parent.key(), t.Serial, t.Digest.key()}
}
func (t *Token) deadlineItem() deadlineItem {
	return deadlineItem{t.Deadline, t.Serial, t.Digest.key()}
}
func (t *Token) deadItem() deadItem { return deadItem{t.Death.Serial, t.Digest.key()} }
