package fsm

import "bytes"

// sharing lets tokens that were made alike have the same Terms in memory: most of a
// workload's are, and their terms are more than all else there is of them. What it
// remembers changes nothing that can be seen.
type sharing struct {
	terms map[string]*Terms // by their encoding
	c     coder

	// Terms that were decoded last, by the bytes that say them. The next token's are most
	// likely among them, and then need not be decoded.
	recent [4]spelled
	oldest int
	names  []byte // of the token that is being decoded
}

// spelled is terms with the two stretches of a token's record that say them.
type spelled struct {
	names, limits []byte
	terms         *Terms // nil: none yet
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
	t.Terms = s.same(s.c.buf, t.Terms)
}

// same is what is known by an encoding, which are these terms from now on if nothing is.
func (s *sharing) same(encoded []byte, t *Terms) *Terms {
	if len(encoded) > maxSharedBytes {
		return t
	}
	if known, ok := s.terms[string(encoded)]; ok {
		return known
	}
	if len(s.terms) == maxShared {
		clear(s.terms)
	}
	s.terms[string(encoded)] = t
	return t
}

// decodeNames and decodeLimits decode the two parts of a token's terms, between which
// something else stands. An encoding says where it ends, so what begins with the bytes of
// known terms says these.
func (s *sharing) decodeNames(c *coder) *Terms {
	if s == nil {
		t := new(Terms)
		t.names(c)
		return t
	}
	for i := range s.recent {
		if r := &s.recent[i]; c.err == nil && r.terms != nil && bytes.HasPrefix(c.buf, r.names) {
			s.names, c.buf = r.names, c.buf[len(r.names):]
			return r.terms
		}
	}
	t, before := new(Terms), c.buf
	t.names(c)
	s.names = before[:len(before)-len(c.buf)]
	return t
}

func (s *sharing) decodeLimits(c *coder, t *Terms) *Terms {
	if s == nil {
		t.limits(c)
		return t
	}
	for i := range s.recent {
		r := &s.recent[i]
		if c.err == nil && r.terms != nil && bytes.Equal(r.names, s.names) && bytes.HasPrefix(c.buf, r.limits) {
			c.buf = c.buf[len(r.limits):]
			return r.terms
		}
	}
	own, before := *t, c.buf // which may be that of others
	own.limits(c)
	if c.err != nil {
		return &own
	}
	limits := before[:len(before)-len(c.buf)]
	encoded := append(append(make([]byte, 0, len(s.names)+len(limits)), s.names...), limits...)
	known := s.same(encoded, &own)
	s.recent[s.oldest] = spelled{encoded[:len(s.names):len(s.names)], encoded[len(s.names):], known}
	s.oldest = (s.oldest + 1) % len(s.recent)
	return known
}
