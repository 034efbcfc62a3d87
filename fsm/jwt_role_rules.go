package fsm

import "strings"

// check wants every field of a role that a request names within its bounds.
func (r *JWTRole) check() *Error {
	switch {
	case len(r.Audiences) > MaxJWTBounds:
		return invalid(OutOfRange, "number of bound_audiences", len(r.Audiences), "at most 64")
	case len(r.Claims) > MaxJWTBounds:
		return invalid(OutOfRange, "number of bound_claims", len(r.Claims), "at most 64")
	}
	for _, d := range r.leeways() {
		if *d > MaxTTL {
			return invalid(OutOfRange, "leeway", *d, "at most 10 years")
		}
	}
	if err := checkName("user_claim", r.UserClaim); err != nil {
		return err
	}
	if err := checkName("groups_claim", r.GroupsClaim); err != nil {
		return err
	}
	for _, text := range append([]string{r.Subject}, r.Audiences...) {
		if err := checkClaim(text); err != nil {
			return err
		}
	}
	if err := r.checkClaims(); err != nil {
		return err
	}
	if err := r.checkMappings(); err != nil {
		return err
	}
	if err := r.Params.check(); err != nil {
		return err
	}
	return r.checkSize()
}

// checkSize keeps a role below what its lists could hold together.
func (r *JWTRole) checkSize() *Error {
	if size := len(encode(r)); size > MaxJWTRoleBytes {
		return invalid(RoleTooLarge, size, MaxJWTRoleBytes)
	}
	return nil
}

func checkClaim(text string) *Error {
	if len(text) > MaxClaimBytes {
		return invalid(OutOfRange, "length of a claim's value", len(text), "at most 512 bytes")
	}
	return nil
}

// checkClaims wants the bound claims in order, each once, with some values.
func (r *JWTRole) checkClaims() *Error {
	for i, b := range r.Claims {
		switch {
		case b.Name == "" || len(b.Name) > MaxNameBytes:
			return invalid(OutOfRange, "length of a bound claim's name", len(b.Name), "1 to 256 bytes")
		case i > 0 && r.Claims[i-1].Name >= b.Name:
			return invalid(OutOfRange, "bound claim", b.Name, "above the one before it")
		case len(b.Values) > MaxClaimValues, !b.List && len(b.Values) != 1:
			return invalid(OutOfRange, "number of values of a bound claim", len(b.Values), "at most 64")
		}
		for _, v := range b.Values {
			if v.Kind < ClaimString || v.Kind > ClaimBool {
				return invalid(OutOfRange, "type of a bound claim", v.Kind, "a string, a number or a boolean")
			}
			if err := checkClaim(v.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkMappings wants each metadata key written by one claim, and none to pass
// for the role, on which the renewal of a token rests.
func (r *JWTRole) checkMappings() *Error {
	if err := checkMeta(r.Mappings); err != nil {
		return err
	}
	for i, p := range r.Mappings {
		if p.Value == roleMeta || p.Value == "" || p.Key == "" {
			return invalid(JWTMappingReserved, p.Value)
		}
		for _, q := range r.Mappings[:i] {
			if q.Value == p.Value {
				return invalid(JWTMappingTwice, p.Value)
			}
		}
	}
	return nil
}

// fits checks the fields of a whole role against each other.
func (r *JWTRole) fits() *Error {
	switch {
	case strings.Trim(r.UserClaim, asciiSpace) == "":
		return invalid(JWTUserClaimMissing)
	case len(r.Audiences) == 0 && r.Subject == "" && len(r.Claims) == 0 && len(r.Params.BoundCIDRs) == 0:
		return invalid(JWTUnbound)
	}
	if r.Globs {
		for _, b := range r.Claims {
			for _, v := range b.Values {
				if v.Kind != ClaimString {
					return invalid(JWTGlobNotText, b.Name)
				}
			}
		}
	}
	if err := r.checkSize(); err != nil {
		return err
	}
	return r.Params.fits()
}
