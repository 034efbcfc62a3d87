package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/jeton-io/jeton/http/engine"
)

// configPath is where the one configuration of a mount stands.
const configPath = "config"

// Engine is an engine.Engine.
type Engine struct {
	mu      sync.Mutex
	clients map[uint64]*held // by mount
}

// held is the client of a mount's configuration.
type held struct {
	version uint64
	client  *http.Client
	used    time.Time // when an order last asked for it
}

// unusedTime is when a client is forgotten that nobody asked for: its mount may be
// gone. No order takes that long.
const unusedTime = 10 * time.Minute

var _ engine.Engine = (*Engine)(nil)

// New returns an engine that has called nobody yet.
func New() *Engine { return &Engine{clients: make(map[uint64]*held)} }

// ConfigPath is the same for all roles of a mount.
func (e *Engine) ConfigPath(*engine.Item, []byte) (string, error) { return configPath, nil }

// Plan keeps with the lease what the service is told about it in the end.
func (e *Engine) Plan(o *engine.Order) ([]byte, error) {
	return marshal(&data{Role: o.Role.Name(), For: o.DisplayName})
}

// Issue has the service make a secret: any JSON object.
func (e *Engine) Issue(ctx context.Context, o *engine.Order) ([]byte, error) {
	s, m, err := e.prepare(actionIssue, o)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		m.NotAfter = deadline.Unix() // part of IssueGrace is for clocks that differ
	}
	a, err := s.call(ctx, m)
	switch {
	case err != nil:
		return nil, err
	case !a.ok() && a.unsure:
		return nil, engine.Unreachable("the webhook's service %s, after an attempt that it may still carry out", a.said())
	case !a.ok():
		return nil, a.no()
	}
	var object bytes.Buffer
	if !isObject(a.body) || json.Compact(&object, a.body) != nil {
		return nil, engine.Unreachable("the webhook's service answered %d without a JSON object", a.status)
	}
	return object.Bytes(), nil
}

func isObject(text []byte) bool {
	var fields map[string]json.RawMessage
	return json.Unmarshal(text, &fields) == nil && fields != nil
}

// Renew tells the service. One that has nothing to do says so with 501.
func (e *Engine) Renew(ctx context.Context, o *engine.Order) error {
	a, err := e.ask(ctx, actionRenew, o)
	if err == nil && !a.ok() && a.status != http.StatusNotImplemented {
		return a.no()
	}
	return err
}

// Revoke has the service end the secret. One that it does not know is gone.
func (e *Engine) Revoke(ctx context.Context, o *engine.Order) error {
	if o.Config == nil {
		return engine.Refuse("there is no configuration any more")
	}
	a, err := e.ask(ctx, actionRevoke, o)
	if err == nil && !a.ok() && a.status != http.StatusNotFound && a.status != http.StatusGone {
		return a.no()
	}
	return err
}

func (e *Engine) ask(ctx context.Context, action string, o *engine.Order) (*answer, error) {
	s, m, err := e.prepare(action, o)
	if err != nil {
		return nil, err
	}
	return s.call(ctx, m)
}

func (e *Engine) prepare(action string, o *engine.Order) (*service, *message, error) {
	cfg, err := DecodeConfig(o.Config.Body)
	if err != nil {
		return nil, nil, err
	}
	secret, err := DecodeSecret(o.Config.Secret)
	if err != nil {
		return nil, nil, err
	}
	client, err := e.client(o.MountSerial, o.Config.Version, cfg)
	if err != nil {
		return nil, nil, err
	}
	m, err := newMessage(action, o)
	return &service{cfg, secret, client}, m, err
}

// client is kept for its connections, as long as the configuration is the same. An
// order of an older one gets a client of its own, which keeps none.
func (e *Engine) client(mount, version uint64, c *Config) (*http.Client, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := e.clients[mount]
	if h != nil && h.version == version {
		h.used = time.Now()
		return h.client, nil
	}
	client, err := newClient(c)
	if err != nil {
		return nil, err
	}
	if h != nil && h.version > version {
		client.Transport.(*http.Transport).DisableKeepAlives = true
		return client, nil
	}
	if h != nil {
		h.client.CloseIdleConnections()
	}
	e.forgetUnused()
	e.clients[mount] = &held{version, client, time.Now()}
	return client, nil
}

func (e *Engine) forgetUnused() {
	for mount, h := range e.clients { // order: any
		if time.Since(h.used) > unusedTime {
			h.client.CloseIdleConnections()
			delete(e.clients, mount)
		}
	}
}

// Close hangs up.
func (e *Engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range e.clients { // order: any
		h.client.CloseIdleConnections()
	}
}
