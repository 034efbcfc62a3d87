package hclpolicy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm/policy"
)

// step is a request of a conformance scenario as the access control sees it:
// a write of what is not there yet needs create, of what is there update.
type step struct {
	op     policy.Capability
	path   string
	params map[string]any
	wrap   time.Duration
	ok     bool
}

type params = map[string]any

// TestScenarios says again, policy text for policy text, what the acl-*
// scenarios of the conformance suite recorded on a real server.
func TestScenarios(t *testing.T) {
	const (
		create, read, update, remove, list = policy.Create, policy.Read, policy.Update, policy.Delete, policy.List
		sudo                               = policy.Sudo
	)
	for _, tc := range []struct {
		name     string
		policies []string
		steps    []step
	}{
		{"acl-allowed-parameters", []string{`path "cubbyhole/ap/*" {
  capabilities = ["create","update","read"]
  allowed_parameters = { "color" = ["red","blue"], "free" = [] }
}`}, []step{
			{op: create, path: "cubbyhole/ap/a", params: params{"color": "red"}, ok: true},
			{op: update, path: "cubbyhole/ap/a", params: params{"color": "green"}},
			{op: update, path: "cubbyhole/ap/a", params: params{"free": "anything"}, ok: true},
			{op: update, path: "cubbyhole/ap/a", params: params{"color": "blue", "free": "x"}, ok: true},
			{op: update, path: "cubbyhole/ap/a", params: params{"other": "x"}},
			{op: update, path: "cubbyhole/ap/a", params: params{"color": "red", "other": "x"}},
			{op: read, path: "cubbyhole/ap/a", ok: true},
		}},
		{"acl-capabilities-by-verb", []string{`path "cubbyhole/ro/*" { capabilities = ["read"] }
path "cubbyhole/rw/*" { capabilities = ["create","read","update","delete","list"] }
path "cubbyhole/rw/" { capabilities = ["list"] }
path "cubbyhole/co/*" { capabilities = ["create"] }
path "cubbyhole/uo/*" { capabilities = ["update"] }`}, []step{
			{op: create, path: "cubbyhole/ro/a"},
			{op: read, path: "cubbyhole/ro/a", ok: true},
			{op: list, path: "cubbyhole/ro/"},
			{op: remove, path: "cubbyhole/ro/a"},
			{op: create, path: "cubbyhole/rw/a", ok: true},
			{op: update, path: "cubbyhole/rw/a", ok: true},
			{op: read, path: "cubbyhole/rw/a", ok: true},
			{op: list, path: "cubbyhole/rw/", ok: true},
			{op: remove, path: "cubbyhole/rw/a", ok: true},
			{op: create, path: "cubbyhole/co/a", ok: true},
			{op: update, path: "cubbyhole/co/a"},
			{op: create, path: "cubbyhole/uo/a"},
		}},
		{"acl-deny-wins, another path", []string{
			`path "cubbyhole/*" { capabilities = ["create","read","update","delete","list"] }`,
			`path "cubbyhole/secret/*" { capabilities = ["deny"] }`}, []step{
			{op: create, path: "cubbyhole/a", ok: true},
			{op: create, path: "cubbyhole/secret/a"},
			{op: read, path: "cubbyhole/secret/a"},
		}},
		{"acl-deny-wins, the same path", []string{
			`path "cubbyhole/*" { capabilities = ["create","read","update","delete","list"] }`,
			`path "cubbyhole/*" { capabilities = ["deny"] }`}, []step{
			{op: create, path: "cubbyhole/a"},
		}},
		{"acl-most-specific", []string{`path "cubbyhole/*" { capabilities = ["create","read","update","delete","list"] }
path "cubbyhole/a/*" { capabilities = ["read"] }
path "cubbyhole/a/b" { capabilities = ["create","update"] }`}, []step{
			{op: create, path: "cubbyhole/z", ok: true},
			{op: create, path: "cubbyhole/a/x"},
			{op: create, path: "cubbyhole/a/b", ok: true},
			{op: read, path: "cubbyhole/a/b"},
			{op: read, path: "cubbyhole/a/c", ok: true},
		}},
		{"acl-plus-segment", []string{`path "cubbyhole/+/cfg" { capabilities = ["create","read","update"] }
path "cubbyhole/+/+/deep*" { capabilities = ["create","read","update"] }`}, []step{
			{op: create, path: "cubbyhole/one/cfg", ok: true},
			{op: create, path: "cubbyhole/one/two/cfg"},
			{op: create, path: "cubbyhole/cfg"},
			{op: create, path: "cubbyhole/a/b/deep", ok: true},
			{op: create, path: "cubbyhole/a/b/deeper/still", ok: true},
			{op: create, path: "cubbyhole/a/deep"},
		}},
		{"acl-prefix-glob", []string{`path "cubbyhole/exact" { capabilities = ["create","read","update"] }
path "cubbyhole/pre*" { capabilities = ["create","read","update"] }
path "cubbyhole/dir/*" { capabilities = ["create","read","update"] }`}, []step{
			{op: create, path: "cubbyhole/exact", ok: true},
			{op: create, path: "cubbyhole/exact/sub"},
			{op: create, path: "cubbyhole/exactly"},
			{op: create, path: "cubbyhole/pre", ok: true},
			{op: create, path: "cubbyhole/prefix/deep", ok: true},
			{op: create, path: "cubbyhole/dir/a/b", ok: true},
			{op: create, path: "cubbyhole/dir"},
			{op: update, path: "sys/capabilities-self", params: params{"path": "cubbyhole/exact"}},
		}},
		{"acl-required-parameters", []string{`path "cubbyhole/rp/*" {
  capabilities = ["create","update","read"]
  required_parameters = ["owner","ticket"]
}`}, []step{
			{op: create, path: "cubbyhole/rp/a", params: params{"owner": "me"}},
			{op: create, path: "cubbyhole/rp/a", params: params{"owner": "me", "ticket": "T1"}, ok: true},
			{op: update, path: "cubbyhole/rp/a", params: params{"owner": "me", "ticket": "T1", "more": "x"}, ok: true},
			{op: update, path: "cubbyhole/rp/a", params: params{}},
			{op: read, path: "cubbyhole/rp/a"},
			{op: read, path: "cubbyhole/rp/a", params: params{"owner": "me", "ticket": "T1"}, ok: true},
		}},
		{"acl-sudo-path, without sudo", []string{
			`path "*" { capabilities = ["create","read","update","delete","list"] }`, policy.DefaultText}, []step{
			{op: list | sudo, path: "auth/token/accessors/"},
			{op: update | sudo, path: "sys/leases/revoke-prefix/auth/token/create/none"},
			{op: create | sudo, path: "sys/auth/m", params: params{"type": "userpass"}},
			{op: remove | sudo, path: "sys/auth/m"},
			{op: list, path: "sys/policies/acl/", ok: true},
		}},
		{"acl-sudo-path, with sudo", []string{
			`path "*" { capabilities = ["create","read","update","delete","list","sudo"] }`, policy.DefaultText}, []step{
			{op: list | sudo, path: "auth/token/accessors/", ok: true},
			{op: update | sudo, path: "sys/leases/revoke-prefix/auth/token/create/none", ok: true},
			{op: create | sudo, path: "sys/auth/m", params: params{"type": "userpass"}, ok: true},
			{op: remove | sudo, path: "sys/auth/m", ok: true},
		}},
		{"acl-wrapping-ttl", []string{`path "cubbyhole/w/*" {
  capabilities = ["create","update","read"]
  min_wrapping_ttl = "1m"
  max_wrapping_ttl = "10m"
}
path "cubbyhole/plain/*" { capabilities = ["create","update","read"] }`}, []step{
			{op: create, path: "cubbyhole/plain/a", params: params{"x": "1"}, ok: true},
			{op: read, path: "cubbyhole/w/a"},
			{op: read, path: "cubbyhole/w/a", wrap: 10 * time.Second},
			{op: read, path: "cubbyhole/w/a", wrap: 20 * time.Minute},
			{op: create, path: "cubbyhole/w/a", params: params{"x": "1"}},
			{op: create, path: "cubbyhole/w/a", params: params{"x": "1"}, wrap: 5 * time.Minute, ok: true},
			{op: read, path: "cubbyhole/w/a", wrap: 5 * time.Minute, ok: true},
		}},
		{"a deny of everything leaves default's cubbyhole", []string{`path "*" { capabilities = ["deny"] }`, policy.DefaultText}, []step{
			{op: read, path: "cubbyhole/a", ok: true},
			{op: read, path: "sys/policies/acl/x"},
		}},
		{"lookup-self by default is a read only", []string{policy.DefaultText}, []step{
			{op: read, path: "auth/token/lookup-self", ok: true},
			{op: update, path: "auth/token/lookup-self"},
		}},
	} {
		var acl policy.ACL
		for _, text := range tc.policies {
			acl = append(acl, policy.Compile(mustParse(t, text)))
		}
		for i, s := range tc.steps {
			g := acl.Match(s.path, s.op)
			ok := g.Allows(s.op) && g.CheckWrapTTL(s.wrap) && g.CheckParameters(s.op, s.params)
			if ok != s.ok {
				t.Errorf("%s: step %d: %s on %s %v: got %v", tc.name, i+1, s.op, s.path, s.params, ok)
			}
		}
	}
}

