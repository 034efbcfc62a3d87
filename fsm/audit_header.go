package fsm

import (
	"slices"

	"github.com/jeton-io/jeton/fsm/policy"
)

// AuditHeader is the record of a header of requests that audit entries show.
type AuditHeader struct {
	Name string // in lower case
	HMAC bool   // shown as a hash
}

func (h *AuditHeader) tag() recordTag { return tagAuditHeader }

func (h *AuditHeader) fields(c *coder) {
	c.string(&h.Name, MaxMountBytes)
	c.bool(&h.HMAC)
}

// AuditHeader finds a header by its name in lower case.
func (s *State) AuditHeader(name string) (*AuditHeader, bool) { return s.auditHeaders.find(name) }

// AuditHeaders lists the headers in order of their names.
func (s *State) AuditHeaders() (list []*AuditHeader) {
	s.auditHeaders.each(func(h *AuditHeader) bool {
		list = append(list, h)
		return true
	})
	return list
}

// tokenHeaders hold what must not be written down, in whatever form.
var tokenHeaders = []string{"authorization", "cookie", "idempotency-key", "proxy-authorization", "x-vault-token"}

// checkHeaderName wants a header's name in lower case, by the grammar of HTTP.
func checkHeaderName(name string) error {
	switch {
	case name == "" || len(name) > MaxMountBytes || name != foldName(name) || !isHeaderName(name):
		return invalid(AuditHeaderBad)
	case slices.Contains(tokenHeaders, name):
		return invalid(AuditHeaderSecret, name)
	}
	return nil
}

func isHeaderName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case isWordByte(c), c == '-', c == '.', c == '!', c == '#', c == '$', c == '%', c == '&', c == '\'',
			c == '*', c == '+', c == '^', c == '`', c == '|', c == '~':
		default:
			return false
		}
	}
	return true
}

func headerAccess(name string, need policy.Capability) Access {
	return Access{Path: "sys/config/auditing/request-headers/" + name, Capability: need}
}
