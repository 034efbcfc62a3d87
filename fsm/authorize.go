package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

// Access is what a request needs: a capability on an API path.
type Access struct {
	Path       string
	Capability policy.Capability
}

// Authorize judges whether an actor may do what access names. It is the one
// door: commands pass it inside apply, reads on the view they are answered from.
// A path that only root or sudo may take needs the sudo capability besides.
func (s *State) Authorize(a *Actor, access Access, c Caller) *Error {
	if t := a.Token.signed; t != nil {
		if err := s.admitsSigned(t, access.Path); err != nil {
			return err
		}
	}
	g := a.acl.Match(access.Path, access.Capability)
	need := access.Capability
	if rootProtected(access.Path) {
		need |= policy.Sudo
	}
	if !g.Allows(need) {
		return verdict(Denied, PermissionDenied)
	}
	if !g.CheckWrapTTL(c.WrapTTL) {
		return verdict(Denied, WrapTTLRefused)
	}
	if g.HasParameters() && c.ParamsAt != s.PolicyVersion {
		return verdict(Recheck, PolicyMoved)
	}
	return nil
}

// Grant is what the actor's policies say about a path: for capability queries
// and for the node that checks a request's parameters.
func (a *Actor) Grant(access Access) policy.Grant {
	return a.acl.Match(access.Path, access.Capability)
}

// Reaches says whether the actor has any business at a mount, whose path ends in
// a slash.
func (a *Actor) Reaches(mount string) bool { return a.acl.Reaches(mount) }

// Resultant is what the actor's policies give together, by pattern.
func (a *Actor) Resultant() (exact, wild map[string]policy.Grant) { return a.acl.Resultant() }

func (a *Actor) sudo(path string) bool {
	return a.acl.Match(path, policy.Update).Allows(policy.Sudo)
}

// CapabilitiesOf lists what a token may do on a path, as sys/capabilities says.
func (s *State) CapabilitiesOf(t *Token, path string) []string {
	if t.signed != nil && s.admitsSigned(t.signed, path) != nil {
		return policy.ACL{}.Capabilities(path)
	}
	return s.aclOf(t).Capabilities(path)
}

// ParamsVersion is what Caller.ParamsAt must be for parameters checked on s.
func (s *State) ParamsVersion() uint64 { return s.PolicyVersion }

// rootProtected names the paths that need sudo besides their capability, as in
// Vault's token and system backends.
func rootProtected(path string) bool {
	if path == "sys/leases/lookup/" { // the list of the top folder; without the slash it looks up one lease
		return true
	}
	for _, p := range prefixEndpoints {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	path = strings.TrimSuffix(path, "/") // another spelling of the same
	switch path {
	case "auth/token/accessors", "jeton/tokens",
		"sys/step-down", "sys/raw", "sys/seal", "sys/rotate", "sys/audit", "sys/leases", "sys/remount",
		batchRevokePath, signedRevokePath, notBeforePath, keyringPath, snapshotSchedules:
		return true
	}
	for _, folder := range [...]string{keyringPath + "/", "sys/leases/lookup/", "sys/auth/", "sys/mounts/auth/", "sys/audit/", "sys/config/auditing/", snapshotSchedules + "/"} {
		if strings.HasPrefix(path, folder) {
			return true
		}
	}
	return false
}

// NeedsSudo says whether a path needs the capability sudo besides its own: for
// the description of the API.
func NeedsSudo(path string) bool { return rootProtected(path) }

// acl is the union of the named policies, compiled when they were stored. A
// name without a policy grants nothing.
func (s *State) acl(names []string) policy.ACL {
	acl := make(policy.ACL, 0, len(names)+1) // and what a kind of token has besides
	for _, n := range names {
		switch n {
		case rootPolicy:
			return policy.ACL{policy.Root()}
		case wrappingPolicy:
			acl = append(acl, wrappingRules)
			continue
		}
		if p, ok := s.Policy(n); ok {
			acl = append(acl, p.rules)
		}
	}
	return acl
}

// AccessOf is what a command will need in this state: for the node that checks
// its parameters before proposing it.
func (s *State) AccessOf(a *Actor, c Command) Access { return c.access(s, a) }
