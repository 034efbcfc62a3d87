package fsm

import (
	"slices"
	"testing"
)

func TestGlobMatch(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"a", "ab", false},
		{"*", "", true}, {"*", "any", true}, {"**", "any", true},
		{"dev-*", "dev-", true}, {"dev-*", "dev-one", true}, {"dev-*", "de", false}, {"dev-*", "xdev-one", false},
		{"*-dev", "one-dev", true}, {"*-dev", "one-dev1", false},
		{"a*b*c", "abc", true}, {"a*b*c", "aXbYc", true}, {"a*b*c", "acb", false}, {"a*b*c", "ac", false},
		{"a*a", "a", false}, {"a*a", "aa", true}, {"*ab*ab*", "abab", true}, {"*ab*ab*", "aba", false},
	}
	for _, tt := range tests {
		if got := GlobMatch(tt.pattern, tt.s); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.pattern, tt.s, got)
		}
	}
}

func TestPolicySet(t *testing.T) {
	tests := []struct {
		in   []string
		add  bool
		want []string
	}{
		{nil, false, nil},
		{nil, true, []string{"default"}},
		{[]string{"b", "a"}, false, []string{"a", "b"}},
		{[]string{"b", "a"}, true, []string{"a", "b", "default"}},
		{[]string{"default"}, true, []string{"default"}},
		{[]string{"root"}, true, []string{"root"}},
		{[]string{"default", "root"}, true, []string{"root"}},
		{[]string{" ROOT\t"}, true, []string{"root"}},
		{[]string{"", " "}, false, nil},
		{[]string{"Ä"}, false, []string{"Ä"}},
	}
	for _, tt := range tests {
		before := slices.Clone(tt.in)
		got := policySet(tt.in, tt.add)
		if !slices.Equal(got, tt.want) {
			t.Errorf("policySet(%q, %v) = %q, want %q", tt.in, tt.add, got, tt.want)
		}
		if !isPolicySet(got) || !slices.Equal(got, policySet(got, tt.add)) {
			t.Errorf("policySet(%q, %v) = %q: not in its own form", tt.in, tt.add, got)
		}
		if !slices.Equal(before, tt.in) {
			t.Errorf("policySet changed its argument to %q", tt.in)
		}
	}
}
