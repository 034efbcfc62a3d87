package http

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jeton-io/jeton/fsm/policy"
)

// opOther stands for verbs that mean nothing here. It is judged as a write.
var opOther = operation{"other", policy.Update}

// readLine reads verb, path and query. What is wrong with them is said to
// anyone: there is nothing yet that could be judged.
func (c *call) readLine() error {
	u := c.req.URL
	if err := checkPath(u); err != nil {
		return err
	}
	path, under := strings.CutPrefix(u.Path, "/v1/")
	if !under {
		return rebuff(http.StatusNotFound, "no handler for route %s", quote(u.Path))
	}
	c.path = path
	if c.route.secret {
		c.path, _, _ = strings.Cut(c.route.path, "/{")
	} else if holdsToken(path) {
		return rebuff(http.StatusBadRequest, "path holds a token: tokens belong into the header X-Vault-Token")
	}
	if len(u.RawQuery) > maxQueryBytes {
		return rebuff(http.StatusRequestURITooLong, "query has %d bytes, at most %d are allowed", len(u.RawQuery), maxQueryBytes)
	}
	if u.RawQuery != "" {
		var err error
		if c.query, err = url.ParseQuery(u.RawQuery); err != nil {
			return rebuff(http.StatusBadRequest, "query does not parse: expected name=value pairs, percent-encoded")
		}
	}
	return c.readOperation()
}

func (c *call) readOperation() error {
	switch c.req.Method {
	case http.MethodGet:
		c.op = opRead
		if c.query.Has("list") {
			list, err := strconv.ParseBool(c.query.Get("list"))
			if err != nil {
				return rebuff(http.StatusBadRequest, "query parameter list is %s, expected true or false", quote(c.query.Get("list")))
			}
			if list {
				c.op = opList
			}
		}
	case http.MethodHead:
		c.op = opOther
		if c.route.open {
			c.op = opRead
		}
	case http.MethodPost, http.MethodPut:
		c.op = opUpdate
	case http.MethodDelete:
		c.op = opDelete
	case http.MethodPatch:
		c.op = opPatch
	case "LIST":
		c.op = opList
	default:
		c.op = opOther
	}
	c.settlePath()
	return nil
}

// settlePath gives the path the one spelling by which policies know it: a LIST ends
// in a slash, and nothing else does on a route that means the same without.
func (c *call) settlePath() {
	switch slash := strings.HasSuffix(c.path, "/"); {
	case c.op == opList && !slash:
		c.path += "/"
	case c.op != opList && slash && c.route.folder && c.route.handler(c.op) != nil:
		c.path = strings.TrimSuffix(c.path, "/")
	}
}

// checkPath refuses spellings by which one path could be taken for another:
// policies, proxies and this server have to agree on what was asked for.
func checkPath(u *url.URL) error {
	p := u.Path
	if below := len(p) - len("/v1/"); below > maxPathBytes {
		return rebuff(http.StatusRequestURITooLong, "path has %d bytes, at most %d are allowed", below, maxPathBytes)
	}
	if u.RawPath != "" {
		if raw := strings.ToLower(u.RawPath); strings.Contains(raw, "%2f") || strings.Contains(raw, "%5c") {
			return rebuff(http.StatusBadRequest, "path holds an encoded slash")
		}
	}
	for i := 0; i < len(p); i++ {
		if p[i] < ' ' || p[i] == 0x7f {
			return rebuff(http.StatusBadRequest, "path holds the control character %#02x", p[i])
		}
	}
	if !utf8.ValidString(p) {
		return rebuff(http.StatusBadRequest, "path is not valid UTF-8")
	}
	if strings.Contains(p, "//") {
		return rebuff(http.StatusBadRequest, "path holds an empty segment")
	}
	if strings.Contains(p, "/.") {
		for segment := range strings.SplitSeq(p, "/") {
			if segment == "." || segment == ".." {
				return rebuff(http.StatusBadRequest, "path holds the segment %q", segment)
			}
		}
	}
	return nil
}

// holdsToken says whether a segment of a path is a token of ours, which the
// checksum tells beyond doubt. Paths are written to the log; tokens are not.
func holdsToken(path string) bool {
	if !strings.Contains(path, tokenPrefix) {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if kind, valid := parseToken(segment); kind != kindForeign && valid {
			return true
		}
	}
	return false
}

// unsupportedPath is Vault's answer for a path that nothing handles.
func (c *call) unsupportedPath() error {
	if c.place.mount != "" {
		return refuse(http.StatusNotFound, "unsupported path")
	}
	for _, mount := range [...]string{"sys/", "auth/token/", "cubbyhole/"} {
		if strings.HasPrefix(c.path, mount) {
			return refuse(http.StatusNotFound, "unsupported path")
		}
	}
	return refuse(http.StatusNotFound, "no handler for route %s. route entry not found.", quote(c.path))
}
