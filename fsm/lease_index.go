package fsm

import (
	"cmp"
	"strings"
)

// LeaseCounts are numbers of leases by phase. Leases that have ended with their
// token are revoking only once the sweep has come by.
type LeaseCounts struct{ Issuing, Live, Revoking, Irrevocable int }

// All is how many there are.
func (n LeaseCounts) All() int { return n.Issuing + n.Live + n.Revoking + n.Irrevocable }

func (n *LeaseCounts) of(p LeasePhase) *int {
	return [...]*int{&n.Issuing, &n.Live, &n.Revoking, &n.Irrevocable}[p-1]
}

// CountLeases counts the leases of a mount.
func (s *State) CountLeases(mount uint64) LeaseCounts {
	it, _ := s.tallies.get(tallyItem{mount: mount})
	return it.counts
}

// CountAllLeases counts the leases of all mounts.
func (s *State) CountAllLeases() (n LeaseCounts) {
	s.tallies.scan(func(it tallyItem) bool {
		n.Issuing += it.counts.Issuing
		n.Live += it.counts.Live
		n.Revoking += it.counts.Revoking
		n.Irrevocable += it.counts.Irrevocable
		return true
	})
	return n
}

// putLease writes a lease into the records and every index.
func (tx *Tx) putLease(l *Lease) {
	old, had := putRecord(tx, &tx.st.leases, l.ID, l)
	if had {
		tx.unindexLease(old)
	} else {
		tx.indexLeased(l)
	}
	tx.tally(l, 1)
	if !l.held() {
		put(tx, &tx.st.due, dueItem{l.Mount, l.NextTry, l.Serial, l.ID})
		return
	}
	for _, accessor := range l.holders() {
		put(tx, &tx.st.held, heldItem{accessor, l.Serial, l.ID})
	}
	if l.Batch != nil {
		put(tx, &tx.st.batched, l.ID)
	}
	put(tx, &tx.st.leaseEnds, leaseEndItem{l.endsAt(), l.Serial, l.ID})
}

// indexLeased is indexBirth for leases.
func (tx *Tx) indexLeased(l *Lease) {
	if l.Serial+PlanWindow >= tx.st.Serial {
		put(tx, &tx.st.leased, leasedItem{l.Serial, l.ID})
	}
	for range 2 {
		if old, ok := tx.st.leased.first(); ok && old.serial+PlanWindow < tx.st.Serial {
			del(tx, &tx.st.leased, old)
		}
	}
}

func (tx *Tx) unindexLease(l *Lease) {
	tx.tally(l, -1)
	if !l.held() {
		del(tx, &tx.st.due, dueItem{l.Mount, l.NextTry, l.Serial, l.ID})
		return
	}
	for _, accessor := range l.holders() {
		del(tx, &tx.st.held, heldItem{accessor, l.Serial, l.ID})
	}
	if l.Batch != nil {
		del(tx, &tx.st.batched, l.ID)
	}
	del(tx, &tx.st.leaseEnds, leaseEndItem{l.endsAt(), l.Serial, l.ID})
}

// changeLease replaces old by a changed copy of it.
func (tx *Tx) changeLease(old *Lease, change func(*Lease)) *Lease {
	l := *old
	change(&l)
	tx.putLease(&l)
	return &l
}

// dropLease forgets a lease: it is gone outside, or nobody wants to know. With
// the last one of a disabled mount its sweep can begin.
func (tx *Tx) dropLease(l *Lease) {
	delRecord(tx, &tx.st.leases, l.ID)
	del(tx, &tx.st.leased, leasedItem{l.Serial, l.ID})
	tx.unindexLease(l)
}

// tally keeps the counts, and with them whether a closed mount may be swept.
func (tx *Tx) tally(l *Lease, change int) {
	it := tallyItem{l.Mount, tx.st.CountLeases(l.Mount)}
	*it.counts.of(l.Phase) += change
	none := it.counts == (LeaseCounts{})
	if none {
		del(tx, &tx.st.tallies, it)
	} else {
		put(tx, &tx.st.tallies, it)
	}
	switch m, ok := tx.st.mounts.find(l.Mount); {
	case !ok || !m.Closed:
	case none:
		put(tx, &tx.st.closed, l.Mount)
	default:
		del(tx, &tx.st.closed, l.Mount)
	}
}

// holders are the accessors of those with whom the lease ends.
func (l *Lease) holders() (accessors []string) {
	if l.OwnerAccessor != "" {
		accessors = append(accessors, l.OwnerAccessor)
	}
	if l.Batch != nil {
		accessors = append(accessors, l.Batch.Accessor)
	}
	return accessors
}

func (a heldItem) less(b heldItem) bool {
	return cmp.Or(strings.Compare(a.accessor, b.accessor), cmp.Compare(a.serial, b.serial), strings.Compare(a.id, b.id)) < 0
}

func (a leasedItem) less(b leasedItem) bool {
	return cmp.Or(cmp.Compare(a.serial, b.serial), strings.Compare(a.id, b.id)) < 0
}

func (a leaseEndItem) less(b leaseEndItem) bool {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.serial, b.serial), strings.Compare(a.id, b.id)) < 0
}

func (a dueItem) less(b dueItem) bool {
	return cmp.Or(cmp.Compare(a.mount, b.mount), cmp.Compare(a.at, b.at), cmp.Compare(a.serial, b.serial), strings.Compare(a.id, b.id)) < 0
}
