package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SecretDisable ends a secrets engine, and with it in the same entry every lease
// that was made by it. What the engine needs to revoke them stays until they are
// gone.
type SecretDisable struct{ Path string }

func (*SecretDisable) kind() Kind        { return kindSecretDisable }
func (d *SecretDisable) fields(c *coder) { c.string(&d.Path, MaxMountBytes) }

// Validate bounds the path.
func (d *SecretDisable) Validate() error {
	if d.Path == "" || len(d.Path) > MaxMountBytes {
		return invalid(OutOfRange, "mount path length", len(d.Path), "1 to 128 bytes")
	}
	if err := checkSecretPath(d.Path); err != nil {
		return err
	}
	return nil
}

func (d *SecretDisable) access(*State, *Actor) Access {
	return Access{Path: "sys/mounts/" + d.Path, Capability: policy.Delete}
}

// apply does nothing to a path where nothing is mounted, as in Vault.
func (d *SecretDisable) apply(tx *Tx, a *Actor) (Result, *Error) {
	m, ok := tx.st.SecretMount(d.Path)
	if !ok {
		return &Done{}, nil
	}
	if err := tx.markPrefix(m.APIPath(), a.Token.Accessor(), false); err != nil {
		return nil, err
	}
	tx.closeMount(m)
	return &Done{}, nil
}
