package fsm

// fences checks what stands over tokens without a record.
func (c *checker) fences() {
	s := c.s
	s.fences.each(func(f *Fence) bool {
		_, ok := s.fenceEnds.get(fenceEnd{f.Until, f.key()})
		c.want(ok, "fence %d %q: index of ends", f.Scope, f.Name)
		c.want(f.Serial <= s.Serial, "fence %d %q: serial %d above %d", f.Scope, f.Name, f.Serial, s.Serial)
		all := f.Scope == FenceCluster || f.Scope == FenceSigned
		c.want(all == (f.Name == ""), "fence %d %q: name", f.Scope, f.Name)
		c.want(f.At <= max(s.Clock, s.SignedLast), "fence %d %q: at %d, ahead of everything", f.Scope, f.Name, f.At)
		return true
	})
	c.want(s.fenceEnds.len() == s.fences.len(), "%d ends, %d fences", s.fenceEnds.len(), s.fences.len())
}

// wreckFences writes to every table of fences.
func (tx *Tx) wreckFences() {
	var all []*Fence
	tx.st.fences.each(func(f *Fence) bool {
		all = append(all, f)
		return true
	})
	tx.st.BatchUntil += 100
	for _, f := range all {
		if f.Scope >= FenceSigned {
			tx.fenceSigned(f.key(), f.At+1, Never, "")
		} else {
			tx.fence(f.key(), Never, "")
		}
	}
	tx.putFence(&Fence{Scope: FencePath, Name: "new", Until: 1})
	budget := 100
	tx.dropFences(&budget)
}

// CountFences counts all fences, those over single tokens included.
func CountFences(s *State) int { return s.fences.len() }
