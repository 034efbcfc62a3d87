package fsm

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// SecretID is the record of one secret-id of a role. Of the secret itself there
// is only a digest here, bound to the mount and the role, so that one text used
// twice does not show as that.
type SecretID struct {
	Role      uint64 // serial of the role
	Digest    Digest
	Accessor  string
	CreatedAt Instant
	UpdatedAt Instant       // of the latest login that was counted
	TTL       time.Duration // 0: without an end
	Uses      uint32        // left; 0: any number, since the last use removes the record
	Meta      []MetaPair    // given to its tokens
	CIDRs     []netip.Prefix
	// TokenCIDRs bind its tokens in place of the role's.
	TokenCIDRs []netip.Prefix
}

type (
	secretIDKey struct {
		role   uint64
		digest Digest
	}
	secretIDItem struct { // secret-ids by accessor
		role     uint64
		accessor accessorKey
		digest   Digest
	}
	secretIDEnd struct { // when a secret-id expires
		at Instant
		secretIDKey
	}
	secretIDCount struct { // how many a role has
		role uint64
		n    int
	}
)

func (k secretIDKey) less(o secretIDKey) bool {
	return k.role < o.role || k.role == o.role && k.digest.compare(o.digest) < 0
}

func (i secretIDItem) less(o secretIDItem) bool {
	return i.role < o.role || i.role == o.role && bytes.Compare(i.accessor[:], o.accessor[:]) < 0
}

func (e secretIDEnd) less(o secretIDEnd) bool {
	return e.at < o.at || e.at == o.at && e.secretIDKey.less(o.secretIDKey)
}

func (s *SecretID) tag() recordTag { return tagSecretID }

func (s *SecretID) fields(c *coder) {
	c.u64(&s.Role)
	c.digest(&s.Digest)
	c.string(&s.Accessor, AccessorBytes)
	c.instant(&s.CreatedAt)
	c.instant(&s.UpdatedAt)
	c.duration(&s.TTL)
	c.u32(&s.Uses)
	metaFields(c, &s.Meta)
	cidrFields(c, &s.CIDRs)
	cidrFields(c, &s.TokenCIDRs)
}

func (s *SecretID) key() secretIDKey { return secretIDKey{s.Role, s.Digest} }

func (s *SecretID) item() secretIDItem {
	return secretIDItem{s.Role, accessorKey([]byte(s.Accessor)), s.Digest}
}

// Deadline is when it expires, Never if it does not.
func (s *SecretID) Deadline() Instant {
	if s.TTL == 0 {
		return Never
	}
	return s.CreatedAt.Add(s.TTL)
}

// SecretID finds a secret-id of a role that has not expired at an instant.
func (s *State) SecretID(r *Approle, d Digest, at Instant) (*SecretID, bool) {
	id, ok := s.secretIDs.find(secretIDKey{r.Serial, d})
	if !ok || id.Deadline() <= at {
		return nil, false
	}
	return id, true
}

// SecretIDByAccessor is SecretID for who knows only the accessor.
func (s *State) SecretIDByAccessor(r *Approle, accessor string, at Instant) (*SecretID, bool) {
	if len(accessor) != AccessorBytes {
		return nil, false
	}
	it, ok := s.secretIDItems.get(secretIDItem{role: r.Serial, accessor: accessorKey([]byte(accessor))})
	if !ok {
		return nil, false
	}
	return s.SecretID(r, it.digest, at)
}

// SecretIDAccessors lists the secret-ids of a role that have not expired at an
// instant.
func (s *State) SecretIDAccessors(r *Approle, at Instant) (accessors []string) {
	s.secretIDItems.ascend(secretIDItem{role: r.Serial}, func(it secretIDItem) bool {
		if it.role != r.Serial {
			return false
		}
		if _, live := s.SecretID(r, it.digest, at); live {
			accessors = append(accessors, string(it.accessor[:]))
		}
		return true
	})
	return accessors
}

// countSecretIDs is how many a role has, expired ones included until they are
// cleared away.
func (s *State) countSecretIDs(role uint64) int {
	it, _ := s.secretIDCounts.get(secretIDCount{role: role})
	return it.n
}

// putSecretID writes a new secret-id.
func (tx *Tx) putSecretID(s *SecretID) {
	putRecord(tx, &tx.st.secretIDs, s.key(), s)
	put(tx, &tx.st.secretIDItems, s.item())
	put(tx, &tx.st.secretIDCounts, secretIDCount{s.Role, tx.st.countSecretIDs(s.Role) + 1})
	if end := s.Deadline(); end != Never {
		put(tx, &tx.st.secretIDEnds, secretIDEnd{end, s.key()})
	}
}

func (tx *Tx) dropSecretID(s *SecretID) {
	delRecord(tx, &tx.st.secretIDs, s.key())
	del(tx, &tx.st.secretIDItems, s.item())
	if end := s.Deadline(); end != Never {
		del(tx, &tx.st.secretIDEnds, secretIDEnd{end, s.key()})
	}
	count := secretIDCount{s.Role, tx.st.countSecretIDs(s.Role) - 1}
	if count.n > 0 {
		put(tx, &tx.st.secretIDCounts, count)
	} else {
		del(tx, &tx.st.secretIDCounts, count)
	}
}

// spendSecretID takes one use. The last one removes the secret-id in the same
// entry that made the token of it.
func (tx *Tx) spendSecretID(s *SecretID) {
	switch s.Uses {
	case 0:
	case 1:
		tx.dropSecretID(s)
	default:
		next := *s
		next.Uses--
		next.UpdatedAt = tx.clock()
		putRecord(tx, &tx.st.secretIDs, next.key(), &next)
	}
}

// dropFirstSecretID drops one of a role's. It says whether there was one.
func (tx *Tx) dropFirstSecretID(role uint64) bool {
	it, ok := tx.st.secretIDs.from(row[secretIDKey, *SecretID]{key: secretIDKey{role: role}})
	if !ok || it.key.role != role {
		return false
	}
	tx.dropSecretID(it.record)
	return true
}

// enterSecretID is enter for secret-ids: no two of a role have one accessor.
func (tx *Tx) enterSecretID(s *SecretID) bool {
	if len(s.Accessor) != AccessorBytes || !above(&tx.st.secretIDs, s.key()) {
		return false
	}
	if _, twice := tx.st.secretIDItems.get(s.item()); twice {
		return false
	}
	tx.putSecretID(s)
	return true
}

// roleNameKey is what the tokens of a role have its name under in their metadata.
const roleNameKey = "role_name"

// approleMeta is the metadata of a token of a role. The role's name comes before
// what a secret-id says it is.
func approleMeta(meta []MetaPair, role string) []MetaPair {
	own := MetaPair{roleNameKey, role}
	i, taken := slices.BinarySearchFunc(meta, own, func(a, b MetaPair) int { return cmp.Compare(a.Key, b.Key) })
	out := slices.Clone(meta)
	if taken {
		out[i] = own
		return out
	}
	return slices.Insert(out, i, own)
}
