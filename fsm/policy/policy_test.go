package policy

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func mustNew(tb testing.TB, rules ...Rule) *Policy {
	tb.Helper()
	p, err := New(rules...)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func mustValue(tb testing.TB, v any) Value {
	tb.Helper()
	value, err := NewValue(v)
	if err != nil {
		tb.Fatal(err)
	}
	return value
}

func values(tb testing.TB, list ...any) []Value {
	tb.Helper()
	var vs []Value
	for _, v := range list {
		vs = append(vs, mustValue(tb, v))
	}
	return vs
}

func TestSplitPath(t *testing.T) {
	for _, tc := range []struct {
		text, path string
		prefix, ok bool
	}{
		{"a/b", "a/b", false, true},
		{"/a/b", "a/b", false, true},
		{"//a", "/a", false, true},
		{"a/*", "a/", true, true},
		{"*", "", true, true},
		{"a**", "a*", true, true},
		{"", "", false, true},
		{"a/+/b", "a/+/b", false, true},
		{"a/*/b", "a/*/b", false, true},
		{"a/+*", "", false, false},
		{"a+*", "", false, false},
		{"a/+*/b", "", false, false},
		{strings.Repeat("a", MaxPathBytes) + "*", strings.Repeat("a", MaxPathBytes), true, true},
		{strings.Repeat("a", MaxPathBytes+1), "", false, false},
		{"a\xff", "", false, false},
	} {
		path, prefix, err := SplitPath(tc.text)
		if (err == nil) != tc.ok {
			t.Errorf("%q: error %v, want ok %v", tc.text, err, tc.ok)
		} else if tc.ok && (path != tc.path || prefix != tc.prefix) {
			t.Errorf("%q: got %q, %v", tc.text, path, prefix)
		}
	}
}

func TestNewCanonical(t *testing.T) {
	red, blue := mustValue(t, "red"), mustValue(t, "blue")
	for _, tc := range []struct {
		name string
		in   []Rule
		want []Rule
	}{
		{"sorted, exact before prefix",
			[]Rule{{Path: "b"}, {Path: "a", Prefix: true}, {Path: "a"}},
			[]Rule{{Path: "a"}, {Path: "a", Prefix: true}, {Path: "b"}}},
		{"equal paths unite",
			[]Rule{{Path: "a", Capabilities: Read}, {Path: "a", Capabilities: List}},
			[]Rule{{Path: "a", Capabilities: Read | List}}},
		{"deny empties a rule",
			[]Rule{{Path: "a", Capabilities: Read | Deny, MaxWrappingTTL: 1, Parameters: Parameters{Required: []string{"x"}}}},
			[]Rule{{Path: "a", Capabilities: Deny}}},
		{"deny empties its equals",
			[]Rule{{Path: "a", Capabilities: Deny}, {Path: "a", Capabilities: Read, MinWrappingTTL: 1}},
			[]Rule{{Path: "a", Capabilities: Deny}}},
		{"the lesser bounds count",
			[]Rule{{Path: "a", MinWrappingTTL: 5, MaxWrappingTTL: 9}, {Path: "a", MinWrappingTTL: 3}, {Path: "a", MaxWrappingTTL: 2}},
			[]Rule{{Path: "a", MinWrappingTTL: 3, MaxWrappingTTL: 2}}},
		{"names fold, lists sort, repeats go",
			[]Rule{{Path: "a", Parameters: Parameters{
				Allowed:  []Parameter{{Name: "Size"}, {Name: "color", Values: []Value{red, blue, red}}},
				Required: []string{"Z", "a", "z"},
			}}},
			[]Rule{{Path: "a", Parameters: Parameters{
				Allowed:  []Parameter{{Name: "color", Values: []Value{blue, red}}, {Name: "size"}},
				Required: []string{"a", "z"},
			}}}},
		{"any value swallows a list",
			[]Rule{
				{Path: "a", Parameters: Parameters{Denied: []Parameter{{Name: "x", Values: []Value{red}}, {Name: "y", Values: []Value{red}}}}},
				{Path: "a", Parameters: Parameters{Denied: []Parameter{{Name: "X"}, {Name: "y", Values: []Value{blue}}}}}},
			[]Rule{{Path: "a", Parameters: Parameters{Denied: []Parameter{{Name: "x"}, {Name: "y", Values: []Value{blue, red}}}}}}},
	} {
		if got := mustNew(t, tc.in...); !reflect.DeepEqual(got.Rules, tc.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.name, got.Rules, tc.want)
		}
	}
}

