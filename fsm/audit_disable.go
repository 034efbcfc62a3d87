package fsm

import "github.com/jeton-io/jeton/fsm/policy"

// AuditDisable ends an audit device. What it has written stays where it is.
type AuditDisable struct{ Path string }

func (*AuditDisable) kind() Kind        { return kindAuditDisable }
func (d *AuditDisable) fields(c *coder) { c.string(&d.Path, MaxMountBytes) }

// Validate bounds the path.
func (d *AuditDisable) Validate() error { return checkAuditPath(d.Path) }

func checkAuditPath(path string) error {
	if path == "" || len(path) > MaxMountBytes {
		return invalid(OutOfRange, "device path length", len(path), "1 to 128 bytes")
	}
	return nil
}

func (d *AuditDisable) access(*State, *Actor) Access {
	return Access{Path: "sys/audit/" + d.Path, Capability: policy.Delete}
}

// apply does nothing to a path where there is no device, as in Vault.
func (d *AuditDisable) apply(tx *Tx, _ *Actor) (Result, *Error) {
	if _, there := tx.st.AuditDevice(d.Path); there {
		delRecord(tx, &tx.st.auditDevices, d.Path)
	}
	return &Done{}, nil
}
