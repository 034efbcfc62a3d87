package fsm

// Tombstone is what stays of a dead token, so that "why" can be answered and
// its id is not given out again. The oldest ones go when there are too many.
type Tombstone struct {
	Serial   uint64 // order of burial
	Token    Digest
	Accessor string
	Path     string // source path
	Death    Death
	// Through says where a death from outside came from: the accessor of the
	// ancestor that died, or the prefix that was revoked. Empty for any other.
	Through string
}

func (t *Tombstone) tag() recordTag { return tagTombstone }

func (t *Tombstone) fields(c *coder) {
	c.u64(&t.Serial)
	c.digest(&t.Token)
	c.string(&t.Accessor, AccessorBytes)
	c.string(&t.Path, MaxPathBytes)
	t.Death.fields(c)
	c.string(&t.Through, MaxPathBytes)
}

// bury writes t's tombstone. Burials of one command share its serial in Death;
// their own serials come from the same counter, which only has to grow.
func (tx *Tx) bury(t *Token, d Death, through string) {
	tx.st.Serial++
	stone := &Tombstone{
		Serial: tx.st.Serial, Token: t.Digest, Accessor: t.Accessor(), Path: t.Path, Death: d, Through: through,
	}
	putRecord(tx, &tx.st.tombstones, stone.Serial, stone)
	tx.indexStone(stone)
	for tx.st.tombstones.len() > MaxTombstones {
		first, _ := tx.st.tombstones.first()
		oldest, _ := delRecord(tx, &tx.st.tombstones, first.key)
		tx.unindexStone(oldest)
	}
}

// indexStone has the latest tombstone of a token stand for it.
func (tx *Tx) indexStone(t *Tombstone) {
	put(tx, &tx.st.buried, buriedItem{t.Token, t.Serial})
	put(tx, &tx.st.epitaphs, epitaphItem{accessorKey([]byte(t.Accessor)), t.Serial})
}

// unindexStone has nothing stand for a token any more, unless it has a later tombstone:
// that is rare, and then put back, since to look first would cost every other one.
func (tx *Tx) unindexStone(t *Tombstone) {
	if b, ok := del(tx, &tx.st.buried, buriedItem{token: t.Token}); ok && b.serial != t.Serial {
		put(tx, &tx.st.buried, b)
	}
	e := epitaphItem{accessor: accessorKey([]byte(t.Accessor))}
	if found, ok := del(tx, &tx.st.epitaphs, e); ok && found.serial != t.Serial {
		put(tx, &tx.st.epitaphs, found)
	}
}

// Tombstone finds what is known of a token that is gone.
func (s *State) Tombstone(d Digest) (*Tombstone, bool) {
	b, ok := s.buried.get(buriedItem{token: d})
	if !ok {
		return nil, false
	}
	return s.tombstones.find(b.serial)
}

// tombstoneByAccessor is Tombstone for who knows only the accessor.
func (s *State) tombstoneByAccessor(accessor string) (*Tombstone, bool) {
	if len(accessor) != AccessorBytes {
		return nil, false
	}
	e, ok := s.epitaphs.get(epitaphItem{accessor: accessorKey([]byte(accessor))})
	if !ok {
		return nil, false
	}
	return s.tombstones.find(e.serial)
}

// TombstonesAfter lists burials after a serial in their order, at most so many.
func (s *State) TombstonesAfter(serial uint64, most int) (list []*Tombstone) {
	s.tombstones.ascend(row[uint64, *Tombstone]{key: serial + 1}, func(it row[uint64, *Tombstone]) bool {
		list = append(list, it.record)
		return len(list) < most
	})
	return list
}
