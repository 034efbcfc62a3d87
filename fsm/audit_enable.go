package fsm

import (
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// AuditEnable has every node write its audit entries to one more device.
type AuditEnable struct{ Device AuditDevice }

func (*AuditEnable) kind() Kind { return kindAuditEnable }

func (e *AuditEnable) fields(c *coder) {
	c.string(&e.Device.Path, MaxMountBytes)
	e.Device.settings(c)
}

// Validate checks shape and bounds.
func (e *AuditEnable) Validate() error {
	d := &e.Device
	if err := checkMountPath(d.Path); err != nil {
		return err
	}
	if err := checkMeta(d.Options); err != nil {
		return err
	}
	switch {
	case d.Type == "":
		return invalid(MountTypeMissing)
	case d.Type != AuditFile && d.Type != AuditSyslog && d.Type != AuditSocket:
		return invalid(AuditTypeUnknown, d.Type)
	case len(d.Description) > MaxDescriptionBytes:
		return invalid(OutOfRange, "description length", len(d.Description), "at most 512 bytes")
	case d.Queue == 0 || d.Queue > MaxAuditQueue:
		return invalid(OutOfRange, "queue", d.Queue, "1 to 65536 entries")
	case d.Deadline < MinAuditDeadline || d.Deadline > MaxAuditDeadline:
		return invalid(OutOfRange, "write_timeout", d.Deadline, "10ms to 1m0s")
	case len(d.Salt.KeyID) == 0 || len(d.Salt.KeyID) > maxKeyIDBytes || len(d.Salt.Box) == 0 || len(d.Salt.Box) > maxSealedBytes:
		return invalid(OutOfRange, "length of a sealed salt", len(d.Salt.Box), "1 to 4096 bytes")
	}
	return nil
}

func (e *AuditEnable) access(*State, *Actor) Access {
	return Access{Path: "sys/audit/" + e.Device.Path, Capability: policy.Update}
}

func (e *AuditEnable) apply(tx *Tx, _ *Actor) (Result, *Error) {
	switch {
	case tx.st.auditClash(e.Device.Path):
		return nil, verdict(Exists, AuditPathUsed)
	case tx.st.auditDevices.len() >= MaxAuditDevices:
		return nil, verdict(Limit, TooManyAuditDevices, MaxAuditDevices)
	}
	d := e.Device
	d.Serial, d.Deadline = tx.serial(), d.Deadline.Truncate(time.Millisecond)
	putRecord(tx, &tx.st.auditDevices, d.Path, &d)
	return &Done{}, nil
}
