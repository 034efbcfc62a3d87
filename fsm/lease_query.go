package fsm

import "strings"

// DueLeases are leases of a mount that are to be revoked outside and whose time
// has come, the longest waiting first, at most so many.
func (s *State) DueLeases(mount uint64, at Instant, most int) (list []*Lease) {
	s.due.ascend(dueItem{mount: mount}, func(it dueItem) bool {
		if it.mount != mount || it.at > at || len(list) == most {
			return false
		}
		l, _ := s.Lease(it.id)
		list = append(list, l)
		return true
	})
	return list
}

// DueMounts are the serials of the mounts that have a lease to be revoked
// outside, and when the first is due, in order of the serials.
func (s *State) DueMounts(f func(mount uint64, first Instant)) {
	for next := uint64(0); ; {
		it, ok := s.due.from(dueItem{mount: next, at: -1 << 63})
		if !ok {
			return
		}
		f(it.mount, it.at)
		next = it.mount + 1
	}
}

// EachIrrevocable visits the leases that nobody could revoke, in order of mounts,
// until f says no.
func (s *State) EachIrrevocable(f func(*Lease) bool) {
	s.due.scan(func(it dueItem) bool {
		l, _ := s.Lease(it.id)
		return l.Phase != Irrevocable || f(l)
	})
}

// EngineLeasesBelow says how many leases of engines below a path there are that were made up to a
// serial, counting to a maximum.
func (s *State) EngineLeasesBelow(path string, serial uint64, most int) (n int) {
	from, end := leaseRange(path)
	s.leases.ascend(row[string, *Lease]{key: from}, func(it row[string, *Lease]) bool {
		if it.key >= end || n == most {
			return false
		}
		if it.record.Serial <= serial {
			n++
		}
		return true
	})
	return n
}

// EndedLeases are the leases of engines below a path, or the one whose id it is,
// that were made up to a serial, have ended and may be there outside; so many at
// most.
func (s *State) EndedLeases(path string, serial uint64, most int) (ended []*Lease) {
	add := func(l *Lease) {
		if l.Serial <= serial && s.LeasePhase(l, s.Clock) >= Revoking {
			ended = append(ended, l)
		}
	}
	if l, ok := s.Lease(path); ok {
		add(l)
	}
	from, end := leaseRange(path)
	s.leases.ascend(row[string, *Lease]{key: from}, func(it row[string, *Lease]) bool {
		if it.key >= end || len(ended) >= most {
			return false
		}
		add(it.record)
		return true
	})
	return ended
}

// EachLeaseCount visits the mounts that have leases, in order of their serials.
func (s *State) EachLeaseCount(f func(mount uint64, n LeaseCounts)) {
	s.tallies.scan(func(it tallyItem) bool {
		f(it.mount, it.counts)
		return true
	})
}

// engineLeaseKeys are the leases of engines for LeaseKeys: those that have ended
// are shown until they are gone outside.
func (s *State) engineLeaseKeys(folder string) (keys []string) {
	for from, more := folder, true; more; {
		it, ok := s.leases.from(row[string, *Lease]{key: from})
		if more = ok && strings.HasPrefix(it.key, folder); !more {
			break
		}
		name, _, below := strings.Cut(it.key[len(folder):], "/")
		from = it.key + "\x00"
		if below {
			from = folder + name + string(rune('/'+1))
			name += "/"
		}
		keys = append(keys, name)
	}
	return keys
}
