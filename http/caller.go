package http

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// Headers are looked up by their canonical spelling, which saves finding it out
// for each request.
const (
	headerToken     = "X-Vault-Token"
	headerAuth      = "Authorization"
	headerNamespace = "X-Vault-Namespace"
	headerWrapTTL   = "X-Vault-Wrap-Ttl"
	headerKey       = "Idempotency-Key"
	cookieToken     = "token"
)

// single is the value of a header that may be given once.
func single(h http.Header, name string) (string, error) {
	v := h[name]
	switch len(v) {
	case 0:
		return "", nil
	case 1:
		return v[0], nil
	}
	return "", rebuff(http.StatusBadRequest, "header %s is given %d times", name, len(v))
}

// readCaller reads who asks, and turns the token into its digest, and a batch
// token into what it says: nothing below this package ever sees the token itself.
func (c *call) readCaller() error {
	if c.route.open && !c.route.login {
		return nil
	}
	if c.caller.Addr = sourceAddr(c.req.RemoteAddr); !c.caller.Addr.IsValid() {
		c.caller.Addr = netip.IPv4Unspecified() // a listener without IP addresses: bound CIDRs do not match
	}
	if c.route.login {
		return c.readHeaders()
	}
	if c.founding() {
		return c.readHeaders()
	}
	var err error
	if c.secret, err = c.token(); err != nil {
		return err
	}
	if err := c.readHeaders(); err != nil {
		return err
	}
	if c.secret == "" {
		if c.route.gateway {
			return errNoToken
		}
		return errDenied
	}
	known, err := c.identify()
	if err == nil && !known {
		return c.stranger()
	}
	return err
}

// founding says whether the request may initialize the cluster, in which nobody has
// a token yet. If this node is only late to hear that somebody has, the machine
// refuses what has no caller.
func (c *call) founding() bool {
	return c.route.founds && c.op == opUpdate && !c.s.cluster.Local().Initialized()
}

// identify turns the token into its digest, and a batch token or one of Waypoint's into
// what it says. It
// says no to a text that can be no token of this cluster.
func (c *call) identify() (known bool, err error) {
	kind, valid := parseToken(c.secret)
	if !valid || len(c.secret) > maxTokenBytes {
		return false, nil
	}
	if kind == kindForeign {
		if known, err = c.identifySigned(); known || err != nil {
			return known, err
		}
	}
	if c.caller.Token, err = c.s.cluster.Digest(c.secret); err != nil || kind != kindBatch {
		return err == nil, err
	}
	if c.caller.Batch, err = c.openBatch(c.secret); errors.Is(err, errNoBatchToken) {
		return false, nil
	}
	return err == nil, err
}

// token finds the caller's token: X-Vault-Token, then Authorization: Bearer,
// then the cookie of 2015.
func (c *call) token() (string, error) {
	if c.route.gateway {
		return c.signedHeader()
	}
	h := c.req.Header
	t, err := single(h, headerToken)
	if err != nil || t != "" {
		return t, err
	}
	auth, err := single(h, headerAuth)
	if err != nil {
		return "", err
	}
	if bearer, ok := strings.CutPrefix(auth, "Bearer "); ok {
		return strings.TrimSpace(bearer), nil
	}
	if len(h["Cookie"]) > 0 && sameSite(c.req) {
		return cookieValue(c.req)
	}
	return "", nil
}

// sameSite says whether a cookie counts. A browser sends cookies along with
// requests that another site made it send; such a request bears the marks that
// are looked for here. Clients that are no browsers set none of them.
func sameSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

func cookieValue(r *http.Request) (string, error) {
	found := r.CookiesNamed(cookieToken)
	if len(found) > 1 {
		return "", rebuff(http.StatusBadRequest, "cookie %s is given %d times", cookieToken, len(found))
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0].Value, nil
}

// readHeaders reads what else stands in the headers.
func (c *call) readHeaders() (err error) {
	h := c.req.Header
	if c.clientKey, err = single(h, headerKey); err != nil {
		return err
	}
	if len(c.clientKey) > fsm.MaxIdempotencyKeyBytes {
		return rebuff(http.StatusBadRequest, "header %s has %d bytes, at most %d are allowed", headerKey, len(c.clientKey), fsm.MaxIdempotencyKeyBytes)
	}
	switch ns := strings.Trim(h.Get(headerNamespace), "/"); ns {
	case "", "root":
	default:
		return rebuff(http.StatusBadRequest, "namespaces are not supported: header %s is %s", headerNamespace, quote(ns))
	}
	wrap, err := single(h, headerWrapTTL)
	if err != nil || wrap == "" {
		return err
	}
	ttl, err := parseDuration(wrap)
	if err != nil {
		return rebuff(http.StatusBadRequest, "error parsing X-Vault-Wrap-TTL header: %v", err)
	}
	c.caller.WrapTTL = ttl
	return nil
}

// sourceAddr is the address of the socket's other end; the zero Addr if it has
// none. Forwarding headers are not believed.
func sourceAddr(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
