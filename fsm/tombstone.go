package fsm

// Tombstone is what stays of a dead token, so that "why" can be answered and
// its id is not given out again. The oldest ones go when there are too many.
type Tombstone struct {
	Serial   uint64 // order of burial
	Token    Digest
	Accessor string
	Death    Death
}

func (t *Tombstone) tag() recordTag { return tagTombstone }

func (t *Tombstone) fields(c *coder) {
	c.u64(&t.Serial)
	c.digest(&t.Token)
	c.string(&t.Accessor, AccessorBytes)
	t.Death.fields(c)
}

// bury writes t's tombstone. Burials of one command share its serial in Death;
// their own serials come from the same counter, which only has to grow.
func (tx *Tx) bury(t *Token, d Death) {
	tx.st.Serial++
	stone := &Tombstone{Serial: tx.st.Serial, Token: t.Digest, Accessor: t.Accessor, Death: d}
	putRecord(tx, &tx.st.tombstones, stone.Serial, stone)
	put(tx, &tx.st.buried, buriedItem{t.Digest, stone.Serial})
	for tx.st.tombstones.len() > MaxTombstones {
		first, _ := tx.st.tombstones.first()
		oldest, _ := delRecord(tx, &tx.st.tombstones, first.key)
		if b, ok := tx.st.buried.get(buriedItem{token: oldest.Token}); ok && b.serial == oldest.Serial {
			del(tx, &tx.st.buried, b)
		}
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
