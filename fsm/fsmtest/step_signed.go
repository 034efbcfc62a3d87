package fsmtest

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// PersonStep makes a user, or changes its policies.
type PersonStep struct {
	Create   bool
	Name     string
	Policies []string // sorted
}

// Command is what the machine is given.
func (s *PersonStep) Command() fsm.Command {
	c := NewUser(s.Name, s.Policies...)
	if !s.Create {
		c.Create, c.User, c.Given = false, ByName(s.Name), fsm.GivenUserPolicies
	}
	return c
}

func (s *PersonStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "jeton/users", policy.Update
}

func (s *PersonStep) model(m *Model, _ *modelToken) fsm.Code {
	id, taken := m.named(s.Name)
	switch {
	case s.Create && (taken || m.people[UserID(s.Name)] != nil):
		return fsm.Exists
	case s.Create:
		m.people[UserID(s.Name)] = &person{s.Name, s.Policies}
	case !taken:
		return fsm.NotFound
	default:
		m.people[id].policies = s.Policies
	}
	return 0
}

// DropStep deletes a user.
type DropStep struct{ ID string }

// Command is what the machine is given.
func (s *DropStep) Command() fsm.Command { return &fsm.SignedUserDelete{User: ByID(s.ID)} }

func (s *DropStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "user/by-id/" + s.ID, policy.Delete
}

func (s *DropStep) model(m *Model, _ *modelToken) fsm.Code {
	if m.people[s.ID] != nil && len(m.people) == 1 {
		return fsm.Invalid
	}
	delete(m.people, s.ID)
	return 0
}

// LoginStep makes a login, or a token for triggers.
type LoginStep struct {
	Name    string
	User    string // id; "": the caller's
	Term    time.Duration
	Trigger bool
}

// Command is what the machine is given.
func (s *LoginStep) Command() fsm.Command {
	return &fsm.LoginIssue{Accessor: Accessor(s.Name), Term: s.Term, User: ref(s.User), Trigger: s.Trigger}
}

func ref(id string) fsm.UserRef {
	if id == "" {
		return fsm.UserRef{}
	}
	return ByID(id)
}

func (s *LoginStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "token/login", policy.Update
}

func (s *LoginStep) model(m *Model, by *modelToken) fsm.Code {
	id, code := m.userFor(s.User, by)
	switch {
	case code != 0:
		return code
	case s.Trigger && by.signed == nil:
		return fsm.Unauthenticated
	case s.Trigger:
		return m.addSigned(s.Name, int64(s.Term), modelSigned{kind: fsm.SignedTrigger, from: by.signed.user})
	}
	return m.addSigned(s.Name, int64(s.Term), modelSigned{kind: fsm.SignedLogin, user: id})
}

// InviteStep makes an invite.
type InviteStep struct {
	Name   string
	User   string // id; "": the caller's
	Signup string // "": it is no invite to sign up
	Term   time.Duration
}

// Command is what the machine is given.
func (s *InviteStep) Command() fsm.Command {
	return &fsm.InviteIssue{Accessor: Accessor(s.Name), Term: s.Term, User: ref(s.User), Signup: s.Signup != "", Username: s.Signup}
}

func (s *InviteStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "token/invite", policy.Update
}

func (s *InviteStep) model(m *Model, by *modelToken) fsm.Code {
	t := modelSigned{kind: fsm.SignedInvite, signup: s.Signup}
	if by.signed != nil {
		if by.signed.kind != fsm.SignedLogin {
			return fsm.Unauthenticated
		}
		t.from = by.signed.user
	}
	if s.User != "" || s.Signup == "" || t.from != "" {
		id, code := m.userFor(s.User, by)
		if code != 0 {
			return code
		}
		t.user = id
	}
	return m.addSigned(s.Name, int64(s.Term), t)
}

// ExchangeStep turns an invite into a login.
type ExchangeStep struct {
	Invite, Name string
	Shown        fsm.SignedToken // what the invite says, if it is known; see Lab.Signed
}

// Command is what the machine is given.
func (s *ExchangeStep) Command() fsm.Command {
	return &fsm.InviteExchange{Invite: s.Shown, Accessor: Accessor(s.Name), NewUser: UserID(s.Name)}
}

func (s *ExchangeStep) access(*Model, *modelToken) (string, policy.Capability) { return "", 0 }

// Unknown is what an invite that nobody made says: a key that nobody has signs it.
func (s *ExchangeStep) Unknown() fsm.SignedToken {
	return fsm.SignedToken{KeyID: "nobody", Accessor: Accessor(s.Invite), Kind: fsm.SignedInvite, ValidUntil: fsm.Never}
}

func (s *ExchangeStep) model(m *Model, _ *modelToken) fsm.Code {
	t := m.tokens[s.Invite]
	switch {
	case t == nil:
		return fsm.Unauthenticated
	case t.signed.kind != fsm.SignedInvite:
		return fsm.Invalid
	case m.ended(t), t.signed.from != "" && m.people[t.signed.from] == nil:
		return fsm.Unauthenticated
	}
	user := t.signed.user
	if name := t.signed.signup; name != "" {
		if _, taken := m.named(name); taken {
			return fsm.Exists
		}
		user = UserID(s.Name)
		m.people[user] = &person{name: name}
	} else if m.people[user] == nil {
		return fsm.Unauthenticated
	}
	t.dead = true
	return m.addSigned(s.Name, 0, modelSigned{kind: fsm.SignedLogin, user: user})
}

// RefreshStep makes a token like the caller's.
type RefreshStep struct{ Name string }

// Command is what the machine is given.
func (s *RefreshStep) Command() fsm.Command { return &fsm.SignedRefresh{Accessor: Accessor(s.Name)} }

func (s *RefreshStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "token/refresh", policy.Update
}

func (s *RefreshStep) model(m *Model, by *modelToken) fsm.Code {
	if by.signed == nil {
		return fsm.Invalid
	}
	var term int64
	if by.until != fsm.Never {
		term = int64(by.until - by.made - 1)
	}
	return m.addSigned(s.Name, term, *by.signed)
}

// EndSignedStep ends signed tokens: all, those of a key or a user, or one.
type EndSignedStep struct {
	Scope  fsm.FenceScope
	Name   string      // of the key or token, id of the user
	Before fsm.Instant // 0: now
}

// Command is what the machine is given.
func (s *EndSignedStep) Command() fsm.Command {
	if s.Scope == fsm.FenceSignedToken {
		return &fsm.SignedRevoke{Accessor: Accessor(s.Name)}
	}
	return &fsm.NotBefore{Scope: s.Scope, Name: s.Name, Before: s.Before}
}

func (s *EndSignedStep) access(*Model, *modelToken) (string, policy.Capability) {
	return "jeton/not-before", policy.Update // jeton/signed/revoke is as far out of reach
}

func (s *EndSignedStep) model(m *Model, _ *modelToken) fsm.Code {
	for _, t := range m.tokens { // order: each stands alone
		if t.signed == nil || s.Before != 0 && t.made > s.Before {
			continue
		}
		switch s.Scope {
		case fsm.FenceSigned:
			t.dead = true
		case fsm.FenceSignedKey:
			t.dead = t.dead || t.key == s.Name
		case fsm.FenceSignedUser:
			t.dead = t.dead || t.signed.user == s.Name || t.signed.from == s.Name
		case fsm.FenceSignedToken:
			t.dead = t.dead || t.name == s.Name
		}
	}
	return 0
}
