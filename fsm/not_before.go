package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

const notBeforePath = "jeton/not-before"

// NotBefore ends all batch tokens of a scope that were made up to now, or all signed
// ones that were issued up to a time, in one entry. Later ones are not touched, and tokens with a record neither: PrefixRevoke
// ends both.
type NotBefore struct {
	Scope FenceScope
	Name  string // of the key, path, role or user; empty for the cluster and for signed
	// Before is of signed tokens alone: those issued then or before it end. 0: now.
	Before Instant
}

func (*NotBefore) kind() Kind { return kindNotBefore }

func (n *NotBefore) fields(c *coder) {
	n.Scope.fields(c)
	c.string(&n.Name, MaxPathBytes)
	c.instant(&n.Before)
}

// Validate wants a name of the scope's kind.
func (n *NotBefore) Validate() error {
	bad := false
	switch n.Scope {
	case FenceCluster, FenceSigned:
		bad = n.Name != ""
	case FenceSignedUser:
		bad = len(n.Name) > MaxSignedIDBytes || !isWord(n.Name)
	case FenceKey, FenceSignedKey:
		bad = len(n.Name) > maxKeyIDBytes || !isWord(n.Name)
	case FenceRole:
		bad = len(n.Name) > MaxNameBytes || !isWord(n.Name)
	case FencePath:
		if strings.Trim(n.Name, "/") != n.Name || n.Name == "" {
			return invalid(FenceNameBad, n.Name, n.Scope)
		}
		if err := checkPath("path", n.Name); err != nil {
			return err
		}
	default:
		return invalid(OutOfRange, "scope", uint8(n.Scope), "cluster, key, path, role, signed, signed-key or user")
	}
	if n.Before < 0 || n.Before != 0 && n.Scope < FenceSigned {
		return invalid(OutOfRange, "time", n.Before.Time().Format(timeLayout), "not before 1970, and with a scope of signed tokens")
	}
	if bad {
		return invalid(FenceNameBad, n.Name, n.Scope)
	}
	return nil
}

func (*NotBefore) access(*State, *Actor) Access {
	return Access{Path: notBeforePath, Capability: policy.Update}
}

func (n *NotBefore) apply(tx *Tx, a *Actor) (Result, *Error) {
	if n.Scope >= FenceSigned {
		return n.applySigned(tx, a)
	}
	if n.Scope == FenceKey {
		if _, ok := tx.st.DataKey(KeyBatch, n.Name); !ok {
			return nil, verdict(NotFound, KeyNotFound, n.Name)
		}
	}
	return tx.fenceResult(fenceKey{n.Scope, n.Name}, Never, a)
}

func (n *NotBefore) applySigned(tx *Tx, a *Actor) (Result, *Error) {
	at, name := n.Before, foldName(n.Name)
	switch {
	case at > tx.clock():
		return nil, invalid(OutOfRange, "time", at.Time().Format(timeLayout), "not in the future")
	case at == 0: // whatever was made so far, at this very instant too
		at = max(tx.clock(), tx.st.SignedLast)
	}
	switch n.Scope {
	case FenceSignedKey:
		if _, ok := tx.st.DataKey(KeyWaypoint, name); !ok {
			return nil, verdict(NotFound, KeyNotFound, n.Name)
		}
	case FenceSignedUser: // one that is gone may have left invites
		if u, ok := tx.st.SignedUser(UserRef{UserByAny, n.Name}, a); ok {
			name = u.key()
		}
	}
	return tx.fenceSignedResult(fenceKey{n.Scope, name}, at, Never, a)
}

// FenceScopes are the scopes that can be asked for, by their names.
var FenceScopes = map[string]FenceScope{
	"cluster": FenceCluster, "key": FenceKey, "path": FencePath, "role": FenceRole,
	"signed": FenceSigned, "signed-key": FenceSignedKey, "user": FenceSignedUser,
}

// String is the scope in messages.
func (s FenceScope) String() string {
	switch s {
	case FenceCluster:
		return "cluster"
	case FenceKey:
		return "key"
	case FencePath:
		return "path"
	case FenceRole:
		return "role"
	case FenceSigned:
		return "signed"
	case FenceSignedKey:
		return "signed-key"
	case FenceSignedUser:
		return "user"
	case FenceSignedToken:
		return "signed-token"
	}
	return "token"
}
