package fsmtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// FirstLogin is the name of the login that bootstrapping Waypoint's surface makes.
const FirstLogin = "s0"

// modelSigned is what a signed token says, besides what all tokens have.
type modelSigned struct {
	kind       fsm.SignedKind
	user, from string // ids
	signup     string // of an invite: name of the user to be made
	runner     string
	labels     uint64
}

// person is a user of Waypoint's.
type person struct {
	name     string
	policies []string
}

// IsSigned says whether the token of a name is a signed one.
func (m *Model) IsSigned(name string) bool {
	t := m.tokens[name]
	return t != nil && t.signed != nil
}

// addSigned makes a signed token, whose last instant counts.
func (m *Model) addSigned(name string, term int64, s modelSigned) fsm.Code {
	t := &modelToken{name: name, made: m.Clock, until: fsm.Never, key: m.signer(), signed: &s}
	if term > 0 {
		t.until = m.Clock + fsm.Instant(term) + 1
	}
	m.tokens[name] = t
	return 0
}

// refuses is what the holder of a token is told whatever it asks for, 0 if it is a
// credential.
func (m *Model) refuses(name string) fsm.Code {
	t := m.tokens[name]
	switch {
	case t == nil || t.signed == nil && !m.Live(name):
		return fsm.Denied
	case t.signed == nil:
		return 0
	case m.ended(t), t.signed.kind == fsm.SignedInvite:
		return fsm.Unauthenticated
	case t.signed.kind == fsm.SignedTrigger:
		return fsm.Denied
	case t.signed.kind == fsm.SignedLogin && m.people[t.signed.user] == nil:
		return fsm.Unauthenticated
	}
	return 0
}

// ended says whether nothing is left of a signed token, whatever it is for.
func (m *Model) ended(t *modelToken) bool {
	return t.dead || t.until <= m.Clock || m.retired[t.key]
}

// assume gives a signed token the policies that its user has now.
func (m *Model) assume(t *modelToken) {
	if t.signed != nil && t.signed.kind == fsm.SignedLogin {
		t.policies = set(m.people[t.signed.user].policies, true)
	}
}

// standing is what a runner's own token lets it do at all.
func (m *Model) standing(t *modelToken) bool {
	if t.signed.runner == "" {
		return true
	}
	r := m.runners[t.signed.runner]
	return r != nil && (r.state == fsm.RunnerAdopted || r.state == fsm.RunnerPreadopted) &&
		(t.signed.labels == 0 || t.signed.labels == r.labels)
}

// surface is what signed tokens may do besides what policies say.
func (m *Model) surface(t *modelToken, path string) (allowed, denied bool) {
	if t.signed == nil {
		return false, false
	}
	if t.signed.kind == fsm.SignedRunner && !strings.HasSuffix(path, "/online") && !m.standing(t) {
		return false, true
	}
	for _, folder := range []string{"token/", "user/", "runner/"} {
		if strings.HasPrefix(path, folder) {
			return true, false
		}
	}
	return path == "auth/token/lookup-self" || path == "auth/token/revoke-self", false
}

// userFor is the id of a user as whom a token may let somebody act.
func (m *Model) userFor(id string, by *modelToken) (string, fsm.Code) {
	switch {
	case by.signed != nil && by.signed.kind != fsm.SignedLogin, by.signed == nil && id == "":
		return "", fsm.Unauthenticated
	case id == "":
		id = by.signed.user
	}
	p := m.people[id]
	if p == nil {
		return "", fsm.NotFound
	}
	for _, n := range p.policies {
		if !by.sudo() && !slices.Contains(by.policies, n) {
			return "", fsm.Denied
		}
	}
	return id, 0
}

// named finds the id of a user by its name.
func (m *Model) named(name string) (string, bool) {
	for id, p := range m.people { // order: names are unique
		if p.name == name {
			return id, true
		}
	}
	return "", false
}

// signer is the key that signs.
func (m *Model) signer() string { return m.signers[len(m.signers)-1] }

// People lists the users with their names and policies, in order of their ids.
func (m *Model) People() (list []string) {
	for id, p := range m.people { // order: sorted below
		list = append(list, fmt.Sprintf("%s %s %v", id, p.name, p.policies))
	}
	slices.Sort(list)
	return list
}
