package fsm

import (
	"cmp"
	"encoding/hex"
	"strings"
	"time"
)

// Mount is the record of a login method or a secrets engine where it is mounted.
// What belongs to it (users, roles, leases) is tied to its serial, so that
// nothing of it comes back when its path is used again.
type Mount struct {
	Class       MountClass
	Serial      uint64 // of the command that enabled it; its name below the path
	Version     uint64 // of the command that wrote it last
	Path        string // of a login method below auth/; no slash at either end
	Type        string
	Accessor    string
	Description string
	Local       bool // as asked for; shown, and without meaning here
	SealWrap    bool // likewise
	Closed      bool // disabled: waits for the sweep of what belonged to it
	Config      MountConfig
}

// AuthMount is a Mount that is a login method.
type AuthMount = Mount

// MountClass parts login methods from secrets engines.
type MountClass uint8

// The classes, append-only.
const (
	ClassAuth   MountClass = 0
	ClassSecret MountClass = 1
)

// MountConfig is what tuning changes. Zero values are the defaults.
type MountConfig struct {
	DefaultTTL time.Duration // 0: the system's
	MaxTTL     time.Duration // 0: the system's
	TokenType  TokenType     // TypeUnset: default-service
	Visibility Visibility
	Lockout    LockoutConfig

	AuditRequestKeys  []string // not HMAC'd in audit entries
	AuditResponseKeys []string
	RequestHeaders    []string // kept for clients that read back what they set
	ResponseHeaders   []string
}

// Visibility says who is shown a mount by sys/internal/ui/mounts.
type Visibility uint8

// The visibilities, append-only.
const (
	VisibilityUnset  Visibility = 0
	VisibilityHidden Visibility = 1
	VisibilityUnauth Visibility = 2
)

// The login methods.
const (
	MountToken    = "token"
	MountUserpass = "userpass"
	MountApprole  = "approle"
	MountJWT      = "jwt"
	MountCert     = "cert"
)

// tokenDescription is what the token method is called until it is tuned.
const tokenDescription = "token based credentials"

func (m *Mount) tag() recordTag { return tagMount }

func (m *Mount) fields(c *coder) {
	c.u8((*uint8)(&m.Class))
	if m.Class > ClassSecret {
		c.fail(errNotCanonical)
	}
	c.u64(&m.Serial)
	c.u64(&m.Version)
	c.string(&m.Path, MaxMountBytes)
	c.string(&m.Type, MaxMountBytes)
	c.string(&m.Accessor, MaxMountBytes)
	c.string(&m.Description, MaxDescriptionBytes)
	c.bool(&m.Local)
	c.bool(&m.SealWrap)
	c.bool(&m.Closed)
	m.Config.fields(c)
}

func (m *MountConfig) fields(c *coder) {
	c.duration(&m.DefaultTTL)
	c.duration(&m.MaxTTL)
	m.TokenType.fields(c)
	c.u8((*uint8)(&m.Visibility))
	if m.Visibility > VisibilityUnauth {
		c.fail(errNotCanonical)
	}
	m.Lockout.fields(c)
	for _, l := range m.lists() {
		c.strings(l, MaxMountListItems, MaxNameBytes)
	}
}

func (m *MountConfig) lists() [4]*[]string {
	return [4]*[]string{&m.AuditRequestKeys, &m.AuditResponseKeys, &m.RequestHeaders, &m.ResponseHeaders}
}

// EffectiveTTLs are the default and the greatest TTL of what the mount gives
// out.
func (m *Mount) EffectiveTTLs() (byDefault, most time.Duration) {
	most = cmp.Or(m.Config.MaxTTL, MaxLeaseTTL)
	return min(cmp.Or(m.Config.DefaultTTL, DefaultTTL), most), most
}

// APIPath is where requests to the mount begin, below /v1/.
func (m *Mount) APIPath() string {
	if m.Class == ClassAuth {
		return authPrefix + m.Path
	}
	return m.Path
}

const authPrefix = "auth/"

// AuthMount finds the login method that is mounted at a path below auth/.
func (s *State) AuthMount(path string) (*AuthMount, bool) {
	if m, ok := s.storedMount(path); ok {
		return m, true
	}
	if path == MountToken && s.Initialized() {
		return &AuthMount{
			Path: MountToken, Type: MountToken, Description: tokenDescription,
			// one for each cluster, without anything having been drawn for it
			Accessor: "auth_token_" + hex.EncodeToString(s.Cluster[:8]),
		}, true
	}
	return nil, false
}

