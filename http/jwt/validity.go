package jwt

import (
	"cmp"
	"encoding/json"
	"math"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// The leeways of a role that names none, as in Vault.
const (
	defaultSkew   = 60 * time.Second
	defaultLeeway = 150 * time.Second
)

// maxSeconds is the end of the year 9999. A date beyond it is no date: most
// likely milliseconds, which would make a token good for ever.
const maxSeconds = 253402300799

// leeway is a role's leeway: 0 is the default, negative is none.
func leeway(asked, byDefault time.Duration) time.Duration {
	return max(0, cmp.Or(asked, byDefault))
}

// validity is from when and until when a token is good. At least one of exp, nbf
// and iat has to be there; what is missing follows from the others.
func validity(claims map[string]any, role *fsm.JWTRole) (from, until fsm.Instant, err error) {
	exp, hasExp, err := date(claims, "exp")
	if err != nil {
		return 0, 0, err
	}
	nbf, hasNbf, err := date(claims, "nbf")
	if err != nil {
		return 0, 0, err
	}
	iat, hasIat, err := date(claims, "iat")
	if err != nil {
		return 0, 0, err
	}
	if !hasExp && !hasNbf && !hasIat {
		return 0, 0, refuse("error validating token: no issued at (iat), not before (nbf), or expiration time (exp) claims in token")
	}
	if !hasExp {
		exp = max(iat, nbf).Add(leeway(role.ExpirationLeeway, defaultLeeway))
	}
	if !hasNbf {
		nbf = iat
		if !hasIat {
			nbf = exp.Add(-leeway(role.NotBeforeLeeway, defaultLeeway))
		}
	}
	skew := leeway(role.ClockSkewLeeway, defaultSkew)
	return max(nbf, iat).Add(-skew), exp.Add(skew), nil
}

// date is a NumericDate: seconds since 1970, which may have a fraction or an
// exponent. What lies before 1970 is 1970, what instants do not reach is never.
func date(claims map[string]any, name string) (fsm.Instant, bool, error) {
	v, there := claims[name]
	if !there {
		return 0, false, nil
	}
	number, ok := v.(json.Number)
	if !ok {
		return 0, false, refuse("error validating token: claim %q is not a number of seconds", name)
	}
	seconds, err := number.Float64()
	if err != nil || math.Abs(seconds) > maxSeconds {
		return 0, false, refuse("error validating token: claim %q is not a date in seconds since 1970", name)
	}
	whole, part := math.Modf(seconds)
	switch {
	case whole < 0 || part < 0:
		return 0, true, nil
	case whole >= math.MaxInt64/1e9:
		return fsm.Never, true, nil
	}
	return fsm.Instant(whole)*fsm.Instant(time.Second) + fsm.Instant(part*1e9), true, nil
}
