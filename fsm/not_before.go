package fsm

import (
	"strings"

	"github.com/jeton-io/jeton/fsm/policy"
)

const notBeforePath = "jeton/not-before"

// NotBefore ends all batch tokens of a scope that were made up to now, in one
// entry. Later ones are not touched, and tokens with a record neither: PrefixRevoke
// ends both.
type NotBefore struct {
	Scope FenceScope
	Name  string // of the key, path or role; empty for the cluster
}

func (*NotBefore) kind() Kind { return kindNotBefore }

func (n *NotBefore) fields(c *coder) {
	n.Scope.fields(c)
	c.string(&n.Name, MaxPathBytes)
}

// Validate wants a name of the scope's kind.
func (n *NotBefore) Validate() error {
	bad := false
	switch n.Scope {
	case FenceCluster:
		bad = n.Name != ""
	case FenceKey:
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
		return invalid(OutOfRange, "scope", uint8(n.Scope), "cluster, key, path or role")
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
	if n.Scope == FenceKey {
		if _, ok := tx.st.DataKey(KeyBatch, n.Name); !ok {
			return nil, verdict(NotFound, KeyNotFound, n.Name)
		}
	}
	return tx.fenceResult(fenceKey{n.Scope, n.Name}, Never, a)
}

// FenceScopes are the scopes that can be asked for, by their names.
var FenceScopes = map[string]FenceScope{
	"cluster": FenceCluster, "key": FenceKey, "path": FencePath, "role": FenceRole,
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
	}
	return "token"
}
