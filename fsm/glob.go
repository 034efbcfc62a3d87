package fsm

import "strings"

// GlobMatch says whether s matches a pattern in which every * stands for any
// run of characters, none included, as in the policy globs of Vault's roles.
func GlobMatch(pattern, s string) bool {
	head, rest, wild := strings.Cut(pattern, "*")
	s, ok := strings.CutPrefix(s, head)
	if !ok || !wild {
		return ok && s == ""
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], after
	}
}

func anyGlob(patterns []string, s string) bool {
	for _, p := range patterns {
		if GlobMatch(p, s) {
			return true
		}
	}
	return false
}