func TestNewBounds(t *testing.T) {
	params := func(n int) []Parameter {
		var list []Parameter
		for i := range n {
			list = append(list, Parameter{Name: fmt.Sprint("p", i)})
		}
		return list
	}
	names := func(n int) (list []string) {
		for _, p := range params(n) {
			list = append(list, p.Name)
		}
		return list
	}
	many := func(n, size int) (vs []Value) {
		for i := range n {
			vs = append(vs, Value(fmt.Sprintf("s%0*d", size-1, i)))
		}
		return vs
	}
	one := func(p Parameters) []Rule { return []Rule{{Path: "a", Parameters: p}} }
	rules := func(n int) (list []Rule) {
		for i := range n {
			list = append(list, Rule{Path: fmt.Sprint(i)})
		}
		return list
	}
	for _, tc := range []struct {
		name string
		in   []Rule
		ok   bool
	}{
		{"rules", rules(MaxRules), true},
		{"a rule too many", rules(MaxRules + 1), false},
		{"allowed parameters", one(Parameters{Allowed: params(MaxParameters)}), true},
		{"an allowed parameter too many", one(Parameters{Allowed: params(MaxParameters + 1)}), false},
		{"a denied parameter too many", one(Parameters{Denied: params(MaxParameters + 1)}), false},
		{"required parameters", one(Parameters{Required: names(MaxParameters)}), true},
		{"a required parameter too many", one(Parameters{Required: names(MaxParameters + 1)}), false},
		{"a required name too long", one(Parameters{Required: []string{strings.Repeat("x", MaxNameBytes+1)}}), false},
		{"a name too long", one(Parameters{Denied: []Parameter{{Name: strings.Repeat("x", MaxNameBytes+1)}}}), false},
		{"a name that is not UTF-8", one(Parameters{Denied: []Parameter{{Name: "\xff"}}}), false},
		{"values", one(Parameters{Denied: []Parameter{{Name: "x", Values: many(MaxValues, 8)}}}), true},
		{"a value too many", one(Parameters{Denied: []Parameter{{Name: "x", Values: many(MaxValues+1, 8)}}}), false},
		{"a value as long as may be", one(Parameters{Denied: []Parameter{{Name: "x", Values: many(1, MaxValueBytes)}}}), true},
		{"a value too long", one(Parameters{Denied: []Parameter{{Name: "x", Values: many(1, MaxValueBytes+1)}}}), false},
		{"all of it too long", one(Parameters{Denied: []Parameter{{Name: "x", Values: many(MaxValues, 256)}}}), false},
		{"wrapping for ten years", []Rule{{Path: "a", MaxWrappingTTL: MaxWrapTTL}}, true},
		{"wrapping for longer", []Rule{{Path: "a", MaxWrappingTTL: MaxWrapTTL + 1}}, false},
		{"a negative TTL", []Rule{{Path: "a", MinWrappingTTL: -time.Second}}, false},
		{"an unknown capability", []Rule{{Path: "a", Capabilities: allCapabilities + 1}}, false},
		{"a path too long", []Rule{{Path: strings.Repeat("a", MaxPathBytes+1)}}, false},
		{"a prefix in disguise", []Rule{{Path: "a*"}}, false},
		{"+*", []Rule{{Path: "a/+", Prefix: true}}, false},
		{"equal rules that are too much together", append(one(Parameters{Allowed: params(MaxParameters)}),
			one(Parameters{Allowed: []Parameter{{Name: "other"}}})...), false},
	} {
		if _, err := New(tc.in...); (err == nil) != tc.ok {
			t.Errorf("%s: error %v, want ok %v", tc.name, err, tc.ok)
		} else if err != nil && len(err.Error()) > 512 {
			t.Errorf("%s: an error of %d bytes", tc.name, len(err.Error()))
		}
	}
}
