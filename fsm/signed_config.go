package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// SignedConfig is what the cluster holds once for Waypoint's surface.
type SignedConfig struct {
	// Cookie is what runners show that have no token yet, sealed with the keyring's
	// storage key; nodes compare it, the machine never sees it.
	Cookie          Sealed
	Addresses       []AdvertiseAddr
	Platform        string
	ReusableInvites bool // as in Waypoint: an invite may be exchanged until it expires
}

// AdvertiseAddr is where deployments are told to find the server.
type AdvertiseAddr struct {
	Addr               string
	TLS, TLSSkipVerify bool
}

func (a *AdvertiseAddr) fields(c *coder) {
	c.string(&a.Addr, MaxNameBytes)
	c.bool(&a.TLS)
	c.bool(&a.TLSSkipVerify)
}

func (s *SignedConfig) tag() recordTag { return tagSignedConfig }

func (s *SignedConfig) fields(c *coder) {
	s.Cookie.fields(c)
	list(c, &s.Addresses, MaxAdvertiseAddrs, func(c *coder, a *AdvertiseAddr) { a.fields(c) })
	c.string(&s.Platform, MaxNameBytes)
	c.bool(&s.ReusableInvites)
}

// SignedConfig is the settings of Waypoint's surface; the zero value before any were
// made.
func (s *State) SignedConfig() *SignedConfig {
	if r, ok := s.signedSettings.find(struct{}{}); ok {
		return r
	}
	return new(SignedConfig)
}

// keepCookie stores a first cookie.
func (tx *Tx) keepCookie(cookie Sealed) {
	config := *tx.st.SignedConfig()
	if len(config.Cookie.Box) == 0 {
		config.Cookie = cookie
		putRecord(tx, &tx.st.signedSettings, struct{}{}, &config)
	}
}

func checkCookie(s *Sealed) *Error {
	if len(s.Box) == 0 || len(s.Box) > maxSealedBytes || len(s.KeyID) > maxKeyIDBytes {
		return invalid(OutOfRange, "length of a sealed cookie", len(s.Box), "1 to 4096 bytes")
	}
	return nil
}

// SignedConfigSet changes what the request names of the settings. The cookie is
// stored if there is none yet; it is never changed.
type SignedConfigSet struct {
	Config SignedConfig
	Given  SignedConfigFields
}

// SignedConfigFields says which settings a request names.
type SignedConfigFields uint8

// The fields. Addresses and platform go by Waypoint's path, the others by Jeton's.
const (
	GivenAddresses SignedConfigFields = 1 << iota // and the platform
	GivenReusableInvites
)

func (*SignedConfigSet) kind() Kind { return kindSignedConfigSet }

func (s *SignedConfigSet) fields(c *coder) {
	s.Config.fields(c)
	c.u8((*uint8)(&s.Given))
}

// Validate checks shape and bounds.
func (s *SignedConfigSet) Validate() error {
	if err := checkCookie(&s.Config.Cookie); err != nil {
		return err
	}
	if s.Given != GivenAddresses && s.Given != GivenReusableInvites {
		return invalid(OutOfRange, "given fields", s.Given, "those of one endpoint")
	}
	if s.Given == GivenAddresses && len(s.Config.Addresses) != 1 {
		return invalid(SignedOneAddress)
	}
	for _, a := range s.Config.Addresses {
		if a.Addr == "" || len(a.Addr) > MaxNameBytes {
			return invalid(OutOfRange, "length of an advertised address", len(a.Addr), "1 to 256 bytes")
		}
	}
	if len(s.Config.Platform) > MaxNameBytes || len(s.Config.Addresses) > MaxAdvertiseAddrs {
		return invalid(OutOfRange, "length of the platform", len(s.Config.Platform), "at most 256 bytes")
	}
	return nil
}

func (s *SignedConfigSet) access(*State, *Actor) Access {
	if s.Given == GivenAddresses {
		return Access{Path: "server/config", Capability: policy.Update}
	}
	return Access{Path: "jeton/waypoint", Capability: policy.Update}
}

func (s *SignedConfigSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	tx.keepCookie(s.Config.Cookie)
	config := *tx.st.SignedConfig()
	if s.Given == GivenAddresses {
		config.Addresses, config.Platform = s.Config.Addresses, s.Config.Platform
	} else {
		config.ReusableInvites = s.Config.ReusableInvites
	}
	putRecord(tx, &tx.st.signedSettings, struct{}{}, &config)
	return &Done{}, nil
}
