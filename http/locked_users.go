package http

import (
	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) lockoutRoutes() {
	s.handle(route{path: "sys/locked-users", folder: true, read: lockedUsers, about: about{
		read: "Lists the users who are locked out after failed logins.", asks: "mount_accessor",
	}})
	s.handle(route{path: "sys/locked-users/{mount}/unlock/{name}", update: unlockUser, about: about{
		update: "Lets a user who is locked out log in again at once.",
	}})
}

// lockedUsers lists users by mount, in Vault's shape. There is one namespace.
func lockedUsers(c *call) (answer, error) {
	want := c.body.text("mount_accessor")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	if want != "" {
		if _, ok := view.State.AuthMountNamed(want); !ok {
			return answer{}, invalid("field \"mount_accessor\": no auth method has the accessor %s", quote(want))
		}
	}
	mounts, total := []object{}, 0
	var last *fsm.AuthMount
	var users []string
	flush := func() {
		if last != nil {
			mounts = append(mounts, object{"mount_accessor": last.Accessor, "counts": len(users), "alias_identifiers": users})
		}
	}
	view.State.LockedUsers(view.At, func(m *fsm.AuthMount, l *fsm.Lockout) bool {
		if want != "" && want != m.Accessor && want != m.Path {
			return true
		}
		if m != last {
			flush()
			last, users = m, nil
		}
		users = append(users, l.Name)
		total++
		return total < maxListed
	})
	flush()
	namespaces := []object{}
	if total > 0 {
		namespaces = []object{{"namespace_id": "root", "namespace_path": "", "counts": total, "mount_accessors": mounts}}
	}
	return answer{data: object{"by_namespace": namespaces, "total": total}}, nil
}

// unlockUser forgives a user's failed logins. Rights are looked for on the name
// as it is stored.
func unlockUser(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.UserUnlock{Mount: c.variable("mount"), Name: fsm.UserName(c.variable("name"))})
	return answer{}, err
}
