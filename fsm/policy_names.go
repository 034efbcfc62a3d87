package fsm

import (
	"slices"
	"strings"
)

// The policies that have a meaning of their own.
const (
	rootPolicy    = "root"
	defaultPolicy = "default"
	// wrappingPolicy belongs to the tokens that response wrapping makes and can
	// not be asked for.
	wrappingPolicy = "response-wrapping"
)

// policySet brings policy names into the form in which tokens hold them, as
// Vault does: lower case, trimmed, each once, sorted, blank ones gone, and root
// alone when it is among them. withDefault adds the default policy to any set
// but root's. It returns its argument when there is nothing to do.
//
// Only ASCII is folded: the Unicode tables change between Go releases, and the
// nodes have to agree. The receiving node may fold more before it proposes.
func policySet(names []string, withDefault bool) []string {
	if isPolicySet(names) && !(withDefault && lacksDefault(names)) {
		return names
	}
	set := make([]string, 0, len(names)+1)
	for _, n := range names {
		switch n = foldName(n); n {
		case "":
		case rootPolicy:
			return []string{rootPolicy}
		default:
			set = append(set, n)
		}
	}
	if withDefault {
		set = append(set, defaultPolicy)
	}
	slices.Sort(set) // the order is part of the record
	return slices.Compact(set)
}

func lacksDefault(set []string) bool {
	return !slices.Equal(set, []string{rootPolicy}) && !hasName(set, defaultPolicy)
}

// isPolicySet says whether names has the form that policySet makes.
func isPolicySet(names []string) bool {
	for i, n := range names {
		if n == "" || n == rootPolicy && len(names) > 1 || !isFolded(n) || i > 0 && names[i-1] >= n {
			return false
		}
	}
	return true
}

// nameSet is policySet without the special case of root: a role may disallow
// root among others.
func nameSet(names []string) []string {
	set := make([]string, 0, len(names))
	for _, n := range names {
		if n = foldName(n); n != "" {
			set = append(set, n)
		}
	}
	slices.Sort(set) // the order is part of the record
	return slices.Compact(set)
}

// hasName looks a name up in a sorted set.
func hasName(set []string, name string) bool {
	_, ok := slices.BinarySearch(set, name)
	return ok
}

// subsetOf says whether every name of a sorted set is in another.
func subsetOf(set, of []string) bool {
	for _, n := range set {
		if !hasName(of, n) {
			return false
		}
	}
	return true
}

// withoutName is a sorted set less one name. The set itself is not touched:
// records share it.
func withoutName(set []string, name string) []string {
	i, ok := slices.BinarySearch(set, name)
	if !ok {
		return set
	}
	return slices.Concat(set[:i], set[i+1:])
}

const asciiSpace = " \t\n\v\f\r"

func foldName(s string) string {
	s = strings.Trim(s, asciiSpace)
	if isFolded(s) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// isFolded says whether foldName would leave a non-empty name alone.
func isFolded(s string) bool {
	if s == "" {
		return true
	}
	if strings.IndexByte(asciiSpace, s[0]) >= 0 || strings.IndexByte(asciiSpace, s[len(s)-1]) >= 0 {
		return false
	}
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return false
		}
	}
	return true
}
