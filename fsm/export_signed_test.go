package fsm

// signed checks what belongs to Waypoint's surface.
func (c *checker) signed() {
	s := c.s
	s.signedUsers.each(func(u *SignedUser) bool {
		it, ok := s.signedNames.get(signedName{name: foldName(u.Username)})
		c.want(ok && it.id == u.key(), "user %s: index of names", u.ID)
		c.want(isUsername(u.Username), "user %s: name %q", u.ID, u.Username)
		c.want(isPolicySet(u.Policies) && !hasName(u.Policies, rootPolicy), "user %s: policies %q", u.ID, u.Policies)
		return true
	})
	c.want(s.signedNames.len() == s.signedUsers.len(), "%d names, %d users", s.signedNames.len(), s.signedUsers.len())
	c.runners()
	s.deployments.each(func(d *Deployment) bool {
		c.want(isWord(d.ID) && len(d.Lines) <= MaxLogLines, "deployment %q with %d lines", d.ID, len(d.Lines))
		return true
	})
	for _, k := range s.DataKeys(KeyWaypoint) {
		c.want(isFolded(k.ID), "signing key %q: id", k.ID)
	}
	k, ok := s.CurrentKey(KeyWaypoint)
	c.want(!ok || !k.Imported && k.RetiredAt == 0, "the key that signs is %+v", k)
	c.want(s.SignedUntil == 0 || ok || s.SignedUntil == Never, "tokens until %d, and no key signs", s.SignedUntil)
}

func (c *checker) runners() {
	s, passing := c.s, 0
	s.runners.each(func(r *Runner) bool {
		if e, ok := r.end(); ok {
			passing++
			_, ok = s.runnerEnds.get(e)
			c.want(ok, "runner %s: index of ends", r.ID)
		}
		c.want(isRunnerID(r.ID), "runner %q: id", r.ID)
		c.want(r.FirstSeen <= r.LastSeen && r.LastSeen <= s.Clock, "runner %s: seen from %d to %d at %d", r.ID, r.FirstSeen, r.LastSeen, s.Clock)
		c.want(r.Decided <= s.Serial && (r.Decided > 0 || !r.decided()), "runner %s: %s, decided on at %d", r.ID, r.State, r.Decided)
		if b := r.Before; b != nil {
			c.want(b.State == RunnerAdopted || b.State == RunnerRejected, "runner %s: was %s", r.ID, b.State)
			c.want(r.State == RunnerPending || r.State == RunnerPreadopted && b.State == RunnerAdopted, "runner %s: is %s, was %s", r.ID, r.State, b.State)
			c.want(b.LabelHash != r.LabelHash, "runner %s: waits with the labels that it had", r.ID)
		}
		return true
	})
	c.want(s.runnerEnds.len() == passing, "%d ends of runners, want %d", s.runnerEnds.len(), passing)
}

// wreckSigned writes to every table of Waypoint's surface.
func (tx *Tx) wreckSigned() {
	var users []*SignedUser
	tx.st.signedUsers.each(func(u *SignedUser) bool {
		users = append(users, u)
		return true
	})
	for _, u := range users {
		renamed := *u
		renamed.Username += "x"
		tx.putSignedUser(&renamed)
		delRecord(tx, &tx.st.signedUsers, u.key())
		del(tx, &tx.st.signedNames, signedName{name: foldName(renamed.Username)})
	}
	tx.putSignedUser(&SignedUser{ID: "new", Username: "new"})
	var runners []*Runner
	tx.st.Runners(func(r *Runner) bool {
		runners = append(runners, r)
		return true
	})
	for _, r := range runners {
		changed := *r
		changed.LastSeen++
		tx.putRunner(&changed)
		tx.leave(&changed)
	}
	tx.putRunner(&Runner{ID: "new"})
	for _, id := range tx.st.DeploymentIDs() {
		delRecord(tx, &tx.st.deployments, id)
	}
	putRecord(tx, &tx.st.deployments, "new", &Deployment{ID: "new"})
	putRecord(tx, &tx.st.signedSettings, struct{}{}, new(SignedConfig))
	tx.addKeys([]NewKey{{Purpose: KeyWaypoint, ID: "wreck", Box: Sealed{Box: []byte("x")}}})
	tx.sign(SignedToken{Kind: SignedLogin, Accessor: "nnnnnnnnnnnnnnnnnnnnnnnn", User: "new"}, 0)
	tx.fenceSigned(fenceKey{FenceSignedUser, "new"}, tx.clock(), Never, "")
}
