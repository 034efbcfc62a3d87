package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// tokenRoutes are the routes of the token mount, those first that are called
// most.
func (s *Server) tokenRoutes() {
	s.handle(route{path: "auth/token/lookup-self", read: s.lookupSelf, update: s.lookupSelf})
	s.handle(route{path: "auth/token/create", update: s.createChild})
	s.handle(route{path: "auth/token/lookup", read: s.lookup, update: s.lookup})
	s.handle(route{path: "auth/token/renew-self", update: s.renewSelf})
	s.handle(route{path: "auth/token/revoke", update: s.revoke})
	s.handle(route{path: "auth/token/renew", update: s.renew})
	s.handle(route{path: "auth/token/revoke-self", update: s.revokeSelf})
	s.handle(route{path: "auth/token/create/{role}", update: s.createByRole})
	s.handle(route{path: "auth/token/create-orphan", update: s.createOrphan})
	s.handle(route{path: "auth/token/lookup-accessor", read: s.lookupAccessor, update: s.lookupAccessor})
	s.handle(route{path: "auth/token/renew-accessor", update: s.renewAccessor})
	s.handle(route{path: "auth/token/revoke-accessor", update: s.revokeAccessor})
	s.handle(route{path: "auth/token/revoke-orphan", update: s.revokeOrphan})
	s.handle(route{path: "auth/token/accessors", list: s.listAccessors, folder: true})
	s.handle(route{path: "auth/token/tidy", update: s.tidy})
	s.roleRoutes()
	s.legacyRoutes()
}

// named is the token that a request is about: the digest of its text.
func (c *call) named(text string) (fsm.Digest, error) {
	if text == "" {
		return fsm.Digest{}, invalid("missing token ID")
	}
	if len(text) > maxTokenBytes {
		return fsm.Digest{}, invalid("field \"token\": has %d bytes, at most %d are allowed", len(text), maxTokenBytes)
	}
	return c.s.cluster.Digest(text)
}

// accessorField is the accessor that a request is about.
func (c *call) accessorField() (string, error) {
	accessor := c.body.text("accessor")
	if err := c.decoded(); err != nil {
		return "", err
	}
	if accessor == "" {
		return "", invalid("missing accessor")
	}
	if len(accessor) > fsm.MaxTokenIDBytes {
		return "", invalid("field \"accessor\": has %d bytes, at most %d are allowed", len(accessor), fsm.MaxTokenIDBytes)
	}
	return accessor, nil
}

func (c *call) warnAll(warnings []fsm.Warning) {
	for _, w := range warnings {
		c.warn(w.String())
	}
}

// tidy has nothing to do: what is left of dead tokens is cleared away through
// the log as they die.
func (s *Server) tidy(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if err := c.judge(); err != nil {
		return answer{}, err
	}
	c.warn("Tidy has nothing to do here: what dead tokens leave behind is cleared away continuously.")
	return answer{status: 202}, nil
}

// listAccessors lists the accessors of all live tokens.
func (s *Server) listAccessors(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	return names(view.State.LiveAccessors(view.State.Clock))
}

// chosenID checks a token id that the client chose. What looks like one of ours
// is refused, so that the checksum stays a proof.
func chosenID(id string) error {
	switch {
	case len(id) > fsm.MaxTokenIDBytes:
		return invalid("field \"id\": has %d bytes, at most %d are allowed", len(id), fsm.MaxTokenIDBytes)
	case len(id) >= prefixBytes && id[:2] == tokenPrefix && id[3] == '_' && strings.IndexByte("sbw", id[2]) >= 0:
		return invalid("custom token ID cannot start with %q", id[:prefixBytes])
	case strings.ContainsAny(id, "./"):
		return invalid("custom token ID cannot contain '.' or '/'")
	}
	for _, r := range id {
		if r <= ' ' || r > '~' {
			return invalid("custom token ID can only have printable ASCII characters without white space")
		}
	}
	return nil
}
