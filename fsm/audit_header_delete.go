package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// AuditHeaderDelete ends AuditHeaderSet.
type AuditHeaderDelete struct{ Name string }

func (*AuditHeaderDelete) kind() Kind        { return kindAuditHeaderDelete }
func (h *AuditHeaderDelete) fields(c *coder) { c.string(&h.Name, MaxMountBytes) }

// Validate checks the name.
func (h *AuditHeaderDelete) Validate() error { return checkHeaderName(h.Name) }

func (h *AuditHeaderDelete) access(*State, *Actor) Access {
	return headerAccess(h.Name, policy.Delete)
}

// apply does nothing about a header that is not shown, as in Vault.
func (h *AuditHeaderDelete) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, there := tx.st.AuditHeader(h.Name); there {
		delRecord(tx, &tx.st.auditHeaders, h.Name)
	}
	return &Done{}, nil
}
