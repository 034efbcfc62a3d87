package http

import (
	"crypto/sha256"
	"sync"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/http/waypoint"
)

// maxVerified is how many texts each of the two halves of a memory holds.
const maxVerified = 4096

// verified remembers what the texts of Waypoint tokens say whose signatures this node
// has verified, so that the next request with the same one is as cheap as with a
// service token. A text is known by its hash. What it says depends on nothing but
// itself, the key and the cluster's salt, which a restore can replace; everything else
// that can change is asked of the state each time.
//
// When the young half is full it becomes the old one, and what is not asked for
// again goes with that.
type verified struct {
	mu         sync.Mutex
	young, old map[textName]verifiedText
}

type textName [sha256.Size]byte

type verifiedText struct {
	*signed
	verifiedWith
}

// verifiedWith is what a text was verified and digested with.
type verifiedWith struct {
	key  *keyring.Key
	salt any
}

func nameOfText(text string) textName {
	var room [waypoint.MaxTextBytes]byte // spares a copy on the heap
	return sha256.Sum256(room[:copy(room[:], text)])
}

// find is nil for a text that was not kept. Key and salt may be others by now.
func (v *verified) find(n textName) (*signed, verifiedWith) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t, ok := v.young[n]
	if !ok {
		if t, ok = v.old[n]; ok {
			v.put(n, t)
		}
	}
	return t.signed, t.verifiedWith
}

func (v *verified) keep(n textName, s *signed, with verifiedWith) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.put(n, verifiedText{s, with})
}

func (v *verified) put(n textName, t verifiedText) {
	if v.young == nil || len(v.young) >= maxVerified {
		v.young, v.old = make(map[textName]verifiedText), v.young
	}
	v.young[n] = t
}
