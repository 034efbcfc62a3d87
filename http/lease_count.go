package http

import (
	"net/http"
	"strings"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// maxLeasesListed is how many irrevocable leases are listed when nothing else is
// asked for, as in Vault.
const maxLeasesListed = 10_000

func (s *Server) leaseCountRoutes() {
	s.handle(route{path: "sys/leases", folder: true, read: listStuck, about: about{
		read: "Lists the leases that could not be revoked outside, with their last errors.", takes: "lease.type lease.limit include_child_namespaces",
	}})
	s.handle(route{path: "sys/leases/count", folder: true, read: countLeases, about: about{
		read: "Counts the leases of secrets engines by mount: those that could not be revoked, or with type=all every one.", takes: "lease.type include_child_namespaces",
	}})
	s.handle(route{path: "sys/leases/tidy", folder: true, update: tidyLeases, about: about{
		update: "Has nothing to do: no lease can be left over.",
	}})
}

// leaseType is which leases a request is about.
func (c *call) leaseType(also string) string {
	kind := c.body.text("type")
	if kind != "irrevocable" && (kind != also || also == "") {
		c.body.fail("type", "is %s, expected irrevocable", quote(kind))
	}
	c.body.flag("include_child_namespaces", false) // there are none
	return kind
}

func listStuck(c *call) (answer, error) {
	c.leaseType("")
	limit := maxLeasesListed
	if c.body.text("limit") == "none" {
		limit = fsm.MaxLeases
	} else if n := c.body.whole("limit", fsm.MaxLeases); n > 0 {
		limit = int(n)
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(fsm.Access{Path: "sys/leases", Capability: policy.Read})
	if err != nil {
		return answer{}, err
	}
	leases := []object{}
	view.State.EachIrrevocable(func(l *fsm.Lease) bool {
		leases = append(leases, object{
			"lease_id": l.ID, "mount_id": accessorAt(view.State, l.Mount), "error": l.LastError,
			"failed_attempts": l.Tries, "next_attempt": l.NextTry.Time(),
		})
		return len(leases) < limit
	})
	all := view.State.CountAllLeases().Irrevocable
	if len(leases) < all {
		c.warn("There are more leases than are shown; set limit to see them.")
	}
	return answer{data: object{"lease_count": all, "leases": leases}}, nil
}

func accessorAt(st *fsm.State, mount uint64) string {
	if m, ok := st.MountBySerial(mount); ok {
		return m.Accessor
	}
	return ""
}

func countLeases(c *call) (answer, error) {
	kind := c.leaseType("all")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(fsm.Access{Path: strings.TrimSuffix(c.path, "/"), Capability: policy.Read})
	if err != nil {
		return answer{}, err
	}
	total, counts := 0, object{}
	view.State.EachLeaseCount(func(mount uint64, n fsm.LeaseCounts) {
		count := n.Irrevocable
		if kind == "all" {
			count = n.All()
		}
		if count > 0 {
			total += count
			counts[accessorAt(view.State, mount)] = count
		}
	})
	return answer{data: object{"lease_count": total, "counts": counts}}, nil
}

// tidyLeases has nothing to do: a lease is forgotten in the entry that says it is
// gone, and none can be without its mount or lose its token unnoticed.
func tidyLeases(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if _, _, err := c.read(fsm.Access{Path: strings.TrimSuffix(c.path, "/"), Capability: policy.Update}); err != nil {
		return answer{}, err
	}
	c.warn("Leases are cleared away as they are revoked; there was nothing to start.")
	return answer{status: http.StatusAccepted}, nil
}
