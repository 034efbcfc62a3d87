package fsm

import "strings"

// Mark kills every token and ends every lease made under a path up to a serial,
// and with a token its descendants. It stands until its sweep is done.
type Mark struct {
	Prefix string // path segments, without a trailing slash
	Serial uint64 // what was made later is not touched
	Actor  string
	At     Instant
	Force  bool // leases whose revocation fails are forgotten

	// How far the sweep has come: what stands below holds nothing more for it.
	Swept       string // paths of tokens
	SweptLeases string // ids of leases
}

func (m *Mark) tag() recordTag { return tagMark }

func (m *Mark) fields(c *coder) {
	c.string(&m.Prefix, MaxPathBytes)
	c.u64(&m.Serial)
	c.string(&m.Actor, AccessorBytes)
	c.instant(&m.At)
	c.bool(&m.Force)
	c.string(&m.Swept, MaxPathBytes+1)
	c.string(&m.SweptLeases, MaxLeaseBytes+1)
}

// covers says whether a path is the mark's or lies below it.
func (m *Mark) covers(path string) bool { return covers(m.Prefix, path) }

// covers goes by path segments. Every path lies below the empty one.
func covers(prefix, path string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || prefix == "" || rest[0] == '/')
}

// rootPath is the source path of the token that Bootstrap makes. It has no
// lease in Vault, so no prefix reaches it.
const rootPath = "auth/token/root"

// marked says whether a mark stands over t.
func (s *State) marked(t *Token) bool {
	_, ok := s.markOver(t)
	return ok
}

// markOver finds a mark that kills t.
func (s *State) markOver(t *Token) (*Mark, bool) {
	if t.Path == rootPath {
		return nil, false
	}
	return s.markOn(t.Path, t.Serial)
}

// markOn finds a mark that kills what was made under a path by the command of a
// serial. It looks up each segment prefix of the path, so its cost does not grow
// with the number of marks.
func (s *State) markOn(path string, serial uint64) (*Mark, bool) {
	if s.marks.len() == 0 {
		return nil, false
	}
	for end := 0; ; end++ {
		i := strings.IndexByte(path[end:], '/')
		if i < 0 {
			end = len(path)
		} else {
			end += i
		}
		if m, ok := s.marks.find(path[:end]); ok && serial <= m.Serial {
			return m, true
		}
		if end == len(path) {
			return nil, false
		}
	}
}

// nextMarked finds the next token that m kills by its own path, looking from
// *at on and moving it. Each path it looks at in vain costs one of the budget,
// because newer tokens may have been made under many of them; within a path the
// oldest come first. It returns nil when there is none or the budget is spent.
func (s *State) nextMarked(m *Mark, at *string, budget *int) *Token {
	for *budget > 0 {
		it, ok := s.paths.from(pathItem{path: *at})
		switch {
		case !ok:
			return nil
		case !m.covers(it.path):
			below := m.Prefix + "/" // names such as prefix-x stand between the two
			if it.path >= below {
				return nil
			}
			*at = below
		case it.serial > m.Serial || it.path == rootPath:
			*at = it.path + "\x00"
			*budget--
		default:
			*at = it.path
			return s.token(it.token)
		}
	}
	return nil
}
