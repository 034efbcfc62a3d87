package http

import (
	"strings"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// Below auth/ the mount table says what a path means, and that is data: this
// file finds the mount of a path and then the route among those of its method.

// place is where a request goes below a mount.
type place struct {
	mount  string // path of the mount, without auth/
	method string // that is mounted there
	name   string // of the user or role, as the path has it
	item   string // what the path names besides
}

// mountRoute is one path below the mounts of a method. A segment {name} is the
// name of a user or role; {item} is anything but empty.
type mountRoute struct {
	below []string
	route route
}

func below(path string, rt route) mountRoute {
	rt.path = "auth/{mount}/" + path // for logs and metrics
	return mountRoute{strings.Split(path, "/"), rt}
}

// mountRoutes takes everything below auth/ that is not the token method's.
func (s *Server) mountRoutes() {
	s.handle(route{path: "auth/{path:.*}", resolve: s.resolveMount})
	s.methods = map[string][]mountRoute{
		fsm.MountUserpass: userpassRoutes(), fsm.MountJWT: jwtRoutes(), fsm.MountApprole: approleRoutes(), fsm.MountCert: certRoutes(),
	}
}

// resolveMount finds the route of a path. What the node's own state does not
// have may have been mounted elsewhere a moment ago, so only a linearizable view
// says that there is nothing.
func (s *Server) resolveMount(c *call) error {
	if s.matchMount(c, s.cluster.Local()) {
		return nil
	}
	view, err := c.viewToResolve(c.shapedAsLogin())
	if err != nil {
		return err
	}
	if !s.matchMount(c, view.State) {
		c.route = &unknown
	}
	return nil
}

// viewToResolve is the view that says what a path means. Nobody waits for the
// cluster outside the gate, and nobody without a token at all, but for those who
// may be about to get one: they count as strangers.
func (c *call) viewToResolve(login bool) (cluster.View, error) {
	if login {
		if !c.s.strangers.allow(sourceAddr(c.req.RemoteAddr), time.Now()) {
			return cluster.View{}, errStranger
		}
	} else if err := c.readCaller(); err != nil {
		return cluster.View{}, err
	}
	c.caller, c.secret = fsm.Caller{}, "" // read again for the route that it will be
	if err := c.enter(); err != nil {
		return cluster.View{}, err
	}
	defer c.leave() // the body comes next
	return c.s.cluster.View(c.ctx)
}

// shapedAsLogin says whether a path would be a login if something were mounted
// above it.
func (c *call) shapedAsLogin() bool {
	segments := strings.Split(strings.TrimSuffix(c.path, "/"), "/")
	n := len(segments)
	return c.op == opUpdate && n > 2 && (segments[n-1] == "login" || segments[n-2] == "login")
}

func (s *Server) matchMount(c *call, st *fsm.State) bool {
	c.place = place{}
	m, rest, ok := st.AuthMountOf(c.path)
	if !ok {
		return false
	}
	c.place.mount, c.place.method = m.Path, m.Type
	routes := s.methods[m.Type]
	for i := range routes {
		if rt := &routes[i]; rt.match(c, rest) {
			c.route = &rt.route
			return true
		}
	}
	return false
}

func (m *mountRoute) match(c *call, rest string) bool {
	if m.route.folder {
		rest = strings.TrimSuffix(rest, "/")
	}
	segments := strings.Split(rest, "/")
	if len(segments) != len(m.below) {
		return false
	}
	var name, item string
	for i, want := range m.below {
		switch got := segments[i]; want {
		case "{name}":
			if name = got; !fsm.IsUserName(name) {
				return false
			}
		case "{item}":
			if item = got; item == "" {
				return false
			}
		default:
			if got != want {
				return false
			}
		}
	}
	c.place.name, c.place.item = name, item
	return true
}
