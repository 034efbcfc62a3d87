package fsm

// Bootstrap makes the cluster's identity, its digest salt, the built-in
// policies and the first root token, once in the life of a cluster.
type Bootstrap struct {
	Cluster  Digest // identity of the cluster
	Salt     Sealed
	Keys     []NewKey // the first of the keyring, one for each purpose
	Token    Digest   // of the root token
	Accessor string
	Default  PolicySet // the policy named default
}

func (*Bootstrap) kind() Kind { return kindBootstrap }
func (*Bootstrap) cluster()   {}

func (b *Bootstrap) fields(c *coder) {
	c.digest(&b.Cluster)
	b.Salt.fields(c)
	list(c, &b.Keys, int(firstPurposes), func(c *coder, k *NewKey) { k.fields(c) })
	c.digest(&b.Token)
	c.string(&b.Accessor, AccessorBytes)
	b.Default.fields(c)
}

// Validate wants a full identity.
func (b *Bootstrap) Validate() error {
	switch {
	case b.Cluster.IsZero() || b.Token.IsZero():
		return invalid(OutOfRange, "cluster id or root token", "empty", "a digest")
	case len(b.Accessor) != AccessorBytes:
		return invalid(OutOfRange, "accessor length", len(b.Accessor), AccessorBytes)
	case len(b.Salt.KeyID) > maxKeyIDBytes || len(b.Salt.Box) > maxSealedBytes:
		return invalid(OutOfRange, "salt length", len(b.Salt.Box), "at most 4096 bytes")
	case len(b.Keys) != int(firstPurposes):
		return invalid(OutOfRange, "number of keys", len(b.Keys), "one for each purpose")
	case b.Default.Name != "default":
		return invalid(OutOfRange, "policy name", b.Default.Name, "default")
	}
	if err := checkNewKeys(b.Keys); err != nil {
		return err
	}
	if last := b.Keys[len(b.Keys)-1].Purpose; last != firstPurposes { // they are in order, each of another
		return invalid(OutOfRange, "purpose of a key", last, firstPurposes)
	}
	return b.Default.Validate()
}

// foundingCommand marks what needs no caller as long as the cluster is not
// initialized: there is nobody yet who could be asked, and whoever comes first
// decides whose the cluster is, as with Bootstrap.
type foundingCommand interface{ founds() }

// Founds says whether a command is one that can initialize a cluster.
func Founds(c Command) bool {
	_, ok := c.(foundingCommand)
	return ok
}

func (*Bootstrap) access(*State, *Actor) Access { return Access{} }

func (b *Bootstrap) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if tx.st.Initialized() {
		return nil, verdict(Exists, AlreadyInitialized)
	}
	tx.st.Cluster, tx.st.Salt = b.Cluster, b.Salt
	if err := tx.addKeys(b.Keys); err != nil {
		return nil, err
	}
	tx.setPolicy(&b.Default)
	tx.addToken(&Token{
		Terms: &Terms{Path: rootPath, DisplayName: "root", Policies: []string{"root"}},
		tokenBody: &tokenBody{
			Digest: b.Token, accessor: accessorKey([]byte(b.Accessor)), Serial: tx.serial(),
			CreatedAt: tx.clock(), Deadline: Never,
		},
	})
	return &Done{}, nil
}
