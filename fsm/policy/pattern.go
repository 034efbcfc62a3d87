package policy

import (
	"cmp"
	"strings"
)

// pattern is a rule with a wildcard and what decides between two of them.
type pattern struct {
	rule      *Rule
	first     int  // where the first wildcard stands
	segmented bool // has to be compared segment by segment
	wildcards int  // how many segments are a + alone
}

func newPattern(r *Rule) pattern {
	if !r.hasSegments() {
		return pattern{rule: r, first: len(r.Path)}
	}
	p := pattern{rule: r, first: strings.IndexByte(r.Path, '+'), segmented: true}
	for segment := range strings.SplitSeq(r.Path, "/") {
		if segment == "+" {
			p.wildcards++
		}
	}
	return p
}

// stem is what every matching path starts with.
func (p *pattern) stem() string { return p.rule.Path[:p.first] }

// compare is positive when p takes precedence over q. It is zero only for the
// same pattern.
func (p *pattern) compare(q *pattern) int {
	if c := cmp.Compare(p.first, q.first); c != 0 {
		return c
	}
	if p.rule.Prefix != q.rule.Prefix {
		if p.rule.Prefix {
			return -1
		}
		return 1
	}
	if c := cmp.Compare(q.wildcards, p.wildcards); c != 0 {
		return c
	}
	if c := cmp.Compare(len(p.rule.Path), len(q.rule.Path)); c != 0 {
		return c
	}
	return strings.Compare(p.rule.Path, q.rule.Path)
}

// matches says whether the pattern matches a path that starts with its stem.
// A + stands for exactly one segment, be it empty. With a final * the last
// segment of the pattern has to be the start of its counterpart, and any number
// of segments may follow.
func (p *pattern) matches(path string) bool {
	if !p.segmented {
		return true
	}
	pat := p.rule.Path
	for {
		want, patRest, patMore := strings.Cut(pat, "/")
		have, pathRest, pathMore := strings.Cut(path, "/")
		if !patMore {
			if p.rule.Prefix {
				return strings.HasPrefix(have, want)
			}
			return !pathMore && (want == "+" || want == have)
		}
		if !pathMore || want != "+" && want != have {
			return false
		}
		pat, path = patRest, pathRest
	}
}
