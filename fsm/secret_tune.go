package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SecretTune changes the given settings of a mounted secrets engine. Leases that
// were given out before feel it when they are renewed.
type SecretTune struct {
	Path        string
	Given       MountFields
	Description string
	Config      MountConfig
}

func (*SecretTune) kind() Kind { return kindSecretTune }

func (t *SecretTune) fields(c *coder) {
	c.string(&t.Path, MaxMountBytes)
	t.Given.fields(c)
	c.string(&t.Description, MaxDescriptionBytes)
	t.Config.fields(c)
}

// Validate checks each setting by itself.
func (t *SecretTune) Validate() error {
	if err := checkTuning(t.Path, t.Given, t.Description, &t.Config); err != nil {
		return err
	}
	if t.Given&userSettings != 0 {
		return invalid(SecretMountSetting)
	}
	return nil
}

func (t *SecretTune) access(*State, *Actor) Access {
	return Access{Path: "sys/mounts/" + t.Path + "/tune", Capability: policy.Update}
}

func (t *SecretTune) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, ok := tx.st.SecretMount(t.Path)
	if !ok {
		return nil, invalid(NothingMountedSecret, t.Path+"/")
	}
	return tx.tune(m, t.Given, t.Description, &t.Config)
}
