package policy

import (
	"fmt"
	"testing"
)

// mixed is a policy as operators write them, with many rules of every sort.
func mixed(tb testing.TB, name string, rules int) *Compiled {
	tb.Helper()
	list := []Rule{{Path: "auth/token/create", Capabilities: Create | Update}}
	for i := range rules {
		app := fmt.Sprintf("secret/%s/app-%03d/", name, i)
		switch i % 4 {
		case 0:
			list = append(list, Rule{Path: app, Prefix: true, Capabilities: Read | List})
		case 1:
			list = append(list, Rule{Path: app + "config", Capabilities: Read})
		case 2:
			list = append(list, Rule{Path: app + "+/key", Capabilities: Read | Update})
		case 3:
			list = append(list, Rule{Path: app + "+/pub", Prefix: true, Capabilities: Read})
		}
	}
	return Compile(mustNew(tb, list...))
}

func matchCases(tb testing.TB) []struct {
	name, path string
	acl        ACL
} {
	small := ACL{Compile(Default()), mixed(tb, "web", 8)}
	large := ACL{Compile(Default()), mixed(tb, "web", 200), mixed(tb, "db", 200), mixed(tb, "ops", 200)}
	return []struct {
		name, path string
		acl        ACL
	}{
		{"exact", "auth/token/create", small},
		{"prefix", "cubbyhole/response", small},
		{"segments", "secret/web/app-002/eu/key", small},
		{"nothing", "sys/policies/acl/web", small},
		{"large-exact", "auth/token/create", large},
		{"large-prefix", "secret/db/app-100/x/y", large},
		{"large-segments", "secret/ops/app-199/eu/public", large},
		{"large-nothing", "sys/policies/acl/web", large},
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	for _, tc := range matchCases(t) {
		if n := testing.AllocsPerRun(100, func() { tc.acl.Match(tc.path, List) }); n != 0 {
			t.Errorf("%s: %v allocations", tc.name, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, tc := range matchCases(b) {
		b.Run(tc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tc.acl.Match(tc.path, Read)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	raw := Append(nil, Default())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	p := Default()
	b.ReportAllocs()
	for b.Loop() {
		Compile(p)
	}
}
