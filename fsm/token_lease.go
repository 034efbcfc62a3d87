package fsm

import (
	"encoding/hex"
	"slices"
	"strings"
)

// A token's lease is the token itself under another name: its source path, a
// slash, the letter h and its digest in hexadecimal, as Vault builds it of its
// salted id. Whoever knows it can end the token where a policy allows that, but
// can not act as the token.

// LeaseID names the token's lease. The first root token has none.
func (t *Token) LeaseID() string {
	if t.Path == rootPath {
		return ""
	}
	return t.Path + "/" + leaseKey(t.Digest)
}

func leaseKey(d Digest) string { return "h" + hex.EncodeToString(d[:]) }

// LiveLease finds the token behind a lease that has not ended.
func (s *State) LiveLease(id string, at Instant) (*Token, bool) {
	t, ok := s.tokenByLease(id)
	if !ok || s.cause(t, at) != Alive {
		return nil, false
	}
	return t, true
}

// tokenByLease finds the record, dead or alive.
func (s *State) tokenByLease(id string) (*Token, bool) {
	var d Digest
	i := strings.LastIndexByte(id, '/')
	if key := id[i+1:]; len(key) != len(leaseKey(d)) || key[0] != 'h' {
		return nil, false
	}
	if n, err := hex.Decode(d[:], []byte(id[i+2:])); err != nil || n != len(d) {
		return nil, false
	}
	t, ok := s.tokenByDigest(d)
	if !ok || t.LeaseID() != id {
		return nil, false
	}
	return t, true
}

// LeaseKeys lists what stands directly below a folder of leases ("" or ending
// in a slash), folders with a trailing slash, in order. A folder is shown while
// a token below it lives or a secret of an engine may be there outside.
func (s *State) LeaseKeys(folder string, at Instant) []string {
	keys := s.engineLeaseKeys(folder)
	own := strings.TrimSuffix(folder, "/")
	s.paths.ascend(pathItem{path: own}, func(it pathItem) bool {
		if it.path != own {
			return false
		}
		if s.leaseLives(it, at) {
			keys = append(keys, leaseKey(s.token(it.token).Digest))
		}
		return true
	})
	for from, more := folder, true; more; {
		more = false
		s.paths.ascend(pathItem{path: from}, func(it pathItem) bool {
			if !strings.HasPrefix(it.path, folder) || it.path == "" {
				return false
			}
			if !s.leaseLives(it, at) {
				return true
			}
			// One living token shows its folder: go on behind all of that path, or
			// behind all that stands below it.
			name, _, below := strings.Cut(it.path[len(folder):], "/")
			keys = append(keys, name+"/")
			from, more = folder+name+"\x00", true
			if below {
				from = folder + name + string(rune('/'+1))
			}
			return false
		})
	}
	slices.Sort(keys) // paths of one folder are not neighbours: "a-b" stands between "a" and "a/b"
	return slices.Compact(keys)
}

func (s *State) leaseLives(it pathItem, at Instant) bool {
	return it.path != rootPath && s.cause(s.token(it.token), at) == Alive
}
