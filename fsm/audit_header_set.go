package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// AuditHeaderSet has audit entries show a header of requests.
type AuditHeaderSet struct{ Header AuditHeader }

func (*AuditHeaderSet) kind() Kind        { return kindAuditHeaderSet }
func (h *AuditHeaderSet) fields(c *coder) { h.Header.fields(c) }

// Validate checks the name.
func (h *AuditHeaderSet) Validate() error { return checkHeaderName(h.Header.Name) }

func (h *AuditHeaderSet) access(*State, *Actor) Access {
	return headerAccess(h.Header.Name, policy.Update)
}

func (h *AuditHeaderSet) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, there := tx.st.AuditHeader(h.Header.Name); !there && tx.st.auditHeaders.len() >= MaxAuditHeaders {
		return nil, verdict(Limit, TooManyAuditHeaders, MaxAuditHeaders)
	}
	header := h.Header
	putRecord(tx, &tx.st.auditHeaders, header.Name, &header)
	return &Done{}, nil
}