// storedMount is AuthMount without the token method as it is until it is tuned.
func (s *State) storedMount(path string) (*AuthMount, bool) {
	return s.mountAt(authPrefix + path)
}

// mountAt finds an open mount by its path in the API.
func (s *State) mountAt(path string) (*Mount, bool) {
	it, ok := s.mountPaths.get(mountItem{path: path})
	if !ok {
		return nil, false
	}
	return s.mounts.find(it.serial)
}

// AuthMounts lists the login methods in order of their paths.
func (s *State) AuthMounts() []*AuthMount {
	var list []*AuthMount
	token, _ := s.AuthMount(MountToken)
	s.mountPaths.ascend(mountItem{path: authPrefix}, func(it mountItem) bool {
		if !strings.HasPrefix(it.path, authPrefix) {
			return false
		}
		m, _ := s.mounts.find(it.serial)
		if token != nil && m.Path >= MountToken {
			if m.Path > MountToken {
				list = append(list, token)
			}
			token = nil
		}
		list = append(list, m)
		return true
	})
	if token != nil {
		list = append(list, token)
	}
	return list
}

// AuthMountOf finds the login method that a path of the API lies below, and what
// stands after the mount's path. Mounts do not nest, so there is at most one.
func (s *State) AuthMountOf(path string) (m *AuthMount, rest string, ok bool) {
	if m, rest, ok = s.storedMountOf(path); ok {
		return m, rest, ok
	}
	if rest, ok = strings.CutPrefix(path, "auth/token/"); ok {
		m, ok = s.AuthMount(MountToken)
	}
	return m, rest, ok
}

// storedMountOf is AuthMountOf without the token method as it is until it is
// tuned: for the settings of the mount that a token came from, which are the
// system's then.
func (s *State) storedMountOf(path string) (m *AuthMount, rest string, ok bool) {
	if !strings.HasPrefix(path, authPrefix) {
		return nil, "", false
	}
	return s.mountOf(path)
}

// mountOf finds the open mount that a path of the API lies below.
func (s *State) mountOf(path string) (m *Mount, rest string, ok bool) {
	if s.mountPaths.len() == 0 {
		return nil, "", false
	}
	for end := 0; ; end++ {
		i := strings.IndexByte(path[end:], '/')
		if i < 0 {
			return nil, "", false
		}
		end += i
		if m, ok := s.mountAt(path[:end]); ok {
			return m, path[end+1:], true
		}
	}
}

// mountClash finds the mount that leaves no room for a new one at a path of the
// API: there, above or below it.
func (s *State) mountClash(path string) (*Mount, bool) {
	if m, _, ok := s.mountOf(path + "/"); ok {
		return m, true
	}
	if m, _, ok := s.AuthMountOf(path + "/"); ok {
		return m, true
	}
	if it, ok := s.mountPaths.from(mountItem{path: path + "/"}); ok && strings.HasPrefix(it.path, path+"/") {
		return s.mounts.find(it.serial)
	}
	return nil, false
}

// putMount writes a mount that is open.
func (tx *Tx) putMount(m *Mount) {
	putRecord(tx, &tx.st.mounts, m.Serial, m)
	put(tx, &tx.st.mountPaths, mountItem{m.APIPath(), m.Serial})
}

// closeMount takes a mount from its path. What belonged to it is swept, but not
// before its last lease has been revoked, which needs it.
func (tx *Tx) closeMount(m *Mount) {
	del(tx, &tx.st.mountPaths, mountItem{path: m.APIPath()})
	tx.dropQuotas(m.APIPath())
	closed := *m
	closed.Closed = true
	putRecord(tx, &tx.st.mounts, m.Serial, &closed)
	if tx.st.CountLeases(m.Serial) == (LeaseCounts{}) {
		put(tx, &tx.st.closed, m.Serial)
	}
}

// enterMount is enter for mounts: no two open ones have one path.
func (tx *Tx) enterMount(m *Mount) bool {
	if !above(&tx.st.mounts, m.Serial) {
		return false
	}
	if m.Closed {
		put(tx, &tx.st.closed, m.Serial)
		putRecord(tx, &tx.st.mounts, m.Serial, m)
		return true
	}
	if _, twice := tx.st.mountPaths.get(mountItem{path: m.APIPath()}); twice {
		return false
	}
	tx.putMount(m)
	return true
}
