package fsm

import (
	"net/netip"
	"strings"
)

// login is a token that a login method is about to give out, after all that is
// the method's own was checked.
type login struct {
	mount    *AuthMount
	params   *TokenParams
	from     netip.Addr // of the client, for bound CIDRs
	token    Digest
	accessor string
	name     string // below auth/<mount>/login in the source path; empty: the method has none there
	display  string // what follows the mount in the display name; empty: nothing does
	meta     []MetaPair
}

// login makes the token: an orphan that remembers the mount it came from, named
// as Vault names it.
func (tx *Tx) login(l login) (*TokenCreated, *Error) {
	if !l.params.admits(l.from) {
		return nil, verdict(Denied, PermissionDenied)
	}
	policies, err := l.params.grantedPolicies()
	if err != nil {
		return nil, err
	}
	t, kind := l.params.token(l.token, l.accessor, policies), l.params.kindOfToken(l.mount)
	t.Path, t.Meta = loginPath(l.mount.Path, l.name), l.meta
	t.DisplayName = strings.ReplaceAll(l.mount.Path, "/", "-")
	if l.display != "" {
		t.DisplayName += "-" + l.display
	}
	if kind == TypeBatch {
		if err := t.mayBeBatch(); err != nil {
			return nil, err
		}
	}
	warnings, err := t.begin(l.params.lifetime(tx.clock(), l.mount))
	if err != nil {
		return nil, err
	}
	made := &TokenCreated{
		Accessor: t.Accessor(), Policies: t.Policies, Meta: t.Meta, TTL: t.TTL, Period: t.Period,
		Renewable: t.Renewable, Orphan: true, NumUses: t.NumUses, Warnings: warnings,
	}
	if err := tx.issue(t, kind, made, false); err != nil {
		return nil, err
	}
	return made, nil
}

// loginPath is the source path of tokens that a method gives out.
func loginPath(mount, name string) string {
	path := "auth/" + mount + "/login"
	if name != "" {
		path += "/" + name
	}
	return path
}
