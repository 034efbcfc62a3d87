package http

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/audit"
)

// An entry is one line of JSON with Vault's names, and what is ours under
// "jeton". docs/audit.md describes it.

// appendEntry appends an entry for a device: of the request, or, given an
// outcome, of its answer.
func (c *call) appendEntry(b []byte, device int, out *outcome) []byte {
	d := c.trail.set.devices[device]
	kind := "request"
	if out != nil {
		kind = "response"
	}
	b = appendEntryStart(b, kind)
	if c.trail.heads[device] == nil {
		c.trail.heads[device] = c.appendRequest(nil, d)
	}
	b = append(b, c.trail.heads[device]...)
	if out != nil {
		b = c.appendResponse(b, d, out)
	}
	b = append(b, `,"jeton":{"node":`...)
	b = appendString(b, c.trail.set.node)
	b = append(b, `,"index":`...)
	index := c.index
	if index == 0 {
		index = c.s.cluster.Local().Index()
	}
	b = strconv.AppendUint(b, index, 10)
	if out != nil {
		b = append(b, `,"status":`...)
		b = strconv.AppendInt(b, int64(out.statusFor(c)), 10)
	}
	return append(b, '}', '}')
}

func appendEntryStart(b []byte, kind string) []byte {
	b = append(b, `{"time":"`...)
	b = time.Now().UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","type":"`...)
	b = append(b, kind...)
	return append(b, '"')
}

// appendRequest appends what both entries say of the request.
func (c *call) appendRequest(b []byte, d *auditDevice) []byte {
	if t := c.trail.token; t != nil {
		b = append(b, `,"auth":`...)
		b = c.appendCaller(b, d, t)
	}
	b = append(b, `,"request":{"id":"`...)
	b = append(b, c.id[:]...)
	b = append(b, `","operation":"`...)
	b = append(b, c.op.name...)
	b = append(b, `","path":`...)
	b = c.appendAuditPath(b, d.Hasher)
	b = c.appendMount(b)
	b = append(b, `,"namespace":{"id":"root"}`...)
	if c.secret != "" {
		b = append(b, `,"client_token":`...)
		b = appendHash(b, []byte(c.secret), d.Hasher)
	}
	if t := c.trail.token; t != nil {
		b = append(b, `,"client_token_accessor":`...)
		b = d.appendAccessor(b, t.Accessor())
	}
	if addr := sourceAddr(c.req.RemoteAddr); addr.IsValid() {
		b = append(b, `,"remote_address":"`...)
		b = addr.AppendTo(b)
		b = append(b, `","remote_port":`...)
		b = append(b, c.req.RemoteAddr[strings.LastIndexByte(c.req.RemoteAddr, ':')+1:]...)
	}
	if c.caller.WrapTTL > 0 {
		b = append(b, `,"wrap_ttl":`...)
		b = appendSeconds(b, c.caller.WrapTTL)
	}
	if c.trail.fields && len(c.body.fields) > 0 {
		b = append(b, `,"data":`...)
		kept, _ := c.shownKeys()
		b = appendFields(b, c.body.fields, d.Hasher, kept)
	}
	b = c.appendHeaders(b, d.Hasher)
	return append(b, '}')
}

// appendCaller tells of the token that asks.
func (c *call) appendCaller(b []byte, d *auditDevice, t *fsm.Token) []byte {
	b = append(b, `{"client_token":`...)
	b = appendHash(b, []byte(c.secret), d.Hasher)
	b = append(b, `,"accessor":`...)
	b = d.appendAccessor(b, t.Accessor())
	b = append(b, `,"display_name":`...)
	b = appendString(b, t.DisplayName)
	b = append(b, `,"policies":`...)
	start := len(b)
	b = appendStrings(b, t.Policies)
	b = append(append(b, `,"token_policies":`...), b[start:]...)
	if len(t.Meta) > 0 {
		b = append(b, `,"metadata":`...)
		b = appendMeta(b, t.Meta)
	}
	b = append(b, `,"token_type":"`...)
	b = append(b, typeOf(t)...)
	b = append(b, `","token_ttl":`...)
	b = appendSeconds(b, t.TTL)
	b = append(b, `,"token_issue_time":`...)
	b = appendTime(b, t.CreatedAt)
	if t.Counted() {
		b = append(b, `,"num_uses":`...)
		b = strconv.AppendUint(b, uint64(t.NumUses), 10)
		b = append(b, `,"remaining_uses":`...)
		b = strconv.AppendUint(b, uint64(t.UsesLeft), 10)
	}
	return append(b, '}')
}

// appendAccessor appends an accessor as the device shows it.
func (d *auditDevice) appendAccessor(b []byte, accessor string) []byte {
	if d.HMACAccessor {
		return appendHash(b, []byte(accessor), d.Hasher)
	}
	return appendString(b, accessor)
}

// maxAuditPath bounds the path of an entry; one that is longer was refused.
const maxAuditPath = 2 * maxPathBytes

// appendAuditPath appends the request's path. A segment that is a token is there
// as its hash: in the forms of 2015, and by its looks. Paths that nothing handles
// may be misspelt ones, so of those only the first segment is shown.
func (c *call) appendAuditPath(b []byte, h *audit.Hasher) []byte {
	path := c.path
	if path == "" {
		path = strings.TrimPrefix(c.req.URL.Path, "/v1/")
	}
	if c.route.secret {
		path += "/" + h.Hash(c.variable("token"))
	}
	if len(path) > maxAuditPath {
		path = path[:maxAuditPath]
	}
	if !strings.Contains(path, tokenPrefix) && c.route.path != unknown.path {
		return appendString(b, path)
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if tokenLike([]byte(s)) || c.route.path == unknown.path && i > 0 {
			segments[i] = h.Hash(s)
		}
	}
	return appendString(b, strings.Join(segments, "/"))
}

// appendMount says by what the path is handled.
func (c *call) appendMount(b []byte) []byte {
	point, kind := c.mount()
	if point == "" {
		return b
	}
	b = append(b, `,"mount_point":`...)
	b = appendString(b, point)
	b = append(b, `,"mount_type":`...)
	return appendString(b, kind)
}

func (c *call) mount() (point, kind string) {
	if m, _, ok := c.s.cluster.Local().AuthMountOf(c.path); ok {
		return "auth/" + m.Path + "/", m.Type
	}
	if m, _, ok := c.s.cluster.Local().SecretMountOf(c.path); ok {
		return m.Path + "/", m.Type
	}
	switch first, _, _ := strings.Cut(c.path, "/"); first {
	case "sys":
		return "sys/", "system"
	case "cubbyhole":
		return cubbyholeMount, "cubbyhole"
	}
	return "", ""
}

// shownKeys are the fields that the mount's settings let an entry show.
func (c *call) shownKeys() (request, response []string) {
	if m, _, ok := c.s.cluster.Local().AuthMountOf(c.path); ok {
		return m.Config.AuditRequestKeys, m.Config.AuditResponseKeys
	}
	if m, _, ok := c.s.cluster.Local().SecretMountOf(c.path); ok {
		return m.Config.AuditRequestKeys, m.Config.AuditResponseKeys
	}
	return nil, nil
}

// appendHeaders appends the headers that are to be shown.
func (c *call) appendHeaders(b []byte, h *audit.Hasher) []byte {
	any := false
	for _, header := range c.trail.set.headers {
		values := c.req.Header[http.CanonicalHeaderKey(header.Name)]
		if len(values) == 0 {
			continue
		}
		if b = append(b, ','); !any {
			b = append(b, `"headers":{`...)
			any = true
		}
		b = appendString(b, header.Name)
		for i, v := range values {
			b = append(b, ":,"[min(i, 1)])
			if i == 0 {
				b = append(b, '[')
			}
			if header.HMAC {
				b = appendHash(b, []byte(v), h)
			} else {
				b = appendShown(b, v, h)
			}
		}
		b = append(b, ']')
	}
	if any {
		b = append(b, '}')
	}
	return b
}

// statusFor is the status that the answer will have.
func (o *outcome) statusFor(c *call) int {
	switch {
	case o.err != nil:
		return o.status
	case o.answer.status != 0:
		return o.answer.status
	case o.answer.silent(c):
		return http.StatusNoContent
	}
	return http.StatusOK
}

// appendResponse appends what the second entry says of the answer.
func (c *call) appendResponse(b []byte, d *auditDevice, out *outcome) []byte {
	if out.err != nil {
		b = append(b, `,"error":`...)
		return appendString(b, auditedError(out.err, d.Hasher))
	}
	b = append(b, `,"response":{`...)
	start := len(b)
	if out.auth != nil {
		b = append(b, `,"auth":`...)
		b = appendData(b, out.auth.appendJSON(nil), d.Hasher, d.shown(authShown))
	}
	if out.lease != nil {
		b = append(b, `,"secret":{"lease_id":`...)
		b = append(appendString(b, out.lease.ID), '}')
	}
	data := out.data
	if data == nil {
		data = out.bare
	}
	if data != nil {
		b = append(b, `,"data":`...)
		_, kept := c.shownKeys()
		b = appendData(b, data.appendJSON(nil), d.Hasher, c.dataShown(d, kept))
	}
	if out.wrap != nil {
		b = append(b, `,"wrap_info":`...)
		b = appendData(b, out.wrap.appendJSON(nil), d.Hasher, d.shown(wrapShown))
	}
	if len(b) > start {
		b = slices.Delete(b, start, start+1) // the comma before the first
	}
	return append(b, '}')
}

// What an entry shows of the tokens that an answer hands over. Nothing else is.
var (
	authShown = map[string]bool{
		"policies": true, "token_policies": true, "identity_policies": true, "metadata": true, "entity_id": true, "token_type": true,
	}
	wrapShown = map[string]bool{"creation_path": true, "creation_time": true}
)

func (d *auditDevice) shown(fields map[string]bool) func([]byte) shownAs {
	return func(name []byte) shownAs {
		switch field := string(name); {
		case fields[field], !d.HMACAccessor && (field == "accessor" || field == "wrapped_accessor"):
			return asItIs
		}
		return asHashes
	}
}

func (c *call) dataShown(d *auditDevice, kept []string) func([]byte) shownAs {
	return func(name []byte) shownAs {
		switch field := string(name); {
		case d.ElideLists && c.op == opList && (field == "keys" || field == "key_info"):
			return asCount
		case mayShow(kept, name), !d.HMACAccessor && field == "accessor":
			return asItIs
		}
		return asHashes
	}
}
