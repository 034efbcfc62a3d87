package http

import (
	"net/http"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
)

// Configurations and roles of secrets engines. To the machine they are items with
// a body that it does not look into: what is in one is decided here, from what there
// was and what the request names.

// itemDraft is an item as it is to be.
type itemDraft struct {
	body       []byte
	secret     []byte // in the clear; sealed before it leaves this node
	defaultTTL time.Duration
	maxTTL     time.Duration
}

// secretMount finds the request's mount in the view that the answer comes from.
func (c *call) secretMount(st *fsm.State) (*fsm.Mount, error) {
	m, ok := st.SecretMount(c.place.mount)
	if !ok {
		return nil, refuse(http.StatusNotFound, "no handler for route %s. route entry not found.", quote(c.path))
	}
	return m, nil
}

// engineItem finds an item below the request's mount; nil: there is none.
func (c *call) engineItem(st *fsm.State, path string) (*fsm.EngineItem, error) {
	m, err := c.secretMount(st)
	if err != nil {
		return nil, err
	}
	item, _ := st.EngineItem(m.Serial, path)
	return item, nil
}

// openItem is an item as engines take it, with its secret.
func (c *call) openItem(item *fsm.EngineItem) (*engine.Item, error) {
	return engine.OpenItem(c.ctx, c.place.mount+"/", item, c.s.cluster)
}

// readItem shows an item, without its secret.
func (c *call) readItem(path string, show func(*fsm.EngineItem) (object, error)) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	item, err := c.engineItem(view.State, path)
	if err != nil {
		return answer{}, err
	}
	if item == nil {
		return answer{}, errNothing
	}
	data, err := show(item)
	return answer{data: data}, err
}

// listItems lists what stands below a folder of the mount.
func (c *call) listItems(folder string) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	m, err := c.secretMount(view.State)
	if err != nil {
		return answer{}, err
	}
	return names(view.State.EngineItems(m.Serial, folder))
}

// deleteItem removes an item. Of a configuration that leases may rest on, force says
// that the loss is accepted.
func (c *call) deleteItem(path string) (answer, error) {
	force := c.body.flag("force", false)
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.EngineDelete{Mount: c.place.mount, Path: path, Force: force})
	return answer{}, err
}

// writeItem has an item made of the one that is there (nil: none) until it is
// written or refused. The draft is asked for only when a linearizable view allows the
// request: making one may reach out to other systems.
func (c *call) writeItem(cmd fsm.EngineSet, draft func(old *fsm.EngineItem) (*itemDraft, error)) error {
	cmd.Mount = c.place.mount
	for try := 0; ; try++ {
		view, err := c.s.cluster.View(c.ctx)
		if err != nil {
			return err
		}
		a, no := c.foresee(view.State, &cmd)
		if no == nil && a != nil {
			no = c.checkParameters(view.State, a)
		}
		if no != nil {
			return c.deny(a, no)
		}
		old, err := c.engineItem(view.State, cmd.Path)
		if err != nil {
			return err
		}
		next := cmd
		if err := c.fill(&next, old, draft); err != nil {
			return err
		}
		if err := next.Validate(); err != nil {
			return err
		}
		if _, err = c.send(&next); !isRecheck(err) || try == maxRechecks {
			return err
		}
	}
}

// fill puts a draft into the command.
func (c *call) fill(cmd *fsm.EngineSet, old *fsm.EngineItem, draft func(*fsm.EngineItem) (*itemDraft, error)) error {
	if old != nil {
		cmd.Base = old.Version
	}
	d, err := draft(old)
	if err != nil {
		return aboutRequest(err)
	}
	cmd.Body, cmd.DefaultTTL, cmd.MaxTTL = d.body, d.defaultTTL, d.maxTTL
	if d.secret != nil {
		cmd.Secret, err = c.s.cluster.Seal(engine.SecretLabel(cmd.Mount+"/", cmd.Path), d.secret)
	}
	return err
}

// roleTTLs are the fields that roles of all engines have: what the request names of
// them, over what there was.
func (c *call) roleTTLs() func(old *fsm.EngineItem, d *itemDraft) {
	b := &c.body
	defaultTTL, maxTTL := b.duration("default_ttl"), b.duration("max_ttl")
	return func(old *fsm.EngineItem, d *itemDraft) {
		if old != nil {
			d.defaultTTL, d.maxTTL = old.DefaultTTL, old.MaxTTL
		}
		if b.has("default_ttl") {
			d.defaultTTL = defaultTTL
		}
		if b.has("max_ttl") {
			d.maxTTL = maxTTL
		}
	}
}

// engineRoleData is what is shown of any role.
func engineRoleData(item *fsm.EngineItem) object {
	return object{"default_ttl": int64(item.DefaultTTL / time.Second), "max_ttl": int64(item.MaxTTL / time.Second)}
}

// itemNamed is the path of an item that the request names.
func (c *call) itemNamed(folder string) string { return folder + c.place.name }
