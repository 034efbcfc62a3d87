package fsm

import "testing"

// Every kind of record has a name of its own, and an order.
func TestTagNames(t *testing.T) {
	seen := make(map[string]recordTag)
	for tag := recordTag(0); tag < tagEnd; tag++ {
		known, name := newRecord(tag) != nil, tag.String()
		if known != (name != "") {
			t.Errorf("record tag %d: known %v, name %q", tag, known, name)
		}
		if other, twice := seen[name]; twice && name != "" {
			t.Errorf("record tags %d and %d are both %q", tag, other, name)
		}
		seen[name] = tag
		if known {
			appendOrder(nil, newRecord(tag)) // panics for one without
		}
	}
}
