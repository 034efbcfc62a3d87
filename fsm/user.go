package fsm

import "strings"

// User is the record of one user of a userpass mount.
type User struct {
	Mount   uint64 // serial of the mount
	Name    string // in lower case
	Version uint64 // serial of the command that wrote it
	// Hash is the bcrypt hash of the password: salted and slow to guess at, so it
	// stands in the log and in snapshots as it is.
	Hash   []byte
	Params TokenParams
}

type userKey struct {
	mount uint64
	name  string
}

func (k userKey) less(o userKey) bool {
	return k.mount < o.mount || k.mount == o.mount && k.name < o.name
}

func (u *User) key() userKey { return userKey{u.Mount, u.Name} }

func (u *User) tag() recordTag { return tagUser }

func (u *User) fields(c *coder) {
	c.u64(&u.Mount)
	c.string(&u.Name, MaxUserBytes)
	c.u64(&u.Version)
	c.bytes(&u.Hash, bcryptBytes)
	u.Params.fields(c)
}

// User finds a user of a mount by its name in lower case.
func (s *State) User(m *AuthMount, name string) (*User, bool) {
	return s.users.find(userKey{m.Serial, name})
}

// UserNames lists the users of a mount in order.
func (s *State) UserNames(m *AuthMount) (names []string) {
	s.users.ascend(row[userKey, *User]{key: userKey{mount: m.Serial}}, func(it row[userKey, *User]) bool {
		if it.key.mount != m.Serial {
			return false
		}
		names = append(names, it.key.name)
		return true
	})
	return names
}

func (s *State) firstUser(mount uint64) (*User, bool) {
	it, ok := s.users.from(row[userKey, *User]{key: userKey{mount: mount}})
	if !ok || it.key.mount != mount {
		return nil, false
	}
	return it.record, true
}

// dropFirstUser is the users' belonging.
func (tx *Tx) dropFirstUser(mount uint64) bool {
	u, any := tx.st.firstUser(mount)
	if any {
		tx.dropUser(u)
	}
	return any
}

func (tx *Tx) dropUser(u *User) {
	tx.forgive(u.key())
	delRecord(tx, &tx.st.users, u.key())
}

// UserName is the form in which users are stored: ASCII letters in lower case.
func UserName(text string) string { return foldName(text) }

// IsUserName says whether a text can name a user: letters, digits, underscores,
// and between such dots, dashes and at signs.
func IsUserName(name string) bool {
	return name != "" && len(name) <= MaxUserBytes &&
		isWord(strings.ReplaceAll(name, "@", ".")) && isWordByte(name[0]) && isWordByte(name[len(name)-1])
}

// userPath is where the API has a user.
func userPath(mount, name string) string { return "auth/" + mount + "/users/" + name }

// bcryptBytes is the length of a bcrypt hash: $2b$10$, 22 characters of salt and
// 31 of hash.
const bcryptBytes = 60

// isBcrypt says whether a text is a bcrypt hash whose cost one can bear to pay
// at each login.
func isBcrypt(h []byte) bool {
	if len(h) != bcryptBytes || h[0] != '$' || h[1] != '2' || h[3] != '$' || h[6] != '$' ||
		strings.IndexByte("aby", h[2]) < 0 || !isDigit(h[4]) || !isDigit(h[5]) {
		return false
	}
	if cost := 10*int(h[4]-'0') + int(h[5]-'0'); cost < MinPasswordCost || cost > MaxPasswordCost {
		return false
	}
	for _, b := range h[7:] {
		if !isWordByte(b) && b != '.' && b != '/' || b == '_' {
			return false
		}
	}
	return true
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
