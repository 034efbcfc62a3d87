package fsm

import (
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// EngineSet writes one item of a secrets engine. The node that proposes it has
// made the whole item of the request and of what was there before, and names the
// version that it looked at; when that moved, it has to look again.
type EngineSet struct {
	Via    ItemVia
	Mount  string // path of the mount
	Path   string // of the item, below the mount
	Base   uint64 // version that this is made of; 0: there was none
	Body   []byte
	Secret Sealed

	DefaultTTL time.Duration
	MaxTTL     time.Duration
}

// ItemVia is how the request came: to the item itself, or to a path that does
// something about a configuration that is there, and needs update on that path.
type ItemVia uint8

// The ways, append-only.
const (
	ViaItem   ItemVia = 0
	ViaReset  ItemVia = 1 // reset/<name>
	ViaRotate ItemVia = 2 // rotate-root/<name>
)

var itemVias = [...]string{"config/", "reset/", "rotate-root/"}

func (*EngineSet) kind() Kind { return kindEngineSet }

func (e *EngineSet) fields(c *coder) {
	c.u8((*uint8)(&e.Via))
	c.string(&e.Mount, MaxMountBytes)
	c.string(&e.Path, MaxItemPathBytes)
	c.u64(&e.Base)
	c.bytes(&e.Body, MaxItemBytes)
	e.Secret.fields(c)
	c.duration(&e.DefaultTTL)
	c.duration(&e.MaxTTL)
}

// Validate checks shape and bounds.
func (e *EngineSet) Validate() error {
	if err := checkItem(e.Mount, e.Path); err != nil {
		return err
	}
	if err := checkDuration("default_ttl", e.DefaultTTL); err != nil {
		return err
	}
	if err := checkDuration("max_ttl", e.MaxTTL); err != nil {
		return err
	}
	switch {
	case int(e.Via) >= len(itemVias), e.Via != ViaItem && !strings.HasPrefix(e.Path, itemVias[ViaItem]):
		return invalid(OutOfRange, "way to an item", e.Via, "a known one, to a configuration")
	case len(e.Body) > MaxItemBytes:
		return verdict(Limit, TooLong, "configuration", len(e.Body), MaxItemBytes)
	case len(e.Secret.KeyID) > maxKeyIDBytes || len(e.Secret.Box) > maxSealedBytes:
		return verdict(Limit, TooLong, "secret of a configuration", len(e.Secret.Box), maxSealedBytes)
	case e.MaxTTL > 0 && e.DefaultTTL > e.MaxTTL:
		return invalid(ItemTTLs)
	}
	return nil
}

// access is create or update, as the item is new or not.
func (e *EngineSet) access(s *State, _ *Actor) Access {
	if e.Via != ViaItem {
		name := strings.TrimPrefix(e.Path, itemVias[ViaItem])
		return Access{Path: e.Mount + "/" + itemVias[e.Via] + name, Capability: policy.Update}
	}
	need := policy.Create
	if m, ok := s.SecretMount(e.Mount); ok {
		if _, there := s.EngineItem(m.Serial, e.Path); there {
			need = policy.Update
		}
	}
	return Access{Path: e.Mount + "/" + e.Path, Capability: need}
}

func (e *EngineSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	m, err := tx.st.secretAt(e.Mount)
	if err != nil {
		return nil, err
	}
	var version uint64
	old, there := tx.st.EngineItem(m.Serial, e.Path)
	if there {
		version = old.Version
	}
	switch {
	case version != e.Base:
		return nil, verdict(Recheck, ItemMoved, e.Path)
	case !there && tx.st.items.len() >= MaxItems:
		return nil, verdict(Limit, TooManyItems, MaxItems)
	}
	item := &EngineItem{
		Mount: m.Serial, Path: e.Path, Version: tx.serial(), Body: e.Body, Secret: e.Secret,
		DefaultTTL: wholeSeconds(e.DefaultTTL), MaxTTL: wholeSeconds(e.MaxTTL),
	}
	putRecord(tx, &tx.st.items, item.key(), item)
	return &Done{}, nil
}
