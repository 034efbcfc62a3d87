package http

import (
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// tokenRoutes are the routes of the token mount, those first that are called
// most.
func (s *Server) tokenRoutes() {
	s.handle(route{path: "auth/token/lookup-self", read: s.lookupSelf, update: s.lookupSelf, about: about{
		read: "Shows the calling token.", update: "Shows the calling token.", takes: "token",
	}})
	s.handle(route{path: "auth/token/create", update: s.createChild, about: about{
		update: "Makes a child of the calling token.", takes: createTakes,
	}})
	s.handle(route{path: "auth/token/lookup", read: s.lookup, update: s.lookup, about: about{
		read: "Shows a token, or the calling one.", update: "Shows a token, or the calling one.", takes: "token",
	}})
	s.handle(route{path: "auth/token/renew-self", update: s.renewSelf, about: about{
		update: "Renews the calling token.", takes: "token increment",
	}})
	s.handle(route{path: "auth/token/revoke", update: s.revoke, about: about{
		update: "Revokes a token and its whole tree, in one log entry.", takes: "token" + plannedTakes,
	}})
	s.handle(route{path: "auth/token/renew", update: s.renew, about: about{
		update: "Renews a token, or the calling one.", takes: "token increment",
	}})
	s.handle(route{path: "auth/token/revoke-self", update: s.revokeSelf, about: about{
		update: "Revokes the calling token and its whole tree.", takes: "token" + plannedTakes,
	}})
	s.handle(route{path: "auth/token/create/{role}", update: s.createByRole, about: about{
		update: "Makes a token by the rules of a role.", takes: createTakes,
	}})
	s.handle(route{path: "auth/token/create-orphan", update: s.createOrphan, about: about{
		update: "Makes a token without a parent.", takes: createTakes,
	}})
	s.handle(route{path: "auth/token/lookup-accessor", read: s.lookupAccessor, update: s.lookupAccessor, about: about{
		read: "Shows the token of an accessor, without its text.", update: "Shows the token of an accessor, without its text.", takes: "accessor",
	}})
	s.handle(route{path: "auth/token/renew-accessor", update: s.renewAccessor, about: about{
		update: "Renews the token of an accessor.", takes: "accessor increment",
	}})
	s.handle(route{path: "auth/token/revoke-accessor", update: s.revokeAccessor, about: about{
		update: "Revokes the token of an accessor and its whole tree.", takes: "accessor" + plannedTakes,
	}})
	s.handle(route{path: "auth/token/revoke-orphan", update: s.revokeOrphan, about: about{
		update: "Revokes a token; its children live on as orphans.", takes: "token" + plannedTakes,
	}})
	s.handle(route{path: "auth/token/accessors", list: s.listAccessors, folder: true, about: about{
		list: "Lists the accessors of all live tokens.",
	}})
	s.handle(route{path: "auth/token/tidy", update: s.tidy, about: about{
		update: "Has nothing to do: dead tokens are cleared away continuously.",
	}})
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
