package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// LiveSigned is the token of a signed token whose signature was verified, known by
// the digest of its body, unless something has ended it. Its holder is told what
// did: only who holds the text learns anything. A runner's standing is not asked
// here, for a runner may come back by its token; see Authorize.
func (s *State) LiveSigned(t *SignedToken, d Digest, at Instant) (*Token, *Error) {
	if err := s.EndOfSigned(t, at); err != nil {
		return nil, err
	}
	switch t.Kind {
	case SignedInvite:
		return nil, verdict(Unauthenticated, SignedInviteShown)
	case SignedTrigger:
		return nil, verdict(Denied, SignedTriggerShown)
	case SignedRunner:
		return t.token(d, nil), nil
	}
	u, ok := s.SignedUserByID(t.User)
	if !ok {
		return nil, verdict(Unauthenticated, SignedUserGone)
	}
	return t.token(d, u), nil
}

// StandingOfSigned says why a token of any kind does not count where it is meant to; nil:
// it does.
func (s *State) StandingOfSigned(t *SignedToken, at Instant) *Error {
	switch t.Kind {
	case SignedInvite:
		if err := s.EndOfSigned(t, at); err != nil {
			return err
		}
		return s.standingOfInvite(t)
	case SignedTrigger:
		return s.MayTrigger(t, at)
	}
	if _, err := s.LiveSigned(t, Digest{}, at); err != nil {
		return err
	}
	if t.Kind == SignedRunner {
		return s.admitsRunner(t)
	}
	return nil
}

// MayTrigger says why a token does not count at a trigger's URL, where alone one made for
// that does; nil: it does.
func (s *State) MayTrigger(t *SignedToken, at Instant) *Error {
	if err := s.EndOfSigned(t, at); err != nil {
		return err
	}
	user := t.User
	switch t.Kind {
	case SignedTrigger:
		user = t.From
	case SignedLogin:
	default:
		return verdict(Denied, PermissionDenied)
	}
	if _, ok := s.SignedUserByID(user); !ok {
		return verdict(Unauthenticated, SignedUserGone)
	}
	return nil
}

// EndOfSigned says why a signed token counts no longer, whatever it is for; nil: nothing
// has ended it.
func (s *State) EndOfSigned(t *SignedToken, at Instant) *Error {
	k, ok := s.DataKey(KeyWaypoint, t.KeyID)
	switch {
	case !ok:
		return verdict(Unauthenticated, SignedKeyUnknown)
	case k.RetiredAt != 0:
		return verdict(Unauthenticated, SignedKeyRetired)
	case t.ValidUntil < at:
		return verdict(Unauthenticated, SignedExpired, t.ValidUntil.Time().Format(timeLayout))
	case s.fencedSigned(t):
		if t.Kind == SignedInvite {
			return verdict(Unauthenticated, InviteSpent)
		}
		return verdict(Unauthenticated, SignedRevoked)
	}
	return nil
}

const timeLayout = "2006-01-02T15:04:05.999999999Z07:00" // RFC 3339

// What signed tokens may do besides what the policies of their user say. The whole
// of Waypoint's own surface is open to a login and a runner, as it is in Waypoint.
// These rules are not stored, so they can be neither written nor deleted; a stored
// policy of the user may deny some of it. To be of use it has to deny token/login and
// token/runner too, by which everyone makes tokens that are not held to it.
var (
	waypointRules = policy.Compile(mustPolicy(append(selfRules(),
		folderRule("token/"), folderRule("user/"), folderRule("runner/"), folderRule("server/"), folderRule("entrypoint/"),
		policy.Rule{Path: "user", Capabilities: policy.Read},
		policy.Rule{Path: "users", Capabilities: policy.Read},
		policy.Rule{Path: "runners", Capabilities: policy.Read},
		policy.Rule{Path: "auth-methods", Capabilities: policy.Read},
	)...))
	entrypointRules = policy.Compile(mustPolicy(append(selfRules(), folderRule("entrypoint/"))...))
)

func folderRule(path string) policy.Rule {
	return policy.Rule{Path: path, Prefix: true, Capabilities: policy.Create | policy.Read | policy.Update | policy.Delete}
}

func selfRules() []policy.Rule {
	return []policy.Rule{
		{Path: "auth/token/lookup-self", Capabilities: policy.Read},
		{Path: "auth/token/revoke-self", Capabilities: policy.Update},
		{Path: refreshPath, Capabilities: policy.Update},
	}
}

func mustPolicy(rules ...policy.Rule) *policy.Policy {
	p, err := policy.New(rules...)
	if err != nil {
		panic("fsm: built-in policy: " + err.Error())
	}
	return p
}

// aclOf is what a caller may do.
func (s *State) aclOf(t *Token) policy.ACL {
	acl := s.acl(t.Policies)
	switch {
	case t.signed == nil:
		return acl
	case t.signed.Kind == SignedEntrypoint:
		return append(acl, entrypointRules)
	}
	return append(acl, waypointRules)
}

// admitsSigned is what holds for signed tokens on a path whatever any policy says:
// an entrypoint token is good for its deployment alone, and a runner's only while
// the runner is adopted and its labels are those for which it was made.
func (s *State) admitsSigned(t *SignedToken, path string) *Error {
	switch t.Kind {
	case SignedEntrypoint:
		return t.admitsEntrypoint(path)
	case SignedRunner:
		if id, ok := strings.CutPrefix(path, "runner/"); ok {
			if id, ok = strings.CutSuffix(id, onlineSuffix); ok && isRunnerID(id) {
				return nil // RunnerOnline, which judges by itself
			}
		}
		return s.admitsRunner(t)
	}
	return nil
}

func (t *SignedToken) admitsEntrypoint(path string) *Error {
	rest, ok := strings.CutPrefix(path, entrypointFolder)
	if !ok {
		for _, r := range selfRules() {
			if path == r.Path {
				return nil
			}
		}
		return verdict(Unauthenticated, EntrypointOnly)
	}
	if _, deployment, _ := strings.Cut(rest, "/"); deployment != t.Deployment || deployment == "" {
		return verdict(Denied, EntrypointOther)
	}
	return nil
}

// admitsRunner judges a token without the id of a runner, which is any runner's,
// by nothing, as Waypoint does.
func (s *State) admitsRunner(t *SignedToken) *Error {
	if t.Runner == "" {
		return nil
	}
	r, ok := s.Runner(t.Runner)
	switch {
	case !ok:
		return verdict(Denied, RunnerUnknown)
	case r.State == RunnerRejected:
		return verdict(Denied, RunnerIsRejected)
	case r.State == RunnerPending:
		return verdict(Denied, RunnerIsPending)
	case t.LabelHash != 0 && t.LabelHash != r.LabelHash:
		return verdict(Denied, RunnerRelabelled)
	}
	return nil
}
