package http

import "github.com/jeton-io/jeton/fsm"

// The keyring as Vault's API shows it: terms of one key, of which rotating makes
// the next. Here it is the key for secrets that stand in records; the keys
// for batch tokens and, if there is one, for Waypoint tokens turn with it.
func (s *Server) rotateRoutes() {
	s.handle(route{path: "sys/rotate", folder: true, update: rotate, about: about{
		update: "Makes a new key for secrets in records, one for batch tokens and, where Waypoint tokens are made, one for those.",
	}})
	s.handle(route{path: "sys/key-status", folder: true, read: keyStatus, about: about{
		read: "Shows the number and the age of the present key.",
	}})
}

func rotate(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, err
	}
	purposes := []fsm.KeyPurpose{fsm.KeyStorage, fsm.KeyBatch}
	if _, signs := view.State.CurrentKey(fsm.KeyWaypoint); signs {
		purposes = append(purposes, fsm.KeyWaypoint)
	}
	keys := c.s.cluster.DrawKeys(purposes...)
	_, err = c.propose(&fsm.KeyRotate{Keys: keys})
	return answer{}, err
}

func keyStatus(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	k, _ := view.State.CurrentKey(fsm.KeyStorage) // there is one from Bootstrap on
	return answer{data: object{"term": k.Term, "install_time": k.InstalledAt.Time()}}, nil
}
