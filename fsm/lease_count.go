package fsm

// How many leases there are under a path, of tokens and of secrets engines, is read
// off the tables in which they stand in the order of their paths: what lies under a path lies side by side,
// and the trees know how many elements their parts have. So nothing is counted
// up and down, nothing has to be counted anew when a quota is made or a state is
// read, and the number is exact whatever happened before. The price is paid when
// a lease is made under a quota that is not plainly empty enough: a few searches.
//
// A lease counts until its record goes. What is dead and waits for its sweep, or to
// be revoked outside, counts, as in Vault; so do wrapping tokens, which are never
// refused. Batch tokens have no record and do not count, but their secrets do.

// admitLease refuses a lease at a token's source path, or at the path of a request
// for a secret, for which the quota has no room
// left. It is asked before the lease's record is written.
func (tx *Tx) admitLease(path string) *Error {
	q, ok := tx.st.leaseQuotaOver(path)
	if !ok || tx.st.leasesUnder(q.Path, int(q.Max)) < int(q.Max) {
		return nil
	}
	return verdict(Limit, LeaseQuotaFull, q.Name, q.Max)
}

func (s *State) leaseQuotaOver(path string) (*LeaseQuota, bool) {
	if s.leaseQuotas.len() == 0 {
		return nil, false
	}
	name, ok := s.quotaOver(LeaseCount, path)
	if !ok {
		return nil, false
	}
	return s.leaseQuotas.find(name)
}

// LeasesUnder counts the leases under a path.
func (s *State) LeasesUnder(path string) int { return s.leasesUnder(path, 0) }

// leasesUnder counts them, or returns something below most when there are fewer
// leases than that altogether.
func (s *State) leasesUnder(path string, most int) int {
	n := s.paths.len() + s.leases.len()
	if n < most {
		return n
	}
	if path != "" {
		from, end := leaseRange(path)
		n = s.tokensBetween(from, end) + s.secretsBetween(from, end)
		if it, ok := s.paths.from(pathItem{path: path}); ok && it.path == path {
			n += s.tokensBetween(path, path+"\x00")
		}
	}
	if covers(path, rootPath) {
		n -= s.tokensBetween(rootPath, rootPath+"\x00") // which have no lease
	}
	return n
}

func (s *State) tokensBetween(from, to string) int {
	return s.paths.tree.CountBelow(pathItem{path: to}) - s.paths.tree.CountBelow(pathItem{path: from})
}

func (s *State) secretsBetween(from, to string) int {
	at := func(id string) int { return s.leases.tree.CountBelow(row[string, *Lease]{key: id}) }
	return at(to) - at(from)
}
