package jwt

import (
	"errors"
	"fmt"
)

// Refusal says why a token is not taken, in words for whoever showed it.
type Refusal struct{ why string }

func (r *Refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// Unavailable says what a verification waited for in vain. The token may be good.
type Unavailable struct{ waited string }

func (u *Unavailable) Error() string { return u.waited }

// ErrMoved says that the configuration is older than one that the Verifier has
// seen: look at the state again.
var ErrMoved = errors.New("jwt: the configuration is not the present one")

// errUnsigned says that none of the keys at hand has signed the token.
var errUnsigned = refuse("error validating token: error verifying token signature: no known key successfully validated the token signature")
