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

func lessCubbyhole(a, b *Cubbyhole) bool {
	if c := a.Token.compare(b.Token); c != 0 {
		return c < 0
	}
	return a.Path < b.Path
}

// CubbyholeValue is the sealed value of a token at a path.
func (s *State) CubbyholeValue(token Digest, path string) ([]byte, bool) {
	v, ok := s.cubbyholes.get(&Cubbyhole{Token: token, Path: path})
	if !ok {
		return nil, false
	}
	return v.Value, true
}

// CubbyholeKeys lists what stands directly below a folder ("" or ending in a
// slash), folders with a trailing slash, in order.
func (s *State) CubbyholeKeys(token Digest, folder string) []string {
	var keys []string
	s.cubbyholes.ascend(&Cubbyhole{Token: token, Path: folder}, func(v *Cubbyhole) bool {
		if v.Token != token || !strings.HasPrefix(v.Path, folder) {
			return false
		}
		name := v.Path[len(folder):]
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

func (s *State) hasCubbyhole(token Digest) bool { return s.countCubbyhole(token, 1) > 0 }

// countCubbyhole counts a token's values up to a maximum.
func (s *State) countCubbyhole(token Digest, max int) (n int) {
	s.cubbyholes.ascend(&Cubbyhole{Token: token}, func(v *Cubbyhole) bool {
		if v.Token != token || n == max {
			return false
		}
		n++
		return true
	})
	return n
}

func (tx *Tx) dropCubbyhole(token Digest) {
	for {
		var first *Cubbyhole
		tx.st.cubbyholes.ascend(&Cubbyhole{Token: token}, func(v *Cubbyhole) bool {
			first = v
			return false
		})
		if first == nil || first.Token != token {
			return
		}
		delRecord(tx, &tx.st.cubbyholes, first)
	}
}
