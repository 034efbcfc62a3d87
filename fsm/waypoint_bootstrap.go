package fsm

// WaypointBootstrap makes the first signing key, the default user and its login, once
// in the life of a cluster: whoever comes first gets it, as in Waypoint.
type WaypointBootstrap struct {
	Accessor string
	Key      NewKey
	Cookie   Sealed
}

func (*WaypointBootstrap) kind() Kind { return kindWaypointBootstrap }
func (*WaypointBootstrap) anonymous() {}

func (b *WaypointBootstrap) fields(c *coder) {
	c.string(&b.Accessor, AccessorBytes)
	b.Key.fields(c)
	b.Cookie.fields(c)
}

// Validate checks shape and bounds.
func (b *WaypointBootstrap) Validate() error {
	if err := checkSigned(b.Accessor, 0); err != nil {
		return err
	}
	if err := checkSigningKey(&b.Key); err != nil {
		return err
	}
	if err := checkCookie(&b.Cookie); err != nil {
		return err
	}
	return nil
}

func (*WaypointBootstrap) access(*State, *Actor) Access { return Access{} }

func (b *WaypointBootstrap) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if len(tx.st.DataKeys(KeyWaypoint)) > 0 || tx.st.signedUsers.len() > 0 {
		return nil, verdict(Denied, AlreadyBootstrapped)
	}
	if err := tx.addKeys([]NewKey{b.Key}); err != nil {
		return nil, err
	}
	tx.keepCookie(b.Cookie)
	u := &SignedUser{ID: DefaultSignedUser, Username: defaultSignedUsername, Serial: tx.serial(), CreatedAt: tx.clock()}
	if err := tx.putSignedUser(u); err != nil {
		return nil, err
	}
	return made(tx.sign(SignedToken{Kind: SignedLogin, Accessor: b.Accessor, User: u.ID}, 0))
}
