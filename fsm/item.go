package fsm

import (
	"strings"
	"time"
)

// EngineItem is one thing that a secrets engine is configured with: a connection,
// a role. The machine looks at its times only.
type EngineItem struct {
	Mount   uint64 // serial of the mount
	Path    string // below the mount: config/main, roles/reader
	Version uint64 // serial of the command that wrote it
	Body    []byte // as the engine's decoder wrote it; no secrets
	Secret  Sealed // sealed by the storage key; zero: there is none

	DefaultTTL time.Duration // of the leases made by it; 0: the mount's
	MaxTTL     time.Duration // likewise
}

func (i *EngineItem) tag() recordTag { return tagItem }

func (i *EngineItem) fields(c *coder) {
	c.u64(&i.Mount)
	c.string(&i.Path, MaxItemPathBytes)
	c.u64(&i.Version)
	c.bytes(&i.Body, MaxItemBytes)
	i.Secret.fields(c)
	c.duration(&i.DefaultTTL)
	c.duration(&i.MaxTTL)
}

func (i *EngineItem) key() itemKey { return itemKey{i.Mount, i.Path} }

func (k itemKey) less(o itemKey) bool {
	return k.mount < o.mount || k.mount == o.mount && k.path < o.path
}

// EngineItem finds an item of a mount by its path below it.
func (s *State) EngineItem(mount uint64, path string) (*EngineItem, bool) {
	return s.items.find(itemKey{mount, path})
}

// EngineItems lists the names of the items right below a folder of a mount, which
// ends in a slash, in order.
func (s *State) EngineItems(mount uint64, folder string) (names []string) {
	s.items.ascend(row[itemKey, *EngineItem]{key: itemKey{mount, folder}}, func(it row[itemKey, *EngineItem]) bool {
		name, below := strings.CutPrefix(it.key.path, folder)
		if it.key.mount != mount || !below {
			return false
		}
		names = append(names, name)
		return true
	})
	return names
}

// dropFirstItem is the items' belonging.
func (tx *Tx) dropFirstItem(mount uint64) bool {
	it, ok := tx.st.items.from(row[itemKey, *EngineItem]{key: itemKey{mount: mount}})
	if !ok || it.key.mount != mount {
		return false
	}
	delRecord(tx, &tx.st.items, it.key)
	return true
}

// checkItem wants a mount's path and an item's within their bounds.
func checkItem(mount, path string) *Error {
	switch {
	case mount == "" || len(mount) > MaxMountBytes:
		return invalid(OutOfRange, "mount path length", len(mount), "1 to 128 bytes")
	case path == "" || len(path) > MaxItemPathBytes || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/"):
		return invalid(OutOfRange, "path of an item", path, "1 to 256 bytes, no slash at either end")
	}
	return nil
}
