package fsm

import (
	"strings"
	"time"
)

// AuditDevice is the record of one audit device: where every node writes down
// what is asked of it. What a device's options mean is for the nodes.
type AuditDevice struct {
	Path        string // no slash at either end
	Serial      uint64 // of the command that enabled it
	Type        string
	Description string
	Local       bool // as asked for; shown, and without meaning here
	Options     []MetaPair
	Required    bool          // requests that it cannot record are refused
	Queue       uint32        // entries that may wait for it on a node
	Deadline    time.Duration // how long an entry may take
	Salt        Sealed        // keys the hashes in its entries
}

// The types of audit devices.
const (
	AuditFile   = "file"
	AuditSyslog = "syslog"
	AuditSocket = "socket"
)

func (d *AuditDevice) tag() recordTag { return tagAuditDevice }

func (d *AuditDevice) fields(c *coder) {
	c.string(&d.Path, MaxMountBytes)
	c.u64(&d.Serial)
	d.settings(c)
}

// settings are the fields that the command which enables a device has too.
func (d *AuditDevice) settings(c *coder) {
	c.string(&d.Type, MaxMountBytes)
	c.string(&d.Description, MaxDescriptionBytes)
	c.bool(&d.Local)
	metaFields(c, &d.Options)
	c.bool(&d.Required)
	c.u32(&d.Queue)
	c.duration(&d.Deadline)
	d.Salt.fields(c)
}

// AuditDevice finds the device at a path.
func (s *State) AuditDevice(path string) (*AuditDevice, bool) { return s.auditDevices.find(path) }

// AuditDevices lists the devices in order of their paths.
func (s *State) AuditDevices() (list []*AuditDevice) {
	s.auditDevices.each(func(d *AuditDevice) bool {
		list = append(list, d)
		return true
	})
	return list
}

// AuditVersion is the same for states whose settings for auditing are the same.
// It is cheap to get and to compare, and means nothing else.
func (s *State) AuditVersion() AuditVersion {
	return AuditVersion{s.auditDevices.tree.Version(), s.auditHeaders.tree.Version()}
}

// AuditVersion stands for what is audited where, by the versions of the tables.
type AuditVersion struct{ devices, headers any }

// auditClash says whether a device leaves no room for a new one: at its path,
// above or below it.
func (s *State) auditClash(path string) (clash bool) {
	s.auditDevices.each(func(d *AuditDevice) bool {
		clash = strings.HasPrefix(d.Path+"/", path+"/") || strings.HasPrefix(path+"/", d.Path+"/")
		return !clash
	})
	return clash
}
