package http

import (
	"net/http"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// A revocation counts when it is logged: tokens are dead, and so are the leases of
// engines to everyone who asks. Outside, an engine's secret ends a little later;
// sync waits for that, and without it 202 says that something is under way.

func revokeLease(endpoint fsm.LeaseEndpoint) handler {
	return func(c *call) (answer, error) {
		sync, p := c.body.flag("sync", false), c.plan()
		id, err := c.leaseID()
		if err != nil {
			return answer{}, err
		}
		cmd := &fsm.LeaseRevoke{Endpoint: endpoint, Lease: id}
		if p.asked() {
			return c.plannedRevocation(cmd, p)
		}
		reply, err := c.propose(cmd)
		if err != nil {
			return answer{}, err
		}
		if done := reply.Result.(*fsm.TokenRevoked); !done.Found || done.Accessor != "" {
			return answer{}, nil // nothing is left to do outside
		}
		return c.revokedBelow(id, sync)
	}
}

// revokeLeases revokes what was made under a path. With force it also forgets what
// cannot be revoked outside, and waits until that is known, as Vault does.
func revokeLeases(endpoint fsm.PrefixEndpoint) handler {
	force := endpoint == fsm.LeasesRevokeForce || endpoint == fsm.SysRevokeForce
	return func(c *call) (answer, error) {
		sync, p := c.body.flag("sync", false) || force, c.plan()
		if err := c.decoded(); err != nil {
			return answer{}, err
		}
		prefix := strings.Trim(c.variable("prefix"), "/")
		cmd := &fsm.PrefixRevoke{Endpoint: endpoint, Prefix: prefix}
		if p.asked() {
			return c.plannedRevocation(cmd, p)
		}
		if _, err := c.propose(cmd); err != nil {
			return answer{}, err
		}
		return c.revokedBelow(prefix, sync)
	}
}

// revokedBelow answers for the leases of engines below a path, or one by its id,
// that have ended. Waiting ends when each is gone or has failed to go.
func (c *call) revokedBelow(path string, sync bool) (answer, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil { // the revocation is logged, whatever is left outside
		return answer{status: http.StatusAccepted}, nil
	}
	most := 1 // enough to know that there is one
	if sync {
		most = fsm.MaxLeases
	}
	left := view.State.EndedLeases(path, view.State.Serial, most)
	switch {
	case len(left) == 0:
		return answer{}, nil
	case !sync:
		return answer{status: http.StatusAccepted}, nil
	}
	before := make(map[string]uint32, len(left))
	for _, l := range left {
		before[l.ID] = l.Tries
	}
	var failed []*fsm.Lease
	err = c.s.cluster.Await(c.ctx, func(st *fsm.State) bool {
		failed = failed[:0]
		for id, tries := range before { // order: each stands alone
			l, there := st.Lease(id)
			switch {
			case !there:
				delete(before, id)
			case l.Tries == tries:
				return false
			default:
				failed = append(failed, l)
			}
		}
		return true
	})
	switch {
	case err != nil: // the time is up; the revocation goes on
		return answer{status: http.StatusAccepted}, nil
	case len(failed) > 0:
		return answer{}, rebuff(http.StatusBadGateway, "%d leases are revoked here but not outside yet, and will be tried again; of %s: %s",
			len(failed), quote(failed[0].ID), failed[0].LastError)
	}
	return answer{}, nil
}
