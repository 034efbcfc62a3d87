package fsm

// sharing lets tokens that were made alike have the same Terms in memory: most of a
// workload's are, and their terms are more than all else there is of them. What it
// remembers changes nothing that can be seen.
type sharing struct {
	terms map[string]*Terms // by their encoding
	c     coder
}

const (
	// maxShared bounds what is remembered. Of more than that all is forgotten.
	maxShared = 4096
	// maxSharedBytes: terms that say more than that are hardly those of many tokens.
	maxSharedBytes = 512
)

func newSharing() *sharing { return &sharing{terms: make(map[string]*Terms)} }

// share has a token that nobody has seen yet take the terms of others that are the same.
func (s *sharing) share(t *Token) {
	s.c = coder{buf: s.c.buf[:0]}
	t.Terms.names(&s.c)
	t.Terms.limits(&s.c)
	if len(s.c.buf) > maxSharedBytes {
		return
	}
	if same, ok := s.terms[string(s.c.buf)]; ok {
		t.Terms = same
		return
	}
	if len(s.terms) == maxShared {
		clear(s.terms)
	}
	s.terms[string(s.c.buf)] = t.Terms
}
