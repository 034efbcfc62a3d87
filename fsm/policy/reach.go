package policy

import "strings"

// Reaches says whether the policies give anything at a mount or below it: for
// showing a caller the mounts that are any of its business. It looks at each rule
// for itself, so a denial by a more specific one does not hide the mount. The
// mount's path ends in a slash.
func (a ACL) Reaches(mount string) bool {
	for _, c := range a {
		if c == nil {
			continue
		}
		if c == root {
			return true
		}
		for _, r := range c.exact {
			if r.gives() && strings.HasPrefix(r.Path+"/", mount) {
				return true
			}
		}
		for _, s := range c.stems {
			for i := range s.patterns {
				if p := &s.patterns[i]; p.rule.gives() && p.meets(mount) {
					return true
				}
			}
		}
	}
	return false
}

func (r *Rule) gives() bool { return r.Capabilities != 0 && r.Capabilities&Deny == 0 }

// meets says whether the pattern matches a path at a mount or below it, as far
// as both are written out.
func (p *pattern) meets(mount string) bool {
	pat, rest := p.rule.Path, strings.TrimSuffix(mount, "/")
	for {
		want, patRest, patMore := strings.Cut(pat, "/")
		have, mountRest, mountMore := strings.Cut(rest, "/")
		if !patMore && p.rule.Prefix {
			return strings.HasPrefix(have, want)
		}
		if want != "+" && want != have {
			return false
		}
		if !mountMore || !patMore {
			return !mountMore
		}
		pat, rest = patRest, mountRest
	}
}

// Resultant is what the policies give together, by pattern: exact paths, and
// those with a wildcard, of which a final * is left out. Root has neither.
func (a ACL) Resultant() (exact, wild map[string]Grant) {
	exact, wild = make(map[string]Grant), make(map[string]Grant)
	add := func(to map[string]Grant, r *Rule) {
		if g, known := to[r.Path]; known {
			to[r.Path] = g.union(r.grant())
		} else {
			to[r.Path] = r.grant()
		}
	}
	for _, c := range a {
		if c == nil {
			continue
		}
		for _, r := range c.exact {
			add(exact, r)
		}
		for _, s := range c.stems {
			for _, p := range s.patterns {
				add(wild, p.rule)
			}
		}
	}
	return exact, wild
}
