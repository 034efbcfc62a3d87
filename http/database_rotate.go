package http

import (
	"context"
	"net/http"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/engine"
	"github.com/jeton-io/jeton/http/engine/postgres"
)

// resetDatabase writes the configuration as it is. That is a new version, so every
// node makes new connections for what comes next.
func resetDatabase(c *call) (answer, error) {
	path := c.itemNamed("config/")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	return answer{}, c.writeItem(fsm.EngineSet{Path: path, Via: fsm.ViaReset}, func(old *fsm.EngineItem) (*itemDraft, error) {
		if old == nil {
			return nil, errNoDatabase(path)
		}
		open, err := c.openItem(old)
		if err != nil {
			return nil, err
		}
		return &itemDraft{body: old.Body, secret: open.Secret}, nil
	})
}

func errNoDatabase(path string) error { return invalid("there is no %s", quote(path)) }

var errRotationMoved = refuse(http.StatusServiceUnavailable, "the configuration changed meanwhile; ask again to finish the rotation")

// rotateDatabase gives the manager a new password, in steps that each may be the
// last one of this process: see package postgres. A client that asks again finishes
// what was begun.
func rotateDatabase(c *call) (answer, error) {
	path := c.itemNamed("config/")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	err := c.rewriteCredentials(path, func(_ *fsm.EngineItem, s *postgres.Credentials) error { s.Propose(); return nil })
	if err != nil {
		return answer{}, err
	}
	c.clientKey = "" // it stands for the first step; the others are found undone or done
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, laterStep(err)
	}
	item, err := c.engineItem(view.State, path)
	if err != nil {
		return answer{}, err
	}
	if item == nil {
		return answer{}, errRotationMoved
	}
	open, err := c.openItem(item)
	if err != nil {
		return answer{}, laterStep(err)
	}
	secret, err := postgres.DecodeCredentials(open.Secret)
	if err != nil || secret.Next == "" { // somebody else has finished it
		return answer{}, err
	}
	if err := c.setNextPassword(open); err != nil {
		return answer{}, laterStep(err)
	}
	return answer{}, laterStep(c.rewriteCredentials(path, func(now *fsm.EngineItem, s *postgres.Credentials) error {
		if now.Version != item.Version {
			return errRotationMoved
		}
		*s = *s.Settled()
		return nil
	}))
}

func (c *call) setNextPassword(config *engine.Item) error {
	e, err := c.s.database()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, engine.RevokeTime)
	defer cancel()
	return e.Rotate(ctx, config)
}

// rewriteCredentials changes nothing but the secret of a configuration.
func (c *call) rewriteCredentials(path string, change func(*fsm.EngineItem, *postgres.Credentials) error) error {
	return c.writeItem(fsm.EngineSet{Path: path, Via: fsm.ViaRotate}, func(old *fsm.EngineItem) (*itemDraft, error) {
		if old == nil {
			return nil, errNoDatabase(path)
		}
		cfg, secret, err := c.openDatabase(old)
		if err != nil {
			return nil, err
		}
		if err := change(old, secret); err != nil {
			return nil, err
		}
		return databaseDraft(cfg, secret)
	})
}
