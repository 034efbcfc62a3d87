package policy_test

import (
	"testing"

	"github.com/jeton-io/jeton/fsm/policy"
)

func TestReaches(t *testing.T) {
	tests := []struct {
		pattern string
		caps    policy.Capability
		mount   string
		want    bool
	}{
		{"auth/up/users/a", policy.Read, "auth/up/", true},
		{"auth/up", policy.Read, "auth/up/", true},
		{"auth/up/*", policy.Read, "auth/up/", true},
		{"auth/u*", policy.Read, "auth/up/", true},
		{"*", policy.Read, "auth/up/", true},
		{"auth/+/users", policy.Read, "auth/up/", true},
		{"auth/+", policy.Read, "auth/up/", true},
		{"+/up/login/*", policy.Update, "auth/up/", true},
		{"auth/+/people/*", policy.Update, "auth/corp/people/", true},
		{"auth/up/*", policy.Deny, "auth/up/", false},
		{"auth/up/*", policy.Deny | policy.Read, "auth/up/", false},
		{"auth/upper/*", policy.Read, "auth/up/", false},
		{"auth/upper", policy.Read, "auth/up/", false},
		{"auth/u", policy.Read, "auth/up/", false},
		{"auth", policy.Read, "auth/up/", false},
		{"+/down/*", policy.Read, "auth/up/", false},
		{"auth/+/machines/*", policy.Read, "auth/corp/people/", false},
		{"sys/*", policy.Read, "auth/up/", false},
	}
	for _, tt := range tests {
		path, prefix, err := policy.SplitPath(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		p, err := policy.New(policy.Rule{Path: path, Prefix: prefix, Capabilities: tt.caps})
		if err != nil {
			t.Fatal(err)
		}
		if got := (policy.ACL{nil, policy.Compile(p)}).Reaches(tt.mount); got != tt.want {
			t.Errorf("%s %s reaches %s: %v", tt.caps, tt.pattern, tt.mount, got)
		}
	}
	if !(policy.ACL{policy.Root()}).Reaches("auth/up/") {
		t.Error("root does not reach a mount")
	}
}

func TestResultant(t *testing.T) {
	compile := func(rules ...policy.Rule) *policy.Compiled {
		p, err := policy.New(rules...)
		if err != nil {
			t.Fatal(err)
		}
		return policy.Compile(p)
	}
	acl := policy.ACL{
		compile(policy.Rule{Path: "a", Capabilities: policy.Read}, policy.Rule{Path: "b/", Prefix: true, Capabilities: policy.Read}),
		compile(policy.Rule{Path: "a", Capabilities: policy.Update}, policy.Rule{Path: "b/", Prefix: true, Capabilities: policy.Deny}),
	}
	exact, wild := acl.Resultant()
	if len(exact) != 1 || len(wild) != 1 || !exact["a"].Allows(policy.Read|policy.Update) || wild["b/"].Allows(policy.Read) {
		t.Errorf("exact %v, wild %v", exact, wild)
	}
}
