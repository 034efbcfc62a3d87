package http

import (
	"maps"
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// What no other route takes may lie below the mount of a secrets engine; see
// mount_route.go for login methods.

// belowSecret is below for the mounts of secrets engines.
func belowSecret(path string, rt route) mountRoute {
	rt.path = "{mount}/" + path
	return mountRoute{strings.Split(path, "/"), rt}
}

// engineRoutes take every path that the router does not.
func (s *Server) engineRoutes() {
	s.elsewhere = route{path: unknown.path, resolve: s.resolveEngine}
	s.secrets = map[string][]mountRoute{
		fsm.MountDatabase: databaseRoutes(),
		fsm.MountWebhook:  webhookRoutes(),
	}
}

// resolveEngine is resolveMount for secrets engines.
func (s *Server) resolveEngine(c *call) error {
	if s.matchEngine(c, s.cluster.Local()) {
		return nil
	}
	view, err := c.viewToResolve(false)
	if err != nil {
		return err
	}
	if !s.matchEngine(c, view.State) {
		c.route = &unknown
	}
	return nil
}

func (s *Server) matchEngine(c *call, st *fsm.State) bool {
	c.place = place{}
	m, rest, ok := st.SecretMountOf(c.path)
	if !ok {
		return false
	}
	c.place.mount = m.Path
	routes := s.secrets[m.Type]
	for i := range routes {
		if rt := &routes[i]; rt.match(c, rest) {
			c.route = &rt.route
			return true
		}
	}
	return false
}

// secretRoutes are the routes below mounts of secrets engines, as they are when an
// engine is mounted at the name of its type: a variable in that place would stand
// for all of them.
func (s *Server) secretRoutes(each func(path string, rt *route)) {
	for _, engine := range slices.Sorted(maps.Keys(s.secrets)) {
		for i := range s.secrets[engine] {
			rt := &s.secrets[engine][i].route
			each(strings.Replace(rt.path, "{mount}", engine, 1), rt)
		}
	}
}
