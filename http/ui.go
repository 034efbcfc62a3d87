package http

import (
	"net/http"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// What user interfaces and command lines ask before they know what a caller may:
// which mounts there are for it, and what its policies give.

func (s *Server) uiRoutes() {
	s.handle(route{path: "sys/internal/ui/mounts", folder: true, open: true, read: uiMounts, about: about{
		read: "Lists the mounts that are shown to anyone and those that the calling token reaches, if there is one.",
	}})
	s.handle(route{path: "sys/internal/ui/mounts/{path:.*}", open: true, read: uiMount, about: about{
		read: "Shows the mount of a path to a token that reaches it.",
	}})
	s.handle(route{path: "sys/internal/ui/resultant-acl", folder: true, read: resultantACL, about: about{
		read: "Shows what the policies of the calling token give together.",
	}})
	s.handle(route{path: "sys/internal/counters/tokens", folder: true, read: countTokens, about: about{
		read: "Says how many service tokens there are.",
	}})
}

// guest finds who asks at an open route: nil for a caller without a token. Nobody
// is charged, since nothing is granted but names; but who shows a token that nobody
// knows is a stranger here as everywhere, and may not go on guessing.
func (c *call) guest(st *fsm.State) (a *fsm.Actor, err error) {
	if c.secret, err = c.token(); err != nil || c.secret == "" {
		return nil, err
	}
	c.caller.Addr = sourceAddr(c.req.RemoteAddr)
	known, err := c.identify()
	if err != nil {
		return nil, err
	}
	if known {
		if a, no := st.Resolve(c.caller, st.Clock); no == nil {
			return a, nil
		}
		known = !c.neverSeen()
	}
	if !known && !c.s.strangers.allow(c.caller.Addr, time.Now()) {
		return nil, errStranger
	}
	return nil, nil
}

// builtinMounts are there always.
var builtinMounts = []struct{ path, kind, description string }{
	{"cubbyhole/", "cubbyhole", "per-token private secret storage"},
	{"sys/", "system", "system endpoints used for control, policy and debugging"},
}

func uiMounts(c *call) (answer, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, err
	}
	a, err := c.guest(view.State)
	if err != nil {
		return answer{}, err
	}
	auth, secret := object{}, object{}
	for _, m := range view.State.AuthMounts() {
		switch {
		case a != nil && a.Reaches("auth/"+m.Path+"/"):
			auth[m.Path+"/"] = mountData(m)
		case m.Config.Visibility == fsm.VisibilityUnauth:
			auth[m.Path+"/"] = object{"type": m.Type, "description": m.Description, "options": nil}
		}
	}
	for _, m := range builtinMounts {
		if a != nil && a.Reaches(m.path) {
			secret[m.path] = object{"type": m.kind, "description": m.description, "options": nil}
		}
	}
	for _, m := range view.State.SecretMounts() {
		switch {
		case a != nil && a.Reaches(m.Path+"/"):
			secret[m.Path+"/"] = engineData(m)
		case m.Config.Visibility == fsm.VisibilityUnauth:
			secret[m.Path+"/"] = object{"type": m.Type, "description": m.Description, "options": nil}
		}
	}
	return answer{data: object{"auth": auth, "secret": secret}}, nil
}

// uiMount is what the command line asks before it works on a path. Who does not
// reach the mount is not told whether there is one.
func uiMount(c *call) (answer, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, err
	}
	a, err := c.guest(view.State)
	if err != nil {
		return answer{}, err
	}
	path := c.variable("path")
	if a != nil {
		if m, _, ok := view.State.AuthMountOf(path + "/"); ok && a.Reaches("auth/"+m.Path+"/") {
			data := mountData(m)
			data["path"] = "auth/" + m.Path + "/"
			return answer{data: data}, nil
		}
		if m, _, ok := view.State.SecretMountOf(path + "/"); ok && a.Reaches(m.Path+"/") {
			data := engineData(m)
			data["path"] = m.Path + "/"
			return answer{data: data}, nil
		}
		for _, m := range builtinMounts {
			if len(path)+1 >= len(m.path) && (path + "/")[:len(m.path)] == m.path && a.Reaches(m.path) {
				return answer{data: object{"path": m.path, "type": m.kind, "description": m.description, "options": nil}}, nil
			}
		}
	}
	return answer{}, rebuff(http.StatusForbidden,
		"preflight capability check returned 403, please ensure client's policies grant access to path %s", quote(path+"/"))
}

func resultantACL(c *call) (answer, error) {
	_, a, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	exact, wild := a.Resultant()
	return answer{data: object{
		"root": a.Token.IsRoot(), "exact_paths": grants(exact), "glob_paths": grants(wild), "chroot_namespace": "",
	}}, nil
}

func grants(of map[string]policy.Grant) object {
	out := make(object, len(of))
	for path, g := range of { // order: each stands alone
		out[path] = object{"capabilities": g.Names()}
	}
	return out
}

func countTokens(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	return answer{data: object{"counters": object{"service_tokens": object{"total": view.State.CountTokens()}}}}, nil
}
