package http

import (
	"maps"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// maxLockoutThreshold is what a client may ask for.
const maxLockoutThreshold = fsm.MaxLockoutThreshold

func readTuning(c *call, path string) (answer, error) {
	m, err := c.readMount(fsm.Access{Path: strings.TrimSuffix(c.path, "/"), Capability: policy.Read}, path)
	if err != nil {
		return answer{}, err
	}
	byDefault, most := m.EffectiveTTLs()
	data := object{
		"description":       m.Description,
		"default_lease_ttl": int64(byDefault / time.Second),
		"max_lease_ttl":     int64(most / time.Second),
	}
	showSettings(data, &m.Config)
	maps.Copy(data, lockoutData(&m.Config.Lockout))
	return answer{data: data, flat: true}, nil
}

const tuneTakes = "description default_lease_ttl max_lease_ttl token_type listing_visibility" +
	" audit_non_hmac_request_keys audit_non_hmac_response_keys passthrough_request_headers" +
	" allowed_response_headers user_lockout_config force_no_cache options"

func tuneMount(c *call, path string) (answer, error) {
	cmd := &fsm.AuthTune{Path: path}
	if strings.HasPrefix(c.path, "sys/mounts/") {
		cmd.Endpoint = fsm.TuneMounts
	}
	if _, ok := c.body.take("description"); ok {
		cmd.Description = c.body.text("description")
		cmd.Given |= fsm.GivenDescription
	}
	cmd.Given |= c.body.mountSettings(&cmd.Config)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(cmd)
	return answer{}, err
}

// enableConfig takes the settings of a new mount.
func (c *call) enableConfig() (cfg fsm.MountConfig) {
	c.within("config", func(b *body) { b.mountSettings(&cfg) })
	return cfg
}

// within has the fields of an object that is itself a field taken.
func (c *call) within(name string, take func(*body)) {
	c.body.within(name, take, c.warn)
}

func (b *body) within(name string, take func(*body), warn func(string)) {
	v, ok := b.take(name)
	if !ok {
		return
	}
	if v.kind != jsonObject {
		b.fail(name, "is %s, expected an object", v.kind)
		return
	}
	inner := &body{fields: scanFields(v)}
	take(inner)
	if b.err == nil {
		b.err = inner.err
	}
	if unknown := inner.unknownFields(); unknown != "" && warn != nil {
		warn("Endpoint ignored these unrecognized parameters of " + name + ": [" + unknown + "]")
	}
}

// mountSettings takes the settings of a mount and says which were given.
func (b *body) mountSettings(cfg *fsm.MountConfig) (given fsm.MountFields) {
	for _, d := range []struct {
		name string
		bit  fsm.MountFields
		to   *time.Duration
	}{
		{"default_lease_ttl", fsm.GivenDefaultTTL, &cfg.DefaultTTL},
		{"max_lease_ttl", fsm.GivenMaxTTL, &cfg.MaxTTL},
	} {
		if ttl, ok := b.mountTTL(d.name); ok {
			*d.to, given = ttl, given|d.bit
		}
	}
	if text := b.text("token_type"); text != "" {
		cfg.TokenType, given = b.tokenType("token_type", text), given|fsm.GivenMountTokenType
	}
	if _, ok := b.take("listing_visibility"); ok {
		cfg.Visibility, given = b.visibility(), given|fsm.GivenVisibility
	}
	for _, l := range []struct {
		name string
		bit  fsm.MountFields
		to   *[]string
	}{
		{"audit_non_hmac_request_keys", fsm.GivenAuditRequestKeys, &cfg.AuditRequestKeys},
		{"audit_non_hmac_response_keys", fsm.GivenAuditResponseKeys, &cfg.AuditResponseKeys},
		{"passthrough_request_headers", fsm.GivenRequestHeaders, &cfg.RequestHeaders},
		{"allowed_response_headers", fsm.GivenResponseHeaders, &cfg.ResponseHeaders},
	} {
		if _, ok := b.take(l.name); ok {
			*l.to, given = b.commaList(l.name, fsm.MaxMountListItems), given|l.bit
		}
	}
	b.within("user_lockout_config", func(b *body) { given |= b.lockout(&cfg.Lockout) }, nil)
	b.flag("force_no_cache", false) // nothing is cached
	b.noOptions()
	return given
}

// mountTTL is a duration, or "system" for the system's own. Nothing leaves it as
// it is.
func (b *body) mountTTL(name string) (time.Duration, bool) {
	v, ok := b.take(name)
	if !ok {
		return 0, false
	}
	if text, _ := v.asText(); v.kind == jsonString && (text == "" || text == "system") {
		return 0, text != ""
	}
	return b.duration(name), true
}

func (b *body) lockout(l *fsm.LockoutConfig) (given fsm.MountFields) {
	if _, ok := b.take("lockout_threshold"); ok {
		l.Threshold, given = uint32(b.whole("lockout_threshold", maxLockoutThreshold)), given|fsm.GivenLockoutThreshold
	}
	if _, ok := b.take("lockout_duration"); ok {
		l.Duration, given = b.duration("lockout_duration"), given|fsm.GivenLockoutDuration
	}
	if _, ok := b.take("lockout_counter_reset_duration"); ok {
		l.Reset, given = b.duration("lockout_counter_reset_duration"), given|fsm.GivenLockoutReset
	}
	if _, ok := b.take("lockout_disable"); ok {
		l.Off, given = b.flag("lockout_disable", false), given|fsm.GivenLockoutOff
	}
	return given
}

var visibilities = map[string]fsm.Visibility{
	"": fsm.VisibilityUnset, "hidden": fsm.VisibilityHidden, "unauth": fsm.VisibilityUnauth,
}

func (b *body) visibility() fsm.Visibility {
	text := b.text("listing_visibility")
	v, ok := visibilities[text]
	if !ok {
		b.fail("listing_visibility", "is %s, expected hidden or unauth", quote(text))
	}
	return v
}

// showSettings adds the settings that are not times. What is unset is left out,
// as Vault does it.
func showSettings(data object, cfg *fsm.MountConfig) {
	data["token_type"] = "default-service"
	if cfg.TokenType != fsm.TypeUnset {
		data["token_type"] = roleTypes[cfg.TokenType]
	}
	for text, v := range visibilities { // order: at most one is equal
		if v == cfg.Visibility && text != "" {
			data["listing_visibility"] = text
		}
	}
	for name, list := range map[string][]string{ // order: each stands alone
		"audit_non_hmac_request_keys":  cfg.AuditRequestKeys,
		"audit_non_hmac_response_keys": cfg.AuditResponseKeys,
		"passthrough_request_headers":  cfg.RequestHeaders,
		"allowed_response_headers":     cfg.ResponseHeaders,
	} {
		if len(list) > 0 {
			data[name] = list
		}
	}
}

// lockoutData is shown with the mount as an object and with its settings one by
// one, under other names than it is written by: so it is in Vault.
func lockoutData(l *fsm.LockoutConfig) object {
	if *l == (fsm.LockoutConfig{}) {
		return nil
	}
	return object{
		"user_lockout_threshold":              l.Threshold,
		"user_lockout_duration":               int64(l.Duration / time.Second),
		"user_lockout_counter_reset_duration": int64(l.Reset / time.Second),
		"user_lockout_disable":                l.Off,
	}
}
