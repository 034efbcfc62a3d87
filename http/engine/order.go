package engine

import (
	"context"
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// Opener opens what Seal has sealed under a label; a node of the cluster is one.
type Opener interface {
	Open(ctx context.Context, label string, s fsm.Sealed) ([]byte, error)
}

// Engines are the engines by type of mount.
type Engines map[string]Engine

// Close closes all of them.
func (es Engines) Close() {
	for _, e := range es { // order: any
		e.Close()
	}
}

// Of is the engine of a mount.
func (es Engines) Of(m *fsm.Mount) (Engine, error) {
	e, ok := es[m.Type]
	if !ok {
		return nil, Refuse("this server has no secrets engine of type %s", m.Type)
	}
	return e, nil
}

// OrderFor is the order about a lease, of what a state has of it and around it. What
// was deleted meanwhile is nil in it.
func (es Engines) OrderFor(ctx context.Context, st *fsm.State, l *fsm.Lease, open Opener) (Engine, *Order, error) {
	m, ok := st.MountBySerial(l.Mount)
	if !ok {
		return nil, nil, Refuse("the lease's mount is gone")
	}
	e, err := es.Of(m)
	if err != nil {
		return nil, nil, err
	}
	o := &Order{Mount: m.Path + "/", MountSerial: m.Serial, Lease: LeaseOf(l)}
	if o.Role, err = ItemAt(ctx, st, m, l.Role, open); err != nil {
		return nil, nil, err
	}
	path, err := e.ConfigPath(o.Role, l.Data)
	if err != nil {
		return nil, nil, err
	}
	o.Config, err = ItemAt(ctx, st, m, path, open)
	return e, o, err
}

// LeaseOf is what engines have to know of a lease.
func LeaseOf(l *fsm.Lease) Lease {
	return Lease{ID: l.ID, Data: l.Data, TTL: l.TTL, Deadline: l.Deadline.Time()}
}

// ItemAt is the item at a path below a mount, with its secret; nil when there is
// none.
func ItemAt(ctx context.Context, st *fsm.State, m *fsm.Mount, path string, open Opener) (*Item, error) {
	item, ok := st.EngineItem(m.Serial, path)
	if !ok {
		return nil, nil
	}
	return OpenItem(ctx, m.Path+"/", item, open)
}

// OpenItem is an item of the mount at a path (with a final slash) with its secret.
func OpenItem(ctx context.Context, mount string, item *fsm.EngineItem, open Opener) (*Item, error) {
	out := &Item{Path: item.Path, Version: item.Version, Body: item.Body}
	if len(item.Secret.Box) == 0 {
		return out, nil
	}
	var err error
	if out.Secret, err = open.Open(ctx, SecretLabel(mount, item.Path), item.Secret); err != nil {
		return nil, fmt.Errorf("secret of %s%s: %w", mount, item.Path, err)
	}
	return out, nil
}
