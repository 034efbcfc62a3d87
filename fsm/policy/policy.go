package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Policy is a parsed ACL policy in canonical form, as New and Decode make it.
// It is immutable: compiled policies and the state share it.
type Policy struct {
	// Rules are sorted by path, an exact path before the prefix of the same
	// text, and each occurs once.
	Rules []Rule
}

// New brings rules into canonical form: it sorts, unites rules of the same
// pattern, and checks every bound. The error names the pattern at fault.
func New(rules ...Rule) (*Policy, error) {
	p, _, err := build(rules)
	return p, err
}

// build is New which also hands out the encoded form it had to make anyway.
func build(rules []Rule) (*Policy, []byte, error) {
	if len(rules) > MaxRules {
		return nil, nil, fmt.Errorf("%d rules, at most %d", len(rules), MaxRules)
	}
	sorted := make([]Rule, 0, len(rules))
	for _, r := range rules {
		n, err := r.normal()
		if err != nil {
			return nil, nil, fmt.Errorf("path %q: %w", clip(r.Pattern()), err)
		}
		sorted = append(sorted, n)
	}
	slices.SortStableFunc(sorted, compareRules)
	p := &Policy{Rules: make([]Rule, 0, len(sorted))}
	for i := 0; i < len(sorted); {
		r, first := sorted[i], i
		for i++; i < len(sorted) && compareRules(r, sorted[i]) == 0; i++ {
			r = mergeRules(r, sorted[i])
		}
		if i > first+1 { // united, they may exceed a bound that each of them keeps
			var err error
			if r, err = r.normal(); err != nil {
				return nil, nil, fmt.Errorf("path %q: %w", clip(r.Pattern()), err)
			}
		}
		p.Rules = append(p.Rules, r)
	}
	b := Append(nil, p)
	if len(b) > MaxEncodedBytes {
		return nil, nil, fmt.Errorf("parsed form of %d bytes, at most %d", len(b), MaxEncodedBytes)
	}
	return p, b, nil
}

// mergeRules unites two rules of the same pattern: what each grants, united.
func mergeRules(a, b Rule) Rule {
	g := a.grant().union(b.grant())
	r := Rule{
		Path: a.Path, Prefix: a.Prefix, Capabilities: g.caps,
		MinWrappingTTL: g.minWrap, MaxWrappingTTL: g.maxWrap,
	}
	if g.params != nil {
		r.Parameters = *g.params
	}
	return r
}

func compareRules(a, b Rule) int {
	if c := strings.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	return cmp.Compare(boolByte(a.Prefix), boolByte(b.Prefix))
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// clip keeps an oversized text out of an error.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