// TestScenarioCapabilities: acl-legacy-policy-words, capabilities-of-token and
// capabilities-self, as sys/capabilities answers.
func TestScenarioCapabilities(t *testing.T) {
	words := policy.ACL{policy.Compile(mustParse(t, `path "cubbyhole/r/*" { policy = "read" }
path "cubbyhole/w/*" { policy = "write" }
path "cubbyhole/s/*" { policy = "sudo" }
path "cubbyhole/d/*" { policy = "deny" }`)), policy.Compile(policy.Default())}
	token := policy.ACL{policy.Compile(mustParse(t, `path "cubbyhole/a" { capabilities = ["update","read","create"] }
path "cubbyhole/b/*" { capabilities = ["list","sudo"] }
path "cubbyhole/no" { capabilities = ["deny"] }`))}
	self := policy.ACL{policy.Compile(mustParse(t, `path "secret/x" { capabilities = ["read"] }`)), policy.Compile(policy.Default())}
	for _, tc := range []struct {
		acl        policy.ACL
		path, want string
	}{
		{words, "cubbyhole/r/a", "list read"},
		{words, "cubbyhole/w/a", "create delete list read update"},
		{words, "cubbyhole/s/a", "create delete list read sudo update"},
		{words, "cubbyhole/d/a", "deny"},
		{token, "cubbyhole/a", "create read update"},
		{token, "cubbyhole/b/x", "list sudo"},
		{token, "cubbyhole/no", "deny"},
		{token, "elsewhere", "deny"},
		{self, "secret/x", "read"},
		{self, "auth/token/lookup-self", "read"},
		{self, "auth/token/create", "deny"},
		{self, "cubbyhole/any", "create delete list read update"},
		{policy.ACL{policy.Root()}, "anything/at/all", "root"},
	} {
		if got := tc.acl.Capabilities(tc.path); !slices.Equal(got, strings.Fields(tc.want)) {
			t.Errorf("%s: got %v, want %s", tc.path, got, tc.want)
		}
	}
}
