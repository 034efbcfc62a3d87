package policy

import "strings"

// Capability is a set of things that a policy may allow on a path.
type Capability uint16

// The capabilities. The bits are part of the encoded form: never reordered.
const (
	Deny Capability = 1 << iota // refuses everything, whatever else is given
	Create
	Read
	Update
	Delete
	List
	Sudo // needed besides the verb's own capability on protected paths
	Patch
	Scan

	allCapabilities = Scan<<1 - 1
)

// capabilityNames is in alphabetical order, the order in which
// sys/capabilities answers.
var capabilityNames = [...]struct {
	bit  Capability
	name string
}{
	{Create, "create"},
	{Delete, "delete"},
	{Deny, "deny"},
	{List, "list"},
	{Patch, "patch"},
	{Read, "read"},
	{Scan, "scan"},
	{Sudo, "sudo"},
	{Update, "update"},
}

// ParseCapability returns the capability of that name.
func ParseCapability(name string) (Capability, bool) {
	for _, c := range capabilityNames {
		if c.name == name {
			return c.bit, true
		}
	}
	return 0, false
}

// Names lists the capabilities of the set in alphabetical order.
func (c Capability) Names() []string {
	names := make([]string, 0, len(capabilityNames))
	for _, n := range capabilityNames {
		if c&n.bit != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// String is the names of the set, separated by commas.
func (c Capability) String() string { return strings.Join(c.Names(), ",") }
