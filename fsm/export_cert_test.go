package fsm

// certs checks what belongs to cert mounts.
func (c *checker) certs() {
	s := c.s
	s.certs.each(func(r *Cert) bool {
		m, ok := s.mounts.find(r.Mount)
		c.want(ok && m.Type == MountCert, "certificate %s of mount %d, which is none", r.Name, r.Mount)
		c.want(checkCert("m", r.Name) == nil && r.check() == nil && r.fits() == nil, "certificate %s: %v", r.Name, r.check())
		c.want(r.Version > 0 && isPolicySet(r.Params.Policies), "certificate %s: version %d, policies %q", r.Name, r.Version, r.Params.Policies)
		return true
	})
}

// wreckCerts writes to every table of cert mounts.
func (tx *Tx) wreckCerts() {
	r := &Cert{Mount: 1 << 60, Name: "new"}
	putRecord(tx, &tx.st.certs, r.key(), r)
}

// CountCerts counts what is left of cert mounts.
func CountCerts(s *State) int { return s.certs.len() }
