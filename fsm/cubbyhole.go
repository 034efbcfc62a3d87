package fsm

import "strings"

// Cubbyhole is one value of a token's private storage. The value was encrypted
// on the receiving node with a key derived from the token's secret: nothing the
// machine holds opens it.
type Cubbyhole struct {
	Token Digest
	Path  string // below cubbyhole/
	Value []byte
}

func (v *Cubbyhole) tag() recordTag { return tagCubbyhole }

func (v *Cubbyhole) fields(c *coder) {
	c.digest(&v.Token)
	c.string(&v.Path, MaxPathBytes)
	c.bytes(&v.Value, MaxCubbyholeValueBytes)
}

// CubbyholeValue is the sealed value of a token at a path.
func (s *State) CubbyholeValue(token Digest, path string) ([]byte, bool) {
	v, ok := s.cubbyholes.find(cubbyholeKey{token, path})
	if !ok {
		return nil, false
	}
	return v.Value, true
}

// CubbyholeKeys lists what stands directly below a folder ("" or ending in a
// slash), folders with a trailing slash, in order.
func (s *State) CubbyholeKeys(token Digest, folder string) []string {
	var keys []string
	s.eachValue(cubbyholeKey{token, folder}, func(path string) bool {
		name, ok := strings.CutPrefix(path, folder)
		if !ok {
			return false
		}
		if i := strings.IndexByte(name, '/'); i >= 0 {
			name = name[:i+1]
		}
		if name != "" && (len(keys) == 0 || keys[len(keys)-1] != name) {
			keys = append(keys, name)
		}
		return true
	})
	return keys
}

// eachValue visits a token's values from a path on, in order, until f says no.
func (s *State) eachValue(from cubbyholeKey, f func(path string) bool) {
	s.cubbyholes.ascend(row[cubbyholeKey, *Cubbyhole]{key: from}, func(it row[cubbyholeKey, *Cubbyhole]) bool {
		return it.key.token == from.token && f(it.key.path)
	})
}

func (s *State) hasCubbyhole(token Digest) bool { return s.countCubbyhole(token, 1) > 0 }

// countCubbyhole counts a token's values up to a maximum.
func (s *State) countCubbyhole(token Digest, max int) (n int) {
	s.eachValue(cubbyholeKey{token: token}, func(string) bool {
		n++
		return n < max
	})
	return n
}

// dropCubbyhole deletes a token's values and counts them.
func (tx *Tx) dropCubbyhole(token Digest) (n int) {
	for {
		it, ok := tx.st.cubbyholes.from(row[cubbyholeKey, *Cubbyhole]{key: cubbyholeKey{token: token}})
		if !ok || it.key.token != token {
			return n
		}
		delRecord(tx, &tx.st.cubbyholes, it.key)
		n++
	}
}
