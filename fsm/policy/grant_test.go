package policy

import (
	"testing"
	"time"
)

func TestGrantAllows(t *testing.T) {
	for _, tc := range []struct {
		name  string
		grant Grant
		want  Capability
		ok    bool
	}{
		{"given", Grant{caps: Read | List}, Read, true},
		{"not given", Grant{caps: Read}, List, false},
		{"both wanted, one given", Grant{caps: Read}, Read | Sudo, false},
		{"nothing wanted", Grant{caps: Read}, 0, false},
		{"nothing given", Grant{}, Read, false},
		{"denied", Grant{caps: Deny}, Read, false},
		{"deny is not given", Grant{caps: Deny}, Deny, false},
		{"root", Grant{root: true}, Sudo | Delete, true},
	} {
		if got := tc.grant.Allows(tc.want); got != tc.ok {
			t.Errorf("%s: got %v", tc.name, got)
		}
	}
}

func TestCheckWrapTTL(t *testing.T) {
	bounds := func(low, high time.Duration) Grant { return Grant{minWrap: low, maxWrap: high} }
	for _, tc := range []struct {
		name  string
		grant Grant
		ttl   time.Duration
		ok    bool
	}{
		{"no bounds, not wrapped", bounds(0, 0), 0, true},
		{"no bounds, wrapped", bounds(0, 0), time.Hour, true},
		{"a minimum makes wrapping a duty", bounds(1, 0), 0, false},
		{"a maximum too", bounds(0, 9), 0, false},
		{"below", bounds(3, 9), 2, false},
		{"at the minimum", bounds(3, 9), 3, true},
		{"at the maximum", bounds(3, 9), 9, true},
		{"above", bounds(3, 9), 10, false},
		{"above no maximum", bounds(3, 0), time.Hour, true},
		{"a minimum above the maximum", bounds(9, 3), 5, false},
		{"a minimum above the maximum, at it", bounds(9, 3), 9, false},
		{"root", Grant{root: true}, 0, true},
	} {
		if got := tc.grant.CheckWrapTTL(tc.ttl); got != tc.ok {
			t.Errorf("%s: got %v", tc.name, got)
		}
	}
}

func TestCheckParameters(t *testing.T) {
	type m = map[string]any
	list := func(ps ...Parameter) []Parameter { return ps }
	param := func(name string, vs ...any) Parameter { return Parameter{Name: name, Values: values(t, vs...)} }
	colored := Parameters{Allowed: list(param("color", "red", "bl*"), param("free"))}
	owned := Parameters{Required: []string{"owner", "Ticket"}}
	for _, tc := range []struct {
		name   string
		rules  []Parameters // of the same path in as many policies
		op     Capability
		params m
		ok     bool
	}{
		{"no restriction", []Parameters{{}}, Update, m{"x": 1}, true},
		{"allowed value", []Parameters{colored}, Update, m{"color": "red"}, true},
		{"allowed by wildcard", []Parameters{colored}, Update, m{"color": "blue"}, true},
		{"another value", []Parameters{colored}, Update, m{"color": "green"}, false},
		{"any value", []Parameters{colored}, Update, m{"free": m{"deep": true}}, true},
		{"another parameter", []Parameters{colored}, Update, m{"color": "red", "other": "x"}, false},
		{"no parameters", []Parameters{colored}, Update, nil, true},
		{"name in another case", []Parameters{colored}, Update, m{"COLOR": "green"}, false},
		{"restricted on create", []Parameters{colored}, Create, m{"other": 1}, false},
		{"restricted on patch", []Parameters{colored}, Patch, m{"other": 1}, false},
		{"restricted on read", []Parameters{colored}, Read, m{"other": "1"}, false},
		{"not on delete", []Parameters{colored}, Delete, m{"other": 1}, true},
		{"not on list", []Parameters{owned}, List, nil, true},

		{"required are there", []Parameters{owned}, Update, m{"owner": "me", "ticket": nil, "more": 1}, true},
		{"one required is missing", []Parameters{owned}, Update, m{"owner": "me"}, false},
		{"required of an empty request", []Parameters{owned}, Update, nil, false},
		{"required of a read", []Parameters{owned}, Read, nil, false},
		{"required only in lower case", []Parameters{owned}, Update, m{"owner": "me", "Ticket": "T"}, false},

		{"denied parameter", []Parameters{{Denied: list(param("x"))}}, Update, m{"x": 1}, false},
		{"denied in another case", []Parameters{{Denied: list(param("x"))}}, Update, m{"X": 1}, false},
		{"denied value", []Parameters{{Denied: list(param("x", "a*"))}}, Update, m{"x": "ab"}, false},
		{"another than the denied value", []Parameters{{Denied: list(param("x", "a*"))}}, Update, m{"x": "b"}, true},
		{"all denied", []Parameters{{Denied: list(param("*"))}}, Update, m{"y": 1}, false},
		{"all denied, none given", []Parameters{{Denied: list(param("*"))}}, Update, m{}, true},
		{"denied wins over allowed", []Parameters{{Denied: list(param("x")), Allowed: list(param("x"))}}, Update, m{"x": 1}, false},
		{"* allows all", []Parameters{{Allowed: list(param("*"))}}, Update, m{"y": 1}, true},
		{"* has no say in values", []Parameters{{Allowed: list(param("*", "a"))}}, Update, m{"y": "b", "*": "c"}, true},
		{"* and a list", []Parameters{{Allowed: list(param("*"), param("x", "a"))}}, Update, m{"y": 1, "x": "a"}, true},
		{"* and a list, another value", []Parameters{{Allowed: list(param("*"), param("x", "a"))}}, Update, m{"x": "b"}, false},

		{"allowed lists unite", []Parameters{colored, {Allowed: list(param("color", "green"))}}, Update, m{"color": "green"}, true},
		{"a rule without allowed parameters is restricted by one with", []Parameters{{}, colored}, Update, m{"other": 1}, false},
		{"in any order", []Parameters{colored, {}}, Update, m{"other": 1}, false},
		{"any value swallows a list", []Parameters{colored, {Allowed: list(param("color"))}}, Update, m{"color": "green"}, true},
		{"denied lists unite", []Parameters{{Denied: list(param("x", "a"))}, {Denied: list(param("x", "b"))}}, Update, m{"x": "b"}, false},
		{"required lists unite", []Parameters{{Required: []string{"a"}}, {Required: []string{"b"}}}, Update, m{"a": 1}, false},
	} {
		var acl ACL
		for _, p := range tc.rules {
			acl = append(acl, Compile(mustNew(t, Rule{Path: "p", Capabilities: tc.op, Parameters: p})))
		}
		g := acl.Match("p", tc.op)
		if got := g.CheckParameters(tc.op, tc.params); got != tc.ok {
			t.Errorf("%s: got %v", tc.name, got)
		}
		if !tc.ok && !g.HasParameters() {
			t.Errorf("%s: refuses, but has no parameters", tc.name)
		}
	}
}
