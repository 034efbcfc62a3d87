package fsm

// tokens ends those of the archive that have died since. One that is in neither
// state's grave comes back to life and is counted.
func (m *merge) tokens() {
	m.archive.tokens.each(func(t *Token) bool {
		t, there := m.st.tokenByDigest(t.Digest)
		switch {
		case !there: // went with another
		case t.Death != nil && t.Death.Cause == Exhausted:
			m.removeToken(t, *t.Death, "") // the outcome that held it is gone
		case t.Death == nil && !m.forget:
			m.mergeToken(t)
		}
		return true
	})
}

func (m *merge) mergeToken(t *Token) {
	if d, dead := m.deathOf(t); dead {
		if d.Cause == Exhausted {
			m.removeToken(t, d, "")
		} else {
			m.kill(t, d)
		}
		return
	}
	now, ok := m.cur.tokenByDigest(t.Digest)
	if ok && now.UsesLeft < t.UsesLeft {
		m.changeToken(t, func(t *Token) { t.UsesLeft = now.UsesLeft })
	}
}

// deathOf says what has ended a token of the archive itself. What ended an ancestor
// is found at that one, and what a mark ends is under it here too.
func (m *merge) deathOf(t *Token) (d Death, dead bool) {
	now, there := m.cur.tokenByDigest(t.Digest)
	switch {
	case there && now.Serial != t.Serial:
		// A chosen id that was chosen again: the first one has to have died before.
		return Death{Cause: Revoked, Actor: m.caller.Token.Accessor(), Serial: m.serial, At: m.clock()}, true
	case there && now.Death != nil:
		return *now.Death, true
	case there && now.Deadline <= m.clock():
		return Death{Cause: Expired, Serial: m.serial, At: now.Deadline}, true
	case there:
		return Death{}, false
	}
	stone, buried := m.cur.tombstoneByAccessor(t.Accessor())
	if !buried {
		stone, buried = m.cur.Tombstone(t.Digest)
	}
	if !buried {
		return Death{}, false
	}
	return stone.Death, true
}

// keepCaller has the token of who restores survive as it is, as an orphan, so that
// nobody locks himself out.
func (m *merge) keepCaller() {
	if m.caller.Token.HasRecord() {
		m.retain(m.caller.Token.clone())
	}
}

// retain puts a token in whatever the archive has in its place.
func (m *merge) retain(kept *Token) {
	kept.Parent = Digest{}
	t, there := m.st.tokens.find(kept.Digest.key())
	if there && t.sameAs(kept) {
		m.replaceToken(t, kept)
		return
	}
	gone := Death{Cause: Revoked, Actor: kept.Accessor(), Serial: m.serial, At: m.clock()}
	if there {
		m.uproot(t, gone)
	}
	if t, ok := m.st.tokenByAccessor(kept.Accessor()); ok {
		m.uproot(t, gone)
	}
	m.addToken(kept)
}

// sameAs says whether two records are of one token, by all that stands in indexes and
// never changes. An archive may say what it likes.
func (t *Token) sameAs(o *Token) bool {
	return t.Digest == o.Digest && t.Serial == o.Serial && t.accessor == o.accessor && t.Path == o.Path
}

// uproot removes a token with all that is below it.
func (m *merge) uproot(t *Token, d Death) {
	for gone := false; !gone; {
		budget := MaxSweepRecords
		gone = m.reap(t, d, "", &budget)
	}
}
