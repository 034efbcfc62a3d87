package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// JWTConfigSet configures a jwt mount, as a whole: what it does not name has its
// default again.
type JWTConfigSet struct {
	Mount  string    // path of the mount
	Config JWTConfig // Mount and Version are ignored
}

func (*JWTConfigSet) kind() Kind { return kindJWTConfigSet }

func (j *JWTConfigSet) fields(c *coder) {
	c.string(&j.Mount, MaxMountBytes)
	j.Config.fields(c)
}

// Validate checks shape and bounds.
func (j *JWTConfigSet) Validate() error {
	if j.Mount == "" || len(j.Mount) > MaxMountBytes {
		return invalid(OutOfRange, "mount path length", len(j.Mount), "1 to 128 bytes")
	}
	if err := j.Config.check(); err != nil {
		return err
	}
	return nil
}

func (j *JWTConfigSet) access(*State, *Actor) Access {
	return Access{Path: "auth/" + j.Mount + "/config", Capability: policy.Update}
}

func (j *JWTConfigSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.methodAt(MountJWT, j.Mount)
	if err != nil {
		return nil, err
	}
	config := j.Config
	config.Mount, config.Version = m.Serial, tx.serial()
	putRecord(tx, &tx.st.jwtConfigs, m.Serial, &config)
	return &Done{}, nil
}
