package http

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/waypoint"
)

// How callers show themselves on Waypoint's paths. The gateway hands on what stands
// behind its prefix as metadata of the call.
const (
	headerSigned = "Grpc-Metadata-Waypoint-Token"
	headerCookie = "Grpc-Metadata-Wpcookie"
	cookieLabel  = "waypoint cookie"
)

var (
	errNoToken     = rebuff(http.StatusUnauthorized, "no token was shown")
	errNotKnown    = rebuff(http.StatusUnauthorized, "the token is not known here")
	errWrongCookie = rebuff(http.StatusForbidden, "the server cookie is wrong")
)

// signedHeader finds the caller's token where Waypoint's clients put it: in the
// metadata, or bare in Authorization, unless the first is there at all. Tokens of
// Vault's kinds come as anywhere else.
func (c *call) signedHeader() (string, error) {
	if v, given := c.req.Header[headerSigned]; given {
		return v[0], nil
	}
	if t, err := single(c.req.Header, headerToken); err != nil || t != "" {
		return t, err
	}
	auth, err := single(c.req.Header, headerAuth)
	if bearer, ok := strings.CutPrefix(auth, "Bearer "); ok {
		return strings.TrimSpace(bearer), err
	}
	return auth, err
}

// readGateway reads what stands in the headers of any request to Waypoint's paths,
// open ones included. A token that was to be wrapped must not be given in the clear.
func (c *call) readGateway() error {
	if c.req.Header.Get(headerWrapTTL) != "" {
		return rebuff(http.StatusBadRequest, "header X-Vault-Wrap-TTL: answers of Waypoint's paths are not wrapped")
	}
	return c.checkCookie()
}

// checkCookie refuses a wrong server cookie on every path of Waypoint's, also the open
// ones, and remembers a right one. An empty one is none.
func (c *call) checkCookie() error {
	shown := c.req.Header.Get(headerCookie)
	if shown == "" {
		return nil
	}
	c.caller.Addr = sourceAddr(c.req.RemoteAddr)
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	st := c.s.cluster.Local()
	if len(st.SignedConfig().Cookie.Box) == 0 { // it is never changed, so an old state will do
		view, err := c.s.cluster.View(c.ctx)
		if err != nil {
			return err
		}
		st = view.State
	}
	cookie, err := c.cookieIn(st)
	if err != nil {
		return err
	}
	if cookie != "" && sameText(strings.ToLower(shown), strings.ToLower(cookie)) {
		c.cookie = true
		return nil
	}
	if !c.s.strangers.allow(c.caller.Addr, time.Now()) {
		return errStranger
	}
	return errWrongCookie
}

// cookieIn is the server's cookie; empty: there is none yet.
func (c *call) cookieIn(st *fsm.State) (string, error) {
	sealed := st.SignedConfig().Cookie
	if len(sealed.Box) == 0 {
		return "", nil
	}
	cookie, err := c.s.cluster.Open(c.ctx, cookieLabel, sealed)
	return string(cookie), err
}

// sameText compares in constant time.
func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sealedCookie draws a cookie, for commands that store it if there is none yet.
func (c *call) sealedCookie() (fsm.Sealed, error) {
	return c.s.cluster.Seal(cookieLabel, []byte("WPC"+newULID()))
}

// identifySigned is identify for a text that may be a Waypoint token.
func (c *call) identifySigned() (known bool, err error) {
	s, err := c.openSigned(c.secret)
	var no *waypoint.Refusal
	switch {
	case errors.As(err, &no):
		if !c.s.strangers.allow(c.caller.Addr, time.Now()) {
			return false, errStranger
		}
		c.judged = true
		return false, errBadSigned(no)
	case err != nil || s == nil:
		return false, err
	}
	c.caller.Token, c.caller.Signed = s.digest, s.said
	return true, nil
}

// optionalCaller reads the caller on a path that needs none. What shows nobody whom
// the cluster knows counts as nothing shown.
func (c *call) optionalCaller() (*fsm.Actor, error) {
	c.caller.Addr = sourceAddr(c.req.RemoteAddr)
	text, err := c.signedHeader()
	if err != nil || text == "" {
		return nil, err
	}
	c.secret = text
	known, err := c.identify()
	var no *refusal
	switch {
	case errors.As(err, &no):
		return nil, nil
	case err != nil || !known:
		return nil, err
	}
	view, err := c.s.cluster.View(c.ctx)
	if err != nil {
		return nil, err
	}
	if view, err = c.s.cluster.ViewPast(c.ctx, view, c.caller.End()); err != nil {
		return nil, err
	}
	a, _ := view.State.Resolve(c.caller, view.State.Clock)
	return a, nil
}
