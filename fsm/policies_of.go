package fsm

// policyRequest is all that decides which policies a new token gets.
type policyRequest struct {
	asked    []string // as the client wrote them; empty: none asked for
	declined bool     // no_default_policy
	sudo     bool     // the caller has sudo on the create path, or root
	parent   []string // the caller's own policies
	role     *Role    // nil: made without one
}

// policiesOf decides the policies of a new token by the rules of Vault's token
// store:
//
//   - A role that restricts policies replaces every other rule; see byRole.
//   - Who asks for nothing gets the caller's own set, the default policy only
//     if it is in there.
//   - Who has sudo gets what it asks for and the default policy.
//   - Anyone else gets a subset of its own policies, and the default policy if
//     it has that itself.
//
// no_default_policy takes the default policy out at the very end, also when it
// was asked for by name. Only a token that itself has root may give root: sudo
// is not enough.
func policiesOf(r policyRequest) ([]string, *Error) {
	var set []string
	switch {
	case r.role != nil && r.role.restrictsPolicies():
		var err *Error
		if set, err = r.byRole(); err != nil {
			return nil, err
		}
	case len(r.asked) == 0:
		set = r.parent
	case r.sudo:
		set = policySet(r.asked, !r.declined)
	default:
		if set = policySet(r.asked, false); !subsetOf(set, r.parent) {
			return nil, invalid(PoliciesNotSubset)
		}
		set = policySet(set, !r.declined && hasName(r.parent, defaultPolicy))
	}
	if r.declined {
		set = withoutName(set, defaultPolicy)
	}
	switch {
	case hasName(set, wrappingPolicy):
		return nil, invalid(PolicyUnassignable, wrappingPolicy)
	case hasName(set, rootPolicy) && !hasName(r.parent, rootPolicy):
		return nil, invalid(RootNeedsRoot)
	case len(set) > MaxPolicies+1:
		return nil, invalid(OutOfRange, "number of policies", len(set), "at most 64")
	}
	return set, nil
}

// byRole applies a role's lists, which stand in for the subset rule: that is
// what lets a role give policies that its user does not have. Without a request
// the allowed list is what the token gets, or the caller's own set when the role
// only disallows. The default policy is added unless it is declined or
// disallowed; it is always allowed where it is added.
func (r *policyRequest) byRole() ([]string, *Error) {
	role := r.role
	addDefault := !r.declined && !role.NoDefaultPolicy && !role.disallows(defaultPolicy)
	var set []string
	if len(r.asked) > 0 {
		set = policySet(r.asked, addDefault)
	}
	switch {
	case len(role.AllowedPolicies) == 0 && len(role.AllowedPoliciesGlob) == 0:
		if len(set) == 0 {
			set = policySet(r.parent, addDefault)
		}
	case len(set) == 0:
		set = policySet(role.AllowedPolicies, addDefault)
	default:
		allowed := policySet(role.AllowedPolicies, addDefault)
		for _, n := range set {
			if !hasName(allowed, n) && !anyGlob(role.AllowedPoliciesGlob, n) {
				return nil, invalid(PoliciesNotAllowed, n, role.Name)
			}
		}
	}
	for _, n := range set {
		if role.disallows(n) {
			return nil, invalid(PolicyDisallowed, n)
		}
	}
	return set, nil
}

func (r *Role) restrictsPolicies() bool {
	return len(r.AllowedPolicies)+len(r.AllowedPoliciesGlob)+
		len(r.DisallowedPolicies)+len(r.DisallowedPoliciesGlob) > 0
}

func (r *Role) disallows(policy string) bool {
	return hasName(r.DisallowedPolicies, policy) || anyGlob(r.DisallowedPoliciesGlob, policy)
}

// allowsAlias says whether the role lets its tokens stand for an entity alias.
// The list is in lower case already.
func (r *Role) allowsAlias(alias string) bool {
	return anyGlob(r.AllowedEntityAliases, foldName(alias))
}

// missingPolicies warns of policies that are not stored: Vault gives a token
// their names all the same, and the rights when they come to be.
func (s *State) missingPolicies(set []string, warnings []Warning) []Warning {
	for _, n := range set {
		if n == rootPolicy {
			continue
		}
		if _, ok := s.Policy(n); !ok {
			warnings = append(warnings, warning(PolicyUnknown, n))
		}
	}
	return warnings
}
