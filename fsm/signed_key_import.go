package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SignedKeyImport takes over a signing key of a Waypoint server, so that tokens in
// the field go on being good. Nothing is signed with it here: Fresh is for that,
// and is put into use if no key is.
type SignedKeyImport struct {
	Key    NewKey
	Fresh  NewKey
	Cookie Sealed
}

func (*SignedKeyImport) kind() Kind { return kindSignedKeyImport }

func (i *SignedKeyImport) fields(c *coder) {
	i.Key.fields(c)
	i.Fresh.fields(c)
	i.Cookie.fields(c)
}

// Validate checks shape and bounds.
func (i *SignedKeyImport) Validate() error {
	for _, k := range [...]*NewKey{&i.Key, &i.Fresh} {
		if err := checkSigningKey(k); err != nil {
			return err
		}
	}
	if err := checkCookie(&i.Cookie); err != nil {
		return err
	}
	if i.Key.ID == i.Fresh.ID {
		return invalid(OutOfRange, "id of a key", i.Key.ID, "another than the fresh one's")
	}
	return nil
}

func checkSigningKey(k *NewKey) *Error {
	if k.Purpose != KeyWaypoint {
		return invalid(OutOfRange, "purpose of a key", k.Purpose, KeyWaypoint)
	}
	return checkNewKeys([]NewKey{*k})
}

func (i *SignedKeyImport) access(*State, *Actor) Access {
	return Access{Path: keyringPath + "/waypoint/" + i.Key.ID, Capability: policy.Update}
}

func (i *SignedKeyImport) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if err := tx.addKeys([]NewKey{i.Key}); err != nil {
		return nil, err
	}
	k, _ := tx.st.DataKey(KeyWaypoint, i.Key.ID)
	imported := *k
	imported.Imported = true
	putRecord(tx, &tx.st.dataKeys, k.key(), &imported)
	if _, own := tx.st.CurrentKey(KeyWaypoint); !own {
		if err := tx.addKeys([]NewKey{i.Fresh}); err != nil {
			return nil, err
		}
	}
	tx.keepCookie(i.Cookie)
	tx.st.SignedUntil = Never // nobody knows what it has signed
	return &Done{}, nil
}
