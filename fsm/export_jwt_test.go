package fsm

// jwts checks what belongs to jwt mounts.
func (c *checker) jwts() {
	s := c.s
	s.jwtConfigs.each(func(j *JWTConfig) bool {
		m, ok := s.mounts.find(j.Mount)
		c.want(ok && m.Type == MountJWT, "jwt configuration of mount %d, which is none", j.Mount)
		c.want(j.check() == nil && j.Version > 0, "jwt configuration of mount %d: %v", j.Mount, j.check())
		return true
	})
	s.jwtRoles.each(func(r *JWTRole) bool {
		m, ok := s.mounts.find(r.Mount)
		c.want(ok && m.Type == MountJWT, "role %s of mount %d, which is none", r.Name, r.Mount)
		c.want(checkJWTRole("m", r.Name) == nil && r.check() == nil && r.fits() == nil, "role %s: %v", r.Name, r.check())
		c.want(isPolicySet(r.Params.Policies), "role %s: policies %q", r.Name, r.Params.Policies)
		return true
	})
}

// wreckJWTs writes to every table of jwt mounts.
func (tx *Tx) wreckJWTs() {
	putRecord(tx, &tx.st.jwtConfigs, 1<<60, &JWTConfig{Mount: 1 << 60, Source: JWTStatic})
	r := &JWTRole{Mount: 1 << 60, Name: "new"}
	putRecord(tx, &tx.st.jwtRoles, r.key(), r)
}

// CountJWTs counts what is left of jwt mounts.
func CountJWTs(s *State) int { return s.jwtConfigs.len() + s.jwtRoles.len() }
