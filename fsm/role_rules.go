package fsm

import (
	"net/netip"
	"strings"
	"time"
)

// check wants every field of a role that a request names within its bounds, as
// if it stood alone.
func (r *Role) check() *Error {
	switch {
	case len(r.Name) > MaxNameBytes:
		return checkName("role name", r.Name)
	case !isWord(r.Name) || !isWordByte(r.Name[0]) || !isWordByte(r.Name[len(r.Name)-1]):
		return invalid(RoleNameBad)
	case len(r.PathSuffix) > MaxSuffixBytes:
		return invalid(OutOfRange, "path_suffix length", len(r.PathSuffix), "at most 128 bytes")
	case r.PathSuffix != "" && (!isWord(r.PathSuffix) || strings.Contains(r.PathSuffix, "..")):
		return invalid(PathSuffixBad)
	case r.NumUses > MaxUses:
		return invalid(OutOfRange, "token_num_uses", r.NumUses, "at most 2147483648")
	case r.TokenType > TypeDefaultBatch:
		return invalid(BadTokenType)
	case r.Deprecated&^everDeprecated != 0:
		return invalid(OutOfRange, "deprecated fields", r.Deprecated, "period, explicit_max_ttl and bound_cidrs")
	}
	for _, d := range [...]struct {
		field string
		value time.Duration
	}{{"token_period", r.Period}, {"token_explicit_max_ttl", r.ExplicitMaxTTL}} {
		if err := checkDuration(d.field, d.value); err != nil {
			return err
		}
	}
	for _, l := range r.lists() {
		if len(*l) > MaxRoleGlobs {
			return invalid(OutOfRange, "number of names in a list", len(*l), "at most 256")
		}
		for _, n := range *l {
			if err := checkName("name in a list", n); err != nil {
				return err
			}
		}
	}
	if err := checkCIDRs(r.BoundCIDRs); err != nil {
		return err
	}
	return r.checkSize()
}

// checkCIDRs wants each range in its one spelling: masked, and IPv4 as such.
func checkCIDRs(ranges []netip.Prefix) *Error {
	if len(ranges) > MaxBoundCIDRs {
		return invalid(OutOfRange, "number of bound CIDRs", len(ranges), "at most 64")
	}
	for _, p := range ranges {
		if !p.IsValid() || p != p.Masked() || p.Addr().Is4In6() {
			return invalid(OutOfRange, "bound CIDR", p, "a masked IPv4 or IPv6 range")
		}
	}
	return nil
}

// checkSize keeps a role below what a record and a command can hold: its lists
// are bounded one by one far above that.
func (r *Role) checkSize() *Error {
	size := 0
	for _, l := range r.lists() {
		for _, n := range *l {
			size += len(n) + 2
		}
	}
	if size > MaxRoleBytes {
		return verdict(Invalid, RoleTooLarge, size, MaxRoleBytes)
	}
	return nil
}

func (r *Role) lists() [5]*[]string {
	return [5]*[]string{&r.AllowedPolicies, &r.DisallowedPolicies,
		&r.AllowedPoliciesGlob, &r.DisallowedPoliciesGlob, &r.AllowedEntityAliases}
}

// take copies the given fields of another role. Lists come into the form in
// which Vault keeps them: folded, sorted, each name once. Root among the allowed
// policies stands for them all, among the disallowed ones it is a name like any.
func (r *Role) take(from *Role, given RoleFields) {
	if given&GivenAllowedPolicies != 0 {
		r.AllowedPolicies = policySet(from.AllowedPolicies, false)
	}
	if given&GivenDisallowedPolicies != 0 {
		r.DisallowedPolicies = nameSet(from.DisallowedPolicies)
	}
	if given&GivenAllowedPoliciesGlob != 0 {
		r.AllowedPoliciesGlob = policySet(from.AllowedPoliciesGlob, false)
	}
	if given&GivenDisallowedPoliciesGlob != 0 {
		r.DisallowedPoliciesGlob = nameSet(from.DisallowedPoliciesGlob)
	}
	if given&GivenAllowedEntityAliases != 0 {
		r.AllowedEntityAliases = nameSet(from.AllowedEntityAliases)
	}
	if given&GivenOrphan != 0 {
		r.Orphan = from.Orphan
	}
	if given&GivenRenewable != 0 {
		r.Renewable = from.Renewable
	}
	if given&GivenPathSuffix != 0 {
		r.PathSuffix = from.PathSuffix
	}
	if given&GivenPeriod != 0 {
		r.Period = wholeSeconds(from.Period)
	}
	if given&GivenExplicitMaxTTL != 0 {
		r.ExplicitMaxTTL = wholeSeconds(from.ExplicitMaxTTL)
	}
	if given&GivenBoundCIDRs != 0 {
		r.BoundCIDRs = from.BoundCIDRs
	}
	if given&GivenTokenType != 0 && from.TokenType != TypeUnset {
		r.TokenType = from.TokenType
	}
	if given&GivenNoDefaultPolicy != 0 {
		r.NoDefaultPolicy = from.NoDefaultPolicy
	}
	if given&GivenNumUses != 0 {
		r.NumUses = from.NumUses
	}
	r.Deprecated = r.Deprecated&^given | from.Deprecated&given
}

// fits checks the fields of a whole role against each other. A role for batch
// tokens must not promise what those can not have.
func (r *Role) fits() *Error {
	if r.TokenType == TypeBatch {
		switch {
		case !r.Orphan:
			return invalid(BatchRole, "non-orphan")
		case r.Period != 0:
			return invalid(BatchRole, "periodic")
		case r.Renewable:
			return invalid(BatchRole, "renewable")
		case r.ExplicitMaxTTL != 0:
			return invalid(BatchRole, "explicit max TTL")
		}
	}
	return r.checkSize()
}
