package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// AuthEnable mounts a login method at a path of the caller's choice.
type AuthEnable struct {
	Path        string // below auth/, no slash at either end
	Type        string
	Accessor    string // drawn by the proposer
	Description string
	Local       bool
	SealWrap    bool
	Config      MountConfig
}

func (*AuthEnable) kind() Kind { return kindAuthEnable }

func (e *AuthEnable) fields(c *coder) {
	c.string(&e.Path, MaxMountBytes)
	c.string(&e.Type, MaxMountBytes)
	c.string(&e.Accessor, MaxMountBytes)
	c.string(&e.Description, MaxDescriptionBytes)
	c.bool(&e.Local)
	c.bool(&e.SealWrap)
	e.Config.fields(c)
}

// Validate checks shape and bounds.
func (e *AuthEnable) Validate() error {
	if err := e.mount().check(); err != nil {
		return err
	}
	if e.Type == MountToken {
		return invalid(TokenMountSingle)
	}
	if _, known := authMethods[e.Type]; !known {
		return invalid(MountTypeUnknown, e.Type)
	}
	return nil
}

// checkMountPath wants segments that can stand in a request's path and in the
// rules of policies.
func checkMountPath(path string) *Error {
	switch {
	case path == "":
		return invalid(MountPathBad, "empty")
	case len(path) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(path), "at most 128 bytes")
	}
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case segment == "", segment == ".", segment == "..":
			return invalid(MountPathBad, "not made of plain segments")
		case strings.ContainsFunc(segment, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '*' || r == '+' || r == '\uFFFD' }):
			return invalid(MountPathBad, "holding white space, a control character, * or +")
		}
	}
	return nil
}

// check wants each value by itself within its bounds, and those fit that stand
// together.
func (m *MountConfig) check() *Error {
	if err := checkDuration("default_lease_ttl", m.DefaultTTL); err != nil {
		return err
	}
	if err := checkDuration("max_lease_ttl", m.MaxTTL); err != nil {
		return err
	}
	switch {
	case m.TokenType > TypeDefaultBatch:
		return invalid(BadTokenType)
	case m.Visibility > VisibilityUnauth:
		return invalid(OutOfRange, "listing_visibility", m.Visibility, "a known one")
	}
	for _, l := range m.lists() {
		if len(*l) > MaxMountListItems {
			return invalid(OutOfRange, "number of names in a list", len(*l), "at most 64")
		}
		for _, n := range *l {
			if err := checkName("name in a list", n); err != nil {
				return err
			}
		}
	}
	return m.Lockout.check()
}

// fits checks a whole configuration.
func (m *MountConfig) fits() *Error {
	at := Mount{Config: *m}
	if _, most := at.EffectiveTTLs(); m.DefaultTTL > most {
		return invalid(DefaultAboveMax, m.DefaultTTL, most)
	}
	return nil
}

func (e *AuthEnable) access(*State, *Actor) Access {
	return Access{Path: "sys/auth/" + e.Path, Capability: policy.Update}
}

func (e *AuthEnable) apply(tx *Tx, _ *Actor) (Result, *Error) {
	return tx.mount(e.mount())
}

func (e *AuthEnable) mount() *Mount {
	return &Mount{
		Path: e.Path, Type: e.Type, Accessor: e.Accessor,
		Description: e.Description, Local: e.Local, SealWrap: e.SealWrap, Config: e.Config,
	}
}

// check wants a new mount to have a shape and to stay within its bounds.
func (m *Mount) check() *Error {
	if err := checkMountPath(m.Path); err != nil {
		return err
	}
	if err := m.Config.check(); err != nil {
		return err
	}
	switch {
	case m.Type == "":
		return invalid(MountTypeMissing)
	case len(m.Type) > MaxMountBytes:
		return invalid(OutOfRange, "type length", len(m.Type), "at most 128 bytes")
	case !isWord(m.Accessor) || len(m.Accessor) > MaxMountBytes:
		return invalid(OutOfRange, "accessor", m.Accessor, "a word")
	case len(m.Description) > MaxDescriptionBytes:
		return invalid(OutOfRange, "description length", len(m.Description), "at most 512 bytes")
	}
	return nil
}

// mount puts a new mount into use, where there is room for it.
func (tx *Tx) mount(m *Mount) (Result, *Error) {
	if other, clash := tx.st.mountClash(m.APIPath()); clash {
		return nil, verdict(Exists, MountPathUsed, other.Path+"/")
	}
	if err := m.Config.fits(); err != nil {
		return nil, err
	}
	if tx.st.mounts.len() >= MaxMounts {
		return nil, verdict(Limit, TooManyMounts, MaxMounts)
	}
	m.Serial, m.Version = tx.serial(), tx.serial()
	m.Config.normalise()
	tx.putMount(m)
	return &Done{}, nil
}

func (m *MountConfig) normalise() {
	m.DefaultTTL, m.MaxTTL = wholeSeconds(m.DefaultTTL), wholeSeconds(m.MaxTTL)
	m.Lockout.Duration, m.Lockout.Reset = wholeSeconds(m.Lockout.Duration), wholeSeconds(m.Lockout.Reset)
}
