package http

import (
	"cmp"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) leaseRoutes() {
	s.handle(route{path: "sys/leases/lookup", folder: true, update: lookupLease, list: listLeases, about: about{
		update: "Shows a lease.", list: "Lists leases at the top.", takes: "lease_id",
	}})
	s.handle(route{path: "sys/leases/lookup/{prefix:.*}", list: listLeases, about: about{
		list: "Lists what stands directly below a folder of leases.",
	}})
	for _, r := range []struct {
		path           string
		inBody, inPath fsm.LeaseEndpoint
	}{
		{"sys/leases/revoke", fsm.LeasesRevoke, fsm.LeasesRevokePath},
		{"sys/revoke", fsm.SysRevoke, fsm.SysRevokePath},
	} {
		s.handle(route{path: r.path, folder: true, update: revokeLease(r.inBody), about: about{
			update: "Revokes a lease.", takes: "lease_id sync" + plannedTakes,
		}})
		s.handle(route{path: r.path + "/{lease:.*}", update: revokeLease(r.inPath), about: about{
			update: "Revokes a lease.", takes: "lease_id sync" + plannedTakes,
		}})
	}
	for _, r := range []struct {
		path           string
		inBody, inPath fsm.RenewEndpoint
	}{
		{"sys/leases/renew", fsm.LeasesRenew, fsm.LeasesRenewPath},
		{"sys/renew", fsm.SysRenew, fsm.SysRenewPath},
	} {
		s.handle(route{path: r.path, folder: true, update: renewLease(r.inBody), about: about{
			update: "Renews a lease; a token's is refused, since it is renewed as a token.", takes: "lease_id increment",
		}})
		s.handle(route{path: r.path + "/{lease:.*}", update: renewLease(r.inPath), about: about{
			update: "Renews a lease; a token's is refused, since it is renewed as a token.", takes: "lease_id increment",
		}})
	}
	for _, r := range []struct {
		path     string
		endpoint fsm.PrefixEndpoint
	}{
		{"sys/leases/revoke-prefix", fsm.LeasesRevokePrefix},
		{"sys/revoke-prefix", fsm.SysRevokePrefix},
		{"sys/leases/revoke-force", fsm.LeasesRevokeForce},
		{"sys/revoke-force", fsm.SysRevokeForce},
	} {
		s.handle(route{path: r.path + "/{prefix:.*}", update: revokeLeases(r.endpoint), about: about{
			update: "Revokes everything that was made under a path, in one log entry.", takes: "sync" + plannedTakes,
		}})
	}
}

// leaseID is the lease that the path or the body names.
func (c *call) leaseID() (string, error) {
	inBody, inPath := c.body.text("lease_id"), c.variable("lease")
	if err := c.decoded(); err != nil {
		return "", err
	}
	switch {
	case inBody == "" && inPath == "":
		return "", invalid("lease_id must be specified")
	case inBody != "" && inPath != "" && inBody != inPath:
		return "", invalid("field \"lease_id\" names another lease than the path")
	case len(inBody) > fsm.MaxLeaseBytes:
		return "", invalid("field \"lease_id\" has %d bytes, at most %d are allowed", len(inBody), fsm.MaxLeaseBytes)
	}
	return cmp.Or(inBody, inPath), nil
}

func lookupLease(c *call) (answer, error) {
	id, err := c.leaseID()
	if err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	if l, ok := view.State.Lease(id); ok {
		return answer{data: leaseData(view, l)}, nil
	}
	t, ok := view.State.LiveLease(id, view.State.Clock)
	if !ok {
		return answer{}, invalid("invalid lease")
	}
	data := object{
		"id": id, "path": t.Path, "renewable": t.Renewable,
		"issue_time": t.CreatedAt.Time(), "expire_time": nil, "last_renewal": nil,
		"ttl": int64(t.TTLAt(view.At).Seconds()),
	}
	if t.Deadline != fsm.Never {
		data["expire_time"] = t.Deadline.Time()
	}
	if t.RenewedAt != 0 {
		data["last_renewal"] = t.RenewedAt.Time()
	}
	return answer{data: data}, nil
}

func listLeases(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	folder := strings.TrimPrefix(c.path, "sys/leases/lookup/")
	return names(view.State.LeaseKeys(folder, view.State.Clock))
}
