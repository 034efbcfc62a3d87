package fsm

// recordTag is the first byte of a record's canonical form. Append-only.
type recordTag uint8

const (
	tagHeader    recordTag = 1
	tagToken     recordTag = 2
	tagPolicy    recordTag = 3
	tagRole      recordTag = 4
	tagCubbyhole recordTag = 5
	tagMark      recordTag = 6
	tagTombstone recordTag = 7
	tagSession   recordTag = 8
	tagOutcome   recordTag = 9
	tagKeyed     recordTag = 10
	tagEnd       recordTag = 255
)

// eachRecord visits every record in canonical order: by tag, then by key.
func (s *State) eachRecord(f func(record) bool) {
	f(&s.header)
	each(&s.tokens, f)
	each(&s.policies, f)
	each(&s.roles, f)
	each(&s.cubbyholes, f)
	each(&s.marks, f)
	each(&s.tombstones, f)
	each(&s.sessions, f)
	each(&s.outcomes, f)
	each(&s.keys, f)
}

func each[T record](t *table[T], f func(record) bool) {
	t.scan(func(v T) bool { return f(v) })
}

// newRecord is an empty record to decode into.
func newRecord(tag recordTag) record {
	switch tag {
	case tagHeader:
		return new(header)
	case tagToken:
		return new(Token)
	case tagPolicy:
		return new(Policy)
	case tagRole:
		return new(Role)
	case tagCubbyhole:
		return new(Cubbyhole)
	case tagMark:
		return new(Mark)
	case tagTombstone:
		return new(Tombstone)
	case tagSession:
		return new(session)
	case tagOutcome:
		return new(outcome)
	case tagKeyed:
		return new(keyed)
	}
	return nil
}

// enter puts a decoded record into a state under construction, with what is
// derived from it. It refuses one that is not above the last of its kind:
// canonical order is what makes equal states equal bytes.
func (tx *Tx) enter(r record) bool {
	st := &tx.st
	switch r := r.(type) {
	case *header:
		st.header = *r
	case *Token:
		if !above(&st.tokens, tokenItem{r.Digest, r}) {
			return false
		}
		tx.addToken(r)
	case *Policy:
		return append1(tx, &st.policies, r)
	case *Role:
		return append1(tx, &st.roles, r)
	case *Cubbyhole:
		return append1(tx, &st.cubbyholes, r)
	case *Mark:
		return append1(tx, &st.marks, r)
	case *Tombstone:
		put(tx, &st.buried, buriedItem{r.Token, r.Serial})
		return append1(tx, &st.tombstones, r)
	case *session:
		return append1(tx, &st.sessions, r)
	case *outcome:
		return append1(tx, &st.outcomes, r)
	case *keyed:
		n, _ := st.callers.get(callerItem{caller: r.caller})
		put(tx, &st.callers, callerItem{r.caller, n.keys + 1})
		put(tx, &st.lapses, lapseItem{r.at.Add(KeyWindow), r.caller, r.key})
		return append1(tx, &st.keys, r)
	}
	return true
}

func append1[T record](tx *Tx, t *table[T], v T) bool {
	if !above(t, v) {
		return false
	}
	putRecord(tx, t, v)
	return true
}

func above[T any](t *table[T], v T) bool {
	last, ok := t.tree.Max()
	return !ok || t.tree.Less(last, v)
}
