package policy

import "testing"

func TestCapabilityNames(t *testing.T) {
	const want = "create,delete,deny,list,patch,read,scan,sudo,update"
	if got := allCapabilities.String(); got != want {
		t.Errorf("all capabilities: got %q, want %q", got, want)
	}
	var all Capability
	for _, name := range allCapabilities.Names() {
		c, ok := ParseCapability(name)
		if !ok || c.String() != name {
			t.Errorf("capability %q: got %v, %v", name, c, ok)
		}
		all |= c
	}
	if all != allCapabilities {
		t.Errorf("names cover %#x, want %#x", all, allCapabilities)
	}
	for _, name := range []string{"", "Read", "root", "fly", "read "} {
		if c, ok := ParseCapability(name); ok {
			t.Errorf("%q was taken for %v", name, c)
		}
	}
}
