package http

import (
	"net/http"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// maxCapabilityPaths bounds how many paths one request may ask about.
const maxCapabilityPaths = 1024

func (s *Server) capabilityRoutes() {
	s.handle(route{path: "sys/capabilities", folder: true, update: capabilitiesOfToken, about: about{
		update: "Says what a token may do on paths.", takes: "token paths path",
	}})
	s.handle(route{path: "sys/capabilities-self", folder: true, update: capabilitiesOfSelf, about: about{
		update: "Says what the calling token may do on paths.", takes: "token paths path",
	}})
	s.handle(route{path: "sys/capabilities-accessor", folder: true, update: capabilitiesOfAccessor, about: about{
		update: "Says what the token of an accessor may do on paths.", takes: "accessor paths path",
	}})
}

func capabilitiesOfSelf(c *call) (answer, error) {
	c.body.take("token") // the official clients send it here too
	return c.capabilities(func(_ cluster.View, a *fsm.Actor) (*fsm.Token, error) {
		return a.Token, nil
	})
}

func capabilitiesOfToken(c *call) (answer, error) {
	text := c.body.text("token")
	return c.capabilities(func(v cluster.View, _ *fsm.Actor) (*fsm.Token, error) {
		if text == "" {
			return nil, invalid("no token found")
		}
		if plausible(text) {
			digest, err := c.s.cluster.Digest(text)
			if err != nil {
				return nil, err
			}
			if t, ok, err := c.liveNamed(v, text, digest); ok || err != nil {
				return t, err
			}
		}
		return nil, invalid("invalid token")
	})
}

func capabilitiesOfAccessor(c *call) (answer, error) {
	accessor := c.body.text("accessor")
	return c.capabilities(func(v cluster.View, _ *fsm.Actor) (*fsm.Token, error) {
		if accessor == "" {
			return nil, invalid("missing accessor")
		}
		if t, ok := v.State.LiveByAccessor(accessor, v.State.Clock); ok {
			return t, nil
		}
		return nil, invalid("invalid accessor")
	})
}

// capabilities answers for the paths in the body and the token that find finds.
func (c *call) capabilities(find func(cluster.View, *fsm.Actor) (*fsm.Token, error)) (answer, error) {
	paths := c.body.commaList("paths", maxCapabilityPaths)
	if older := c.body.commaList("path", maxCapabilityPaths); len(paths) == 0 {
		paths = older
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if len(paths) == 0 {
		return answer{}, invalid("paths must be supplied")
	}
	for _, path := range paths {
		if len(path) > maxPathBytes {
			return answer{}, refuse(http.StatusBadRequest, "field \"paths\": path %s has %d bytes, at most %d are allowed", quote(path), len(path), maxPathBytes)
		}
	}
	view, actor, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	token, err := find(view, actor)
	if err != nil {
		return answer{}, err
	}
	data, flat := make(object, len(paths)+1), true
	for _, path := range paths {
		data[path] = view.State.CapabilitiesOf(token, path)
		flat = flat && !envelopeFields[path]
	}
	if len(paths) == 1 {
		data["capabilities"] = data[paths[0]]
	}
	return answer{data: data, flat: flat}, nil
}

// envelopeFields are the paths whose answer cannot stand beside the envelope's
// own fields: they are found under data alone.
var envelopeFields = map[string]bool{
	"request_id": true, "lease_id": true, "renewable": true, "lease_duration": true,
	"data": true, "wrap_info": true, "warnings": true, "auth": true,
}
