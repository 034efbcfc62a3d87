package policy

import (
	"slices"
	"strings"
)

// Compiled is one policy ready for matching. It is immutable and may be used
// by any number of goroutines.
type Compiled struct {
	exact []*Rule // ascending by path
	stems []stem  // ascending by text
}

// stem holds the patterns whose first wildcard follows the same text.
type stem struct {
	text     string
	parent   int       // the longest other stem that this one starts with; -1: none
	patterns []pattern // highest precedence first
}

// root is known by its address.
var root = new(Compiled)

// Root is the policy "root": it has no rules and gives everything.
func Root() *Compiled { return root }

// Compile makes a policy ready for matching. The result shares its rules.
func Compile(p *Policy) *Compiled {
	c := new(Compiled)
	var patterns []pattern
	for i := range p.Rules {
		if r := &p.Rules[i]; r.Prefix || r.hasSegments() {
			patterns = append(patterns, newPattern(r))
		} else {
			c.exact = append(c.exact, r)
		}
	}
	slices.SortFunc(patterns, func(a, b pattern) int {
		if byStem := strings.Compare(a.stem(), b.stem()); byStem != 0 {
			return byStem
		}
		return b.compare(&a)
	})
	for i := 0; i < len(patterns); {
		text, start := patterns[i].stem(), i
		for i < len(patterns) && patterns[i].stem() == text {
			i++
		}
		parent := len(c.stems) - 1
		for parent >= 0 && !strings.HasPrefix(text, c.stems[parent].text) {
			parent = c.stems[parent].parent
		}
		c.stems = append(c.stems, stem{text, parent, patterns[start:i:i]})
	}
	return c
}

// ACL is the compiled policies of one token, in any order. A nil among them (a
// policy that does not exist) gives nothing.
type ACL []*Compiled

// Match finds what the policies together give on a path, to be asked for the
// capability want: only a LIST or SCAN may fall back on a path without its
// final slash. Whether want is given is for the Grant to say.
//
// Match does not allocate, except when rules of the same pattern in several
// policies both restrict parameters.
func (a ACL) Match(path string, want Capability) Grant {
	for len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	if slices.Contains(a, root) {
		return Grant{root: true}
	}
	if g, ok := a.exact(path); ok {
		return g
	}
	trimmed, slash := strings.CutSuffix(path, "/")
	if slash && want&(List|Scan) != 0 {
		if g, ok := a.exact(trimmed); ok {
			return g
		}
	}
	if slash && want&List != 0 {
		if g, ok := a.wild(trimmed); ok {
			return g
		}
	}
	g, _ := a.wild(path)
	return g
}

// Capabilities is the answer of sys/capabilities for a path.
func (a ACL) Capabilities(path string) []string { return a.Match(path, List).Names() }

func (a ACL) exact(path string) (g Grant, ok bool) {
	for _, c := range a {
		if c == nil {
			continue
		}
		r := c.findExact(path)
		switch {
		case r == nil:
		case ok:
			g = g.union(r.grant())
		default:
			g, ok = r.grant(), true
		}
	}
	return g, ok
}

// wild unites the rules of the pattern that takes precedence. Each policy has
// its own best; the best of all is among them, and every policy that holds that
// pattern has it as its best.
func (a ACL) wild(path string) (g Grant, ok bool) {
	var best *pattern
	for _, c := range a {
		if c == nil {
			continue
		}
		p := c.findWild(path)
		if p == nil {
			continue
		}
		order := 1
		if best != nil {
			order = p.compare(best)
		}
		switch {
		case order > 0:
			best, g = p, p.rule.grant()
		case order == 0:
			g = g.union(p.rule.grant())
		}
	}
	return g, best != nil
}

func (c *Compiled) findExact(path string) *Rule {
	lo, hi := 0, len(c.exact)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if c.exact[mid].Path < path {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(c.exact) && c.exact[lo].Path == path {
		return c.exact[lo]
	}
	return nil
}

// findWild is the pattern of this policy that takes precedence on the path: the
// first match on the way from the longest stem that the path starts with to the
// shortest. The search begins at the last stem that is not greater than the
// path: whatever stem the path starts with, that one starts with too, so that it
// is on its chain of parents.
func (c *Compiled) findWild(path string) *pattern {
	lo, hi := 0, len(c.stems)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if c.stems[mid].text <= path {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for i := lo - 1; i >= 0; i = c.stems[i].parent {
		s := &c.stems[i]
		if !strings.HasPrefix(path, s.text) {
			continue
		}
		for j := range s.patterns {
			if s.patterns[j].matches(path) {
				return &s.patterns[j]
			}
		}
	}
	return nil
}
