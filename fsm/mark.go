package fsm

import "strings"

// Mark kills every token made under a source path up to a serial, and with it
// the token's descendants. It stands until its sweep is done.
type Mark struct {
	Prefix string // path segments, without a trailing slash
	Serial uint64 // tokens made later are not touched
	Actor  string
	At     Instant
}

func (m *Mark) tag() recordTag { return tagMark }

func (m *Mark) fields(c *coder) {
	c.string(&m.Prefix, MaxPathBytes)
	c.u64(&m.Serial)
	c.string(&m.Actor, AccessorBytes)
	c.instant(&m.At)
}

// rootPath is the source path of the token that Bootstrap makes. It has no
// lease in Vault, so no prefix reaches it.
const rootPath = "auth/token/root"

// marked says whether a mark stands over t. It looks up each segment prefix of
// the token's path, so its cost does not grow with the number of marks.
func (s *State) marked(t *Token) bool {
	if s.marks.len() == 0 || t.Path == rootPath {
		return false
	}
	for end := 0; ; end++ {
		i := strings.IndexByte(t.Path[end:], '/')
		if i < 0 {
			end = len(t.Path)
		} else {
			end += i
		}
		if m, ok := s.marks.get(&Mark{Prefix: t.Path[:end]}); ok && t.Serial <= m.Serial {
			return true
		}
		if end == len(t.Path) {
			return false
		}
	}
}

// firstMarked finds some token that m kills: of the path itself or below it.
func (s *State) firstMarked(m *Mark) (t *Token, ok bool) {
	find := func(from string, in func(path string) bool) {
		s.paths.ascend(pathItem{path: from}, func(it pathItem) bool {
			if !in(it.path) {
				return false
			}
			if it.serial <= m.Serial && it.path != rootPath {
				t, ok = s.tokenByDigest(it.token)
			}
			return !ok
		})
	}
	find(m.Prefix, func(p string) bool { return p == m.Prefix })
	if !ok {
		find(m.Prefix+"/", func(p string) bool { return strings.HasPrefix(p, m.Prefix+"/") })
	}
	return t, ok
}
