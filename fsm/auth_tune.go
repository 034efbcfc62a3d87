package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// AuthTune changes the given settings of a mounted login method, the token
// method included. Tokens that were given out before feel it when they are
// renewed.
type AuthTune struct {
	Endpoint    TuneEndpoint
	Path        string
	Given       MountFields
	Description string
	Config      MountConfig
}

// TuneEndpoint is the API path by which the request came.
type TuneEndpoint uint8

// The endpoints, append-only.
const (
	TuneAuth   TuneEndpoint = 0 // sys/auth/<path>/tune
	TuneMounts TuneEndpoint = 1 // sys/mounts/auth/<path>/tune
)

var tuneEndpoints = [...]string{"sys/auth/", "sys/mounts/auth/"}

// MountFields says which settings a request named. Bits are append-only.
type MountFields uint32

// One bit a setting.
const (
	GivenDescription MountFields = 1 << iota
	GivenDefaultTTL
	GivenMaxTTL
	GivenMountTokenType
	GivenVisibility
	GivenLockoutThreshold
	GivenLockoutDuration
	GivenLockoutReset
	GivenLockoutOff
	GivenAuditRequestKeys
	GivenAuditResponseKeys
	GivenRequestHeaders
	GivenResponseHeaders
	allMountFields = 1<<iota - 1

	// userSettings mean nothing for the token method.
	userSettings = GivenMountTokenType | GivenLockoutThreshold | GivenLockoutDuration | GivenLockoutReset | GivenLockoutOff
)

func (f *MountFields) fields(c *coder) {
	c.u32((*uint32)(f))
	if *f > allMountFields {
		c.fail(errNotCanonical)
	}
}

func (*AuthTune) kind() Kind { return kindAuthTune }

func (t *AuthTune) fields(c *coder) {
	c.u8((*uint8)(&t.Endpoint))
	c.string(&t.Path, MaxMountBytes)
	t.Given.fields(c)
	c.string(&t.Description, MaxDescriptionBytes)
	t.Config.fields(c)
}

// Validate checks each setting by itself.
func (t *AuthTune) Validate() error {
	if int(t.Endpoint) >= len(tuneEndpoints) {
		return invalid(OutOfRange, "endpoint", t.Endpoint, "a known one")
	}
	if err := checkTuning(t.Path, t.Given, t.Description, &t.Config); err != nil {
		return err
	}
	return nil
}

func checkTuning(path string, given MountFields, description string, cfg *MountConfig) *Error {
	switch {
	case path == "" || len(path) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(path), "1 to 128 bytes")
	case len(description) > MaxDescriptionBytes:
		return invalid(OutOfRange, "description length", len(description), "at most 512 bytes")
	case given > allMountFields:
		return invalid(OutOfRange, "settings", given, "known ones")
	}
	return cfg.check()
}

func (t *AuthTune) access(*State, *Actor) Access {
	return Access{Path: tuneEndpoints[t.Endpoint] + t.Path + "/tune", Capability: policy.Update}
}

func (t *AuthTune) apply(tx *Tx, _ *Actor) (Result, *Error) {
	old, ok := tx.st.AuthMount(t.Path)
	switch {
	case !ok:
		return nil, invalid(NothingMounted, t.Path+"/")
	case old.Type == MountToken && t.Given&userSettings != 0:
		return nil, invalid(TokenMountSetting)
	}
	return tx.tune(old, t.Given, t.Description, &t.Config)
}

// tune changes the given settings of a mount.
func (tx *Tx) tune(old *Mount, given MountFields, description string, cfg *MountConfig) (Result, *Error) {
	m := *old
	if m.Serial == 0 { // the token method, which has no record before it is tuned
		m.Serial = tx.serial()
	}
	m.Version = tx.serial()
	if given&GivenDescription != 0 {
		m.Description = description
	}
	m.Config.take(cfg, given)
	m.Config.normalise()
	if err := m.Config.fits(); err != nil {
		return nil, err
	}
	tx.putMount(&m)
	return &Done{}, nil
}

// take copies the given settings.
func (m *MountConfig) take(from *MountConfig, given MountFields) {
	if given&GivenDefaultTTL != 0 {
		m.DefaultTTL = from.DefaultTTL
	}
	if given&GivenMaxTTL != 0 {
		m.MaxTTL = from.MaxTTL
	}
	if given&GivenMountTokenType != 0 {
		m.TokenType = from.TokenType
	}
	if given&GivenVisibility != 0 {
		m.Visibility = from.Visibility
	}
	if given&GivenLockoutThreshold != 0 {
		m.Lockout.Threshold = from.Lockout.Threshold
	}
	if given&GivenLockoutDuration != 0 {
		m.Lockout.Duration = from.Lockout.Duration
	}
	if given&GivenLockoutReset != 0 {
		m.Lockout.Reset = from.Lockout.Reset
	}
	if given&GivenLockoutOff != 0 {
		m.Lockout.Off = from.Lockout.Off
	}
	own, other := m.lists(), from.lists()
	for i, bit := range [...]MountFields{GivenAuditRequestKeys, GivenAuditResponseKeys, GivenRequestHeaders, GivenResponseHeaders} {
		if given&bit != 0 {
			*own[i] = *other[i]
		}
	}
}
