package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SecretEnable mounts a secrets engine at a path of the caller's choice.
type SecretEnable struct {
	Path        string // no slash at either end
	Type        string
	Accessor    string // drawn by the proposer
	Description string
	Local       bool
	SealWrap    bool
	Config      MountConfig
}

func (*SecretEnable) kind() Kind { return kindSecretEnable }

func (e *SecretEnable) fields(c *coder) {
	c.string(&e.Path, MaxMountBytes)
	c.string(&e.Type, MaxMountBytes)
	c.string(&e.Accessor, MaxMountBytes)
	c.string(&e.Description, MaxDescriptionBytes)
	c.bool(&e.Local)
	c.bool(&e.SealWrap)
	e.Config.fields(c)
}

// Validate checks shape and bounds.
func (e *SecretEnable) Validate() error {
	if err := checkSecretPath(e.Path); err != nil {
		return err
	}
	if err := e.mount().check(); err != nil {
		return err
	}
	if err := checkSecretSettings(&e.Config); err != nil {
		return err
	}
	if !isSecretEngine(e.Type) {
		return invalid(MountTypeUnknown, e.Type)
	}
	return nil
}

func (e *SecretEnable) access(*State, *Actor) Access {
	return Access{Path: "sys/mounts/" + e.Path, Capability: policy.Update}
}

func (e *SecretEnable) apply(tx *Tx, _ *Actor) (Result, *Error) { return tx.mount(e.mount()) }

func (e *SecretEnable) mount() *Mount {
	return &Mount{
		Class: ClassSecret, Path: e.Path, Type: e.Type, Accessor: e.Accessor,
		Description: e.Description, Local: e.Local, SealWrap: e.SealWrap, Config: e.Config,
	}
}
