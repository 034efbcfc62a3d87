package fsmtest

import (
	"slices"
	"strings"

	"github.com/jeton-io/jeton/fsm"
)

// Query is a filter in a model's words. Zero fields match everything.
type Query struct {
	Policy, Prefix, Role string
	Before               fsm.Instant
	Parent               string // name
}

// Filter is the machine's filter of that query.
func (q Query) Filter() *fsm.TokenFilter {
	f := &fsm.TokenFilter{Policy: q.Policy, Prefix: q.Prefix, Role: q.Role, ExpiresBefore: q.Before}
	if q.Parent != "" {
		f.Parent = Accessor(q.Parent)
	}
	return f
}

// Select lists the live tokens that a query asks for, by name.
func (m *Model) Select(q Query) (names []string) {
	for _, name := range m.Names() {
		t := m.tokens[name]
		switch {
		case !m.Live(name) || t.batch || t.signed != nil, // no table has it
			q.Policy != "" && !slices.Contains(t.policies, q.Policy),
			q.Prefix != "" && t.path != q.Prefix && !strings.HasPrefix(t.path, q.Prefix+"/"),
			q.Role != "" && t.role != q.Role,
			q.Before != 0 && t.until >= q.Before,
			q.Parent != "" && t.parent != q.Parent:
			continue
		}
		names = append(names, name)
	}
	return names
}

// Below lists the live descendants of a token, by name.
func (m *Model) Below(root string) (names []string) {
	for _, name := range m.Names() {
		if name != root && m.Live(name) && !m.IsBatch(name) && m.isBelow(name, root) {
			names = append(names, name)
		}
	}
	return names
}

func (m *Model) isBelow(name, root string) bool {
	for t := m.tokens[name]; t.parent != ""; t = m.tokens[t.parent] {
		if t.parent == root {
			return true
		}
	}
	return false
}
