package fsm

import (
	"fmt"
	"net/netip"
	"time"
)

// Approle is the record of one role of an approle mount. Its secret-ids are tied
// to its serial, so that none comes back with its name.
type Approle struct {
	Serial uint64 // of the command that made it
	Mount  uint64 // serial of the mount
	Name   string // in lower case
	RoleID string // one of a kind in the mount: the name by which logins call the role
	Closed bool   // deleted: waits for the sweep of its secret-ids
	Rules  SecretIDRules
	Params TokenParams
}

// SecretIDRules are what a role says of its secret-ids.
type SecretIDRules struct {
	Bind    bool           // a login needs one
	CIDRs   []netip.Prefix // from where the role is logged in to; empty: from anywhere
	NumUses uint32         // of a new secret-id, and at most; 0: any number
	TTL     time.Duration  // likewise; 0: without an end
	Local   bool           // as asked for; shown, and without meaning here
}

func (r *Approle) tag() recordTag { return tagApprole }

func (r *Approle) fields(c *coder) {
	c.u64(&r.Serial)
	c.u64(&r.Mount)
	c.string(&r.Name, MaxUserBytes)
	c.string(&r.RoleID, MaxRoleIDBytes)
	c.bool(&r.Closed)
	r.Rules.fields(c)
	r.Params.fields(c)
}

func (r *SecretIDRules) fields(c *coder) {
	c.bool(&r.Bind)
	cidrFields(c, &r.CIDRs)
	c.u32(&r.NumUses)
	c.duration(&r.TTL)
	c.bool(&r.Local)
}

func cidrFields(c *coder, ranges *[]netip.Prefix) {
	list(c, ranges, MaxBoundCIDRs, func(c *coder, p *netip.Prefix) { c.prefix(p) })
}

// approleItem finds a role by its name in a mount, or by its role-id.
type approleItem struct {
	mount  uint64
	text   string
	serial uint64
}

func (i approleItem) less(o approleItem) bool {
	return i.mount < o.mount || i.mount == o.mount && i.text < o.text
}

// Approle finds a role of a mount by its name in lower case.
func (s *State) Approle(m *AuthMount, name string) (*Approle, bool) {
	return s.approleAt(&s.approleNames, m, name)
}

// ApproleByID finds a role of a mount by its role-id.
func (s *State) ApproleByID(m *AuthMount, roleID string) (*Approle, bool) {
	return s.approleAt(&s.approleIDs, m, roleID)
}

func (s *State) approleAt(t *table[approleItem], m *AuthMount, text string) (*Approle, bool) {
	it, ok := t.get(approleItem{mount: m.Serial, text: text})
	if !ok {
		return nil, false
	}
	return s.approles.find(it.serial)
}

// ApproleNames lists the roles of a mount in order.
func (s *State) ApproleNames(m *AuthMount) (names []string) {
	s.approleNames.ascend(approleItem{mount: m.Serial}, func(it approleItem) bool {
		if it.mount != m.Serial {
			return false
		}
		names = append(names, it.text)
		return true
	})
	return names
}

// approleOf finds the role that a command names.
func (s *State) approleOf(mount, name string) (*AuthMount, *Approle, *Error) {
	m, err := s.methodAt(MountApprole, mount)
	if err != nil {
		return nil, nil, err
	}
	r, ok := s.Approle(m, name)
	if !ok {
		return nil, nil, verdict(NotFound, ApproleUnknown, name)
	}
	return m, r, nil
}

// putApprole writes a role that is not deleted.
func (tx *Tx) putApprole(r *Approle) {
	old, had := putRecord(tx, &tx.st.approles, r.Serial, r)
	if had && old.RoleID != r.RoleID {
		del(tx, &tx.st.approleIDs, approleItem{mount: r.Mount, text: old.RoleID})
	}
	put(tx, &tx.st.approleNames, approleItem{r.Mount, r.Name, r.Serial})
	put(tx, &tx.st.approleIDs, approleItem{r.Mount, r.RoleID, r.Serial})
}

// hideApprole takes a role from its name and its role-id: no login finds it, nor
// its secret-ids, any more.
func (tx *Tx) hideApprole(r *Approle) {
	del(tx, &tx.st.approleNames, approleItem{mount: r.Mount, text: r.Name})
	del(tx, &tx.st.approleIDs, approleItem{mount: r.Mount, text: r.RoleID})
}

// closeApprole ends a role. Its secret-ids are swept.
func (tx *Tx) closeApprole(r *Approle) {
	tx.hideApprole(r)
	closed := *r
	closed.Closed = true
	putRecord(tx, &tx.st.approles, r.Serial, &closed)
	put(tx, &tx.st.closedApproles, r.Serial)
}

// sweepApprole deletes what is left of a closed role, the role last.
func (tx *Tx) sweepApprole(serial uint64, budget *int) {
	for *budget > 0 && tx.dropFirstSecretID(serial) {
		*budget--
	}
	if *budget > 0 {
		*budget--
		del(tx, &tx.st.closedApproles, serial)
		delRecord(tx, &tx.st.approles, serial)
	}
}

// dropFirstApprole is the belonging of approle mounts: a role's secret-ids go
// before it. Closed roles are swept before mounts are.
func (tx *Tx) dropFirstApprole(mount uint64) bool {
	it, ok := tx.st.approleNames.from(approleItem{mount: mount})
	if !ok || it.mount != mount {
		return false
	}
	if tx.dropFirstSecretID(it.serial) {
		return true
	}
	if r, there := delRecord(tx, &tx.st.approles, it.serial); there {
		tx.hideApprole(r)
	}
	return true
}

// enterApprole is enter for roles: no two open ones of a mount have one name or
// one role-id.
func (tx *Tx) enterApprole(r *Approle) bool {
	if r.Closed {
		put(tx, &tx.st.closedApproles, r.Serial)
		return enterLast(tx, &tx.st.approles, r.Serial, r)
	}
	_, twice := tx.st.approleNames.get(approleItem{mount: r.Mount, text: r.Name})
	_, again := tx.st.approleIDs.get(approleItem{mount: r.Mount, text: r.RoleID})
	if twice || again || !above(&tx.st.approles, r.Serial) {
		return false
	}
	tx.putApprole(r)
	return true
}

// approlePath is where the API has a role.
func approlePath(mount, name string) string { return "auth/" + mount + "/role/" + name }

// checkApprole wants a mount's path and a role's name within their bounds. Roles
// are named as users are.
func checkApprole(mount, name string) *Error {
	if err := checkUser(mount, name); err != nil {
		if err.Reason == UserNameBad {
			err.Reason = ApproleNameBad
		}
		return err
	}
	return nil
}

// checkApproles wants every role to belong to a mount and every secret-id to a
// role: the sweep of what they belong to is what ends them.
func (s *State) checkApproles() (err error) {
	s.approles.each(func(r *Approle) bool {
		if m, ok := s.mounts.find(r.Mount); !ok || m.Type != MountApprole {
			err = fmt.Errorf("role %s of mount %d, which is none for it", r.Name, r.Mount)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	s.secretIDs.each(func(id *SecretID) bool {
		if _, ok := s.approles.find(id.Role); !ok {
			err = fmt.Errorf("secret-id of role %d, which is not there", id.Role)
		}
		return err == nil
	})
	return err
}
