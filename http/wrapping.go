package http

import (
	"net/http"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

func (s *Server) wrappingRoutes() {
	s.handle(route{path: "sys/wrapping/wrap", folder: true, update: wrapValue, about: about{
		update: "Wraps the body; needs the header X-Vault-Wrap-TTL.",
	}})
	s.handle(route{path: "sys/wrapping/unwrap", folder: true, update: unwrap, about: about{
		update: "Hands out what a wrapping token holds, once.", takes: "token",
	}})
	s.handle(route{path: "sys/wrapping/rewrap", folder: true, update: rewrap, about: about{
		update: "Moves what a wrapping token holds to a new one.", takes: "token",
	}})
	s.handle(route{path: "sys/wrapping/lookup", folder: true, open: true, read: lookupWrapping, update: lookupWrapping, about: about{
		read: "Tells about the calling wrapping token.", update: "Tells about a wrapping token.", takes: "token",
	}})
}

// wrapValue wraps what the client sends. The fields are its own: none is known
// and none unknown.
func wrapValue(c *call) (answer, error) {
	if c.caller.WrapTTL == 0 {
		return answer{}, invalid("endpoint requires response wrapping to be used")
	}
	value, err := c.body.parameters()
	if err != nil {
		return answer{}, err
	}
	cmd, text, err := c.sealed("sys/wrapping/wrap", appendWrapped(nil, answer{data: object(value)}, nil))
	if err != nil {
		return answer{}, err
	}
	c.created = text
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, err
	}
	return wrapped(reply, c.created), nil
}

// unwrap hands out what a wrapping token holds: the one in the body, or else the
// caller's own.
func unwrap(c *call) (answer, error) {
	text := c.body.text("token")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	cmd := &fsm.Unwrap{}
	if text == "" || text == c.secret {
		text = c.secret
	} else {
		var err error
		if cmd.Token, err = c.wrappingToken(text); err != nil {
			return answer{}, err
		}
	}
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, c.notUnwrapped(err, text)
	}
	held := reply.Result.(*fsm.Unwrapped)
	return c.openHeld(text, held.Path, held.Box, held.WrappedAccessor)
}

// openHeld opens what a wrapping token held.
func (c *call) openHeld(text, path string, sealed []byte, accessor string) (answer, error) {
	box, err := newWrapBox(text, c.s.cluster.Digest)
	if err != nil {
		return answer{}, err
	}
	plain, err := box.open(path, sealed)
	if err != nil {
		return answer{}, err
	}
	ans, warnings, err := openWrapped(plain, accessor)
	c.warnings = append(c.warnings, warnings...)
	return ans, err
}

// readWrapped is the older way to unwrap, cubbyhole/response, which the policy of
// wrapping tokens allows too. A wrapping token has nothing else in its cubbyhole.
func (c *call) readWrapped(t *fsm.Token, held *fsm.Wrapping) (answer, error) {
	if within(c) != "response" {
		return answer{}, errNothing
	}
	box, err := newWrapBox(c.secret, c.s.cluster.Digest)
	if err != nil {
		return answer{}, err
	}
	plain, err := box.open(t.Path, held.Box)
	if err != nil {
		return answer{}, err
	}
	return answer{data: object{"response": string(plain)}}, nil
}

// rewrap moves what a wrapping token holds into a fresh one of the same path and
// at most the same ttl. Only this node sees the content, and nobody is told it.
func rewrap(c *call) (answer, error) {
	text := c.body.text("token")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if text == "" {
		text = c.secret
	}
	cmd := &fsm.Rewrap{Accessor: newAccessor(), TTL: c.caller.WrapTTL}
	if err := c.admit(cmd); err != nil {
		return answer{}, err
	}
	var err error
	if cmd.Old, err = c.wrappingToken(text); err != nil {
		return answer{}, err
	}
	c.created = newWrappingToken()
	if cmd.Token, err = c.s.cluster.Digest(c.created); err != nil {
		return answer{}, err
	}
	if cmd.Box, err = c.resealed(cmd.Old, text, c.created); err != nil {
		return answer{}, err
	}
	reply, err := c.propose(cmd)
	if err != nil {
		return answer{}, c.notUnwrapped(err, text)
	}
	return wrapped(reply, c.created), nil
}

// resealed is what the old token holds, sealed with the new one's text. It is
// nil when the old one holds nothing: the machine says so too, unless it knows
// the request under the client's key and has done it before.
func (c *call) resealed(old fsm.Digest, oldText, newText string) ([]byte, error) {
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, err
	}
	t, held, ok := view.State.LiveWrapping(old, view.State.Clock)
	if !ok {
		return nil, nil
	}
	from, err := newWrapBox(oldText, c.s.cluster.Digest)
	if err != nil {
		return nil, err
	}
	plain, err := from.open(t.Path, held.Box)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	to, err := newWrapBox(newText, c.s.cluster.Digest)
	if err != nil {
		return nil, err
	}
	return to.seal(t.Path, plain), nil
}

// lookupWrapping tells of a wrapping token what its receiver may check before it
// opens it. It needs no other token, and uses nothing up.
func lookupWrapping(c *call) (answer, error) {
	var text string
	if c.op == opUpdate {
		text = c.body.text("token")
	}
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	if text == "" {
		var err error
		if text, err = c.token(); err != nil {
			return answer{}, err
		}
	}
	if text == "" {
		return answer{}, invalid("missing wrapping token: expected field \"token\" or header X-Vault-Token")
	}
	digest, err := c.wrappingToken(text)
	if err != nil {
		return answer{}, err
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return answer{}, err
	}
	t, _, ok := view.State.LiveWrapping(digest, view.State.Clock)
	if !ok {
		return answer{}, c.goneOrStrange(view.State, digest)
	}
	return answer{data: &wrappingData{t}}, nil
}

// goneOrStrange answers who shows a wrapping token that holds nothing. Guesses
// are limited by source address, as those of callers are.
func (c *call) goneOrStrange(st *fsm.State, digest fsm.Digest) error {
	if _, known := st.EndOf(digest, st.Clock); !known && !c.s.strangers.allow(sourceAddr(c.req.RemoteAddr), time.Now()) {
		return errStranger
	}
	return gone(st, digest)
}

// wrappingToken is the digest of a text that may be a wrapping token. Any other
// text is refused without a lookup: wrapping tokens are always ours.
func (c *call) wrappingToken(text string) (fsm.Digest, error) {
	if kind, valid := parseToken(text); kind != kindWrapping || !valid {
		return fsm.Digest{}, errNotWrapping
	}
	return c.s.cluster.Digest(text)
}

// wrappingData is what a look-up shows.
type wrappingData struct{ t *fsm.Token }

func (d *wrappingData) appendJSON(b []byte) []byte {
	b = append(b, `{"creation_path":`...)
	b = appendString(b, d.t.Path)
	b = append(b, `,"creation_time":`...)
	b = appendTime(b, d.t.CreatedAt)
	b = append(b, `,"creation_ttl":`...)
	b = appendSeconds(b, d.t.TTL)
	return append(b, '}')
}

// notWrapping is how it is said that a token holds nothing.
const notWrapping = "wrapping token is not valid or does not exist"

var errNotWrapping = refuse(http.StatusBadRequest, notWrapping)
