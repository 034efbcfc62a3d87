package fsm

import "net/netip"

// planned is a token that is to be made, but for its times, what bounds those, and
// what the client is to be told.
type planned struct {
	token    *Token
	kind     TokenType // TypeService or TypeBatch
	life     lifetime
	warnings []Warning
}

// plan is the token that a TokenCreate asks for. It reads the state and changes
// nothing.
func (t *TokenCreate) plan(s *State, a *Actor) (*planned, *Error) {
	parent := a.Token
	if err := mayHaveChildren(parent); err != nil {
		return nil, err
	}
	path := t.path()
	role, err := t.findRole(s)
	if err != nil {
		return nil, err
	}
	sudo, kind := a.sudo(path), t.kindOfToken(role)
	if err := t.checkRights(role, parent, sudo); err != nil {
		return nil, err
	}
	policies, err := policiesOf(policyRequest{t.Policies, t.NoDefaultPolicy, sudo, parent.Policies, role})
	if err != nil {
		return nil, err
	}
	orphan, cidrs := t.parentage(role, parent)
	child := &Token{
		tokenBody: &tokenBody{Digest: t.Token, accessor: accessorKey([]byte(t.Accessor))},
		Terms: &Terms{
			Path: path, Role: t.Role, DisplayName: displayName(t.DisplayName), Policies: policies, Meta: t.Meta, CIDRs: cidrs,
			ExplicitMaxTTL: wholeSeconds(t.ExplicitMaxTTL), Period: wholeSeconds(t.Period),
			Renewable: !t.NotRenewable && kind != TypeBatch, NumUses: t.NumUses,
		},
	}
	life := lifetime{created: s.Clock, asked: wholeSeconds(t.TTL), period: child.Period, explicitMax: child.ExplicitMaxTTL}
	if m, ok := s.storedMount(MountToken); ok {
		life = life.on(m)
	}
	if !orphan {
		child.Parent, child.Depth = parent.Digest, parent.Depth+1
	}
	if role != nil {
		if role.PathSuffix != "" {
			child.Path += "/" + role.PathSuffix
		}
		child.Renewable = child.Renewable && role.Renewable
		child.NumUses = lesser(child.NumUses, role.NumUses)
	}
	child.UsesLeft = child.NumUses
	if kind == TypeBatch {
		if err := child.mayBeBatch(); err != nil {
			return nil, err
		}
	}
	life, warnings := life.within(role)
	return &planned{child, kind, life, warnings}, nil
}

// mayHaveChildren refuses a batch token, which nothing could hang on, and a parent
// whose uses are counted: its children would escape the count. Vault has it that a token on its last use can not even be
// found any more, and says so.
func mayHaveChildren(parent *Token) *Error {
	switch {
	case parent.IsBatch():
		return invalid(BatchParent)
	case parent.signed != nil:
		return invalid(SignedHoldsNothing)
	case !parent.Counted():
		return nil
	case parent.UsesLeft == 0:
		return invalid(NoParentFound)
	}
	return invalid(CountedParent)
}

func (t *TokenCreate) findRole(s *State) (*Role, *Error) {
	if t.Endpoint != CreateByRole {
		return nil, nil
	}
	role, ok := s.Role(t.Role)
	if !ok {
		return nil, invalid(RoleUnknown, t.Role)
	}
	return role, nil
}

// checkRights refuses what takes more than the right to the path. With a role
// no_parent means nothing: the role decides who is an orphan.
func (t *TokenCreate) checkRights(role *Role, parent *Token, sudo bool) *Error {
	if t.kindOfToken(role) == TypeBatch {
		if err := t.checkBatch(); err != nil {
			return err
		}
	}
	switch {
	case t.EntityAlias != "" && role == nil:
		return invalid(AliasNeedsRole)
	case t.EntityAlias != "" && !role.allowsAlias(t.EntityAlias):
		return invalid(AliasNotAllowed)
	case t.EntityAlias != "":
		return invalid(AliasUnknown)
	case t.ChosenID && !parent.IsRoot():
		return invalid(RootRequired, "specify token id")
	case t.NoParent && role == nil && !sudo:
		return invalid(SudoRequired, "create orphan token")
	case t.Period > 0 && !sudo:
		return invalid(SudoRequired, "create periodic token")
	}
	return nil
}

// kindOfToken is the type of the token to make: a role that says service or
// batch decides, one with a default only where the request is silent.
func (t *TokenCreate) kindOfToken(role *Role) TokenType {
	asked := t.Type
	if role != nil {
		switch role.TokenType {
		case TypeService, TypeBatch:
			return role.TokenType
		case TypeDefaultBatch:
			if asked == TypeUnset {
				return TypeBatch
			}
		}
	}
	if asked == TypeUnset {
		return TypeService
	}
	return asked
}

// parentage says whether the token is an orphan and to which addresses it is
// bound. Without a role a child takes over the caller's binding and an orphan
// sheds it, as in Vault; with one the role alone decides on both.
func (t *TokenCreate) parentage(role *Role, parent *Token) (orphan bool, cidrs []netip.Prefix) {
	switch {
	case role != nil:
		return role.Orphan, role.BoundCIDRs
	case t.NoParent || t.Endpoint == CreateOrphan:
		return true, nil
	}
	return false, parent.CIDRs
}

// mayAdd refuses a token whose id is in use or buried, and a tree that grows too
// deep. An id dies with its token, so that what was used up or expired can not
// come back under the same name; only one that was chosen, and then revoked by
// name, may be chosen again.
func (s *State) mayAdd(t *Token, chosen bool) *Error {
	if _, there := s.tokens.find(t.Digest.key()); there {
		return verdict(Exists, TokenExists)
	}
	if _, there := s.accessors.get(accessorItem{accessor: t.accessor}); there {
		return verdict(Exists, TokenExists)
	}
	if stone, there := s.Tombstone(t.Digest); there {
		named := stone.Death.Cause == Revoked || stone.Death.Cause == Cut
		if !chosen || !named {
			return verdict(Exists, TokenBuried)
		}
	}
	if t.Depth > MaxTreeDepth {
		return invalid(TreeTooDeep, t.Depth, MaxTreeDepth)
	}
	return nil
}
