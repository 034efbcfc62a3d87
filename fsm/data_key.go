package fsm

import "fmt"

// DataKey is one key of the cluster's keyring. The machine holds it wrapped with
// the seal key and never opens it: it says which key is in use and which one is
// to be trusted no longer.
type DataKey struct {
	Purpose     KeyPurpose
	Term        uint64 // counts the keys of a purpose from 1; the last is in use
	ID          string // drawn by the proposer; what was made with the key names it
	Box         Sealed
	Serial      uint64 // of the command that brought it
	InstalledAt Instant
	RetiredAt   Instant // 0: in force
	Until       Instant // of a retired one: when the last token made with it expires
	Imported    bool    // a Waypoint server's: it verifies, and nothing is signed with it
}

// KeyPurpose says what a key is for. Numbers are never reused.
type KeyPurpose uint8

// The purposes.
const (
	KeyStorage  KeyPurpose = 1 // secrets that stand in records: configurations, salts
	KeyBatch    KeyPurpose = 2 // batch tokens
	KeyWaypoint KeyPurpose = 3 // Waypoint tokens; there is none before somebody wants one
	maxPurpose             = KeyWaypoint

	firstPurposes = KeyBatch // of which there is a key from Bootstrap on
)

// String is the purpose in messages and as part of what a wrapped key is bound to.
func (p KeyPurpose) String() string {
	switch p {
	case KeyStorage:
		return "storage"
	case KeyBatch:
		return "batch"
	case KeyWaypoint:
		return "waypoint"
	}
	return fmt.Sprintf("purpose %d", uint8(p))
}

func (p *KeyPurpose) fields(c *coder) {
	c.u8((*uint8)(p))
	if *p == 0 || *p > maxPurpose {
		c.fail(errNotCanonical)
	}
}

type dataKeyKey struct {
	purpose KeyPurpose
	term    uint64
}

func (k dataKeyKey) less(o dataKeyKey) bool {
	return k.purpose < o.purpose || k.purpose == o.purpose && k.term < o.term
}

func (k *DataKey) key() dataKeyKey { return dataKeyKey{k.Purpose, k.Term} }

func (k *DataKey) tag() recordTag { return tagDataKey }

func (k *DataKey) fields(c *coder) {
	k.Purpose.fields(c)
	c.u64(&k.Term)
	c.string(&k.ID, maxKeyIDBytes)
	k.Box.fields(c)
	c.u64(&k.Serial)
	c.instant(&k.InstalledAt)
	c.instant(&k.RetiredAt)
	c.instant(&k.Until)
	c.bool(&k.Imported)
}

// CurrentKey is the key in use for a purpose: the newest of our own.
func (s *State) CurrentKey(p KeyPurpose) (current *DataKey, ok bool) {
	s.dataKeys.tree.Descend(row[dataKeyKey, *DataKey]{key: dataKeyKey{p, 1<<64 - 1}}, func(it row[dataKeyKey, *DataKey]) bool {
		if it.key.purpose != p {
			return false
		}
		if ok = !it.record.Imported; ok {
			current = it.record
		}
		return !ok
	})
	return current, ok
}

// DataKey finds a key by what is made with it names. Mostly that is the newest.
func (s *State) DataKey(p KeyPurpose, id string) (found *DataKey, ok bool) {
	s.dataKeys.tree.Descend(row[dataKeyKey, *DataKey]{key: dataKeyKey{p, 1<<64 - 1}}, func(it row[dataKeyKey, *DataKey]) bool {
		if it.key.purpose == p && it.record.ID == id {
			found, ok = it.record, true
		}
		return !ok && it.key.purpose == p
	})
	return found, ok
}

// DataKeys are the keys of a purpose, oldest first.
func (s *State) DataKeys(p KeyPurpose) (keys []*DataKey) {
	s.dataKeys.ascend(row[dataKeyKey, *DataKey]{key: dataKeyKey{purpose: p}}, func(it row[dataKeyKey, *DataKey]) bool {
		if it.key.purpose != p {
			return false
		}
		keys = append(keys, it.record)
		return true
	})
	return keys
}

// NewKey is a key that a command brings.
type NewKey struct {
	Purpose KeyPurpose
	ID      string
	Box     Sealed
}

func (k *NewKey) fields(c *coder) {
	k.Purpose.fields(c)
	c.string(&k.ID, maxKeyIDBytes)
	k.Box.fields(c)
}

// checkNewKeys wants at most one key for each purpose, in order.
func checkNewKeys(keys []NewKey) *Error {
	if len(keys) == 0 || len(keys) > int(maxPurpose) {
		return invalid(OutOfRange, "number of keys", len(keys), "one for each purpose")
	}
	for i, k := range keys {
		switch {
		case k.Purpose == 0 || k.Purpose > maxPurpose || i > 0 && keys[i-1].Purpose >= k.Purpose:
			return invalid(OutOfRange, "purpose of a key", k.Purpose, "a known one, above the one before it")
		case k.ID == "" || len(k.ID) > maxKeyIDBytes || !isWord(k.ID):
			return invalid(OutOfRange, "id of a key", k.ID, "a word of at most 64 bytes")
		case k.Purpose == KeyWaypoint && !isFolded(k.ID): // the form in which it is looked up
			return invalid(OutOfRange, "id of a signing key", k.ID, "in lower case")
		case len(k.Box.Box) == 0 || len(k.Box.KeyID) > maxKeyIDBytes || len(k.Box.Box) > maxSealedBytes:
			return invalid(OutOfRange, "length of a wrapped key", len(k.Box.Box), "1 to 4096 bytes")
		}
	}
	return nil
}

// addKeys puts new keys into use.
func (tx *Tx) addKeys(keys []NewKey) *Error {
	for _, k := range keys {
		if tx.st.dataKeys.len() >= MaxDataKeys {
			return verdict(Limit, TooManyDataKeys, MaxDataKeys)
		}
		for p := KeyStorage; p <= maxPurpose; p++ { // KeyRetire names a key by its id alone
			if _, twice := tx.st.DataKey(p, k.ID); twice {
				return verdict(Exists, DataKeyExists, k.ID)
			}
		}
		d := &DataKey{
			Purpose: k.Purpose, Term: 1, ID: k.ID, Box: k.Box,
			Serial: tx.serial(), InstalledAt: tx.clock(),
		}
		if keys := tx.st.DataKeys(k.Purpose); len(keys) > 0 {
			d.Term = keys[len(keys)-1].Term + 1
		}
		putRecord(tx, &tx.st.dataKeys, d.key(), d)
	}
	return nil
}
