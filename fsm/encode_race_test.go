package fsm

import (
	"sync"
	"testing"
)

// Records are shared by everyone who holds a state, so encoding one must not
// write to it, not even what is there already. The race detector judges.
func TestEncodingDoesNotWrite(t *testing.T) {
	parent := Digest{1}
	token := &Token{tokenBody: &tokenBody{Parent: parent, UsesLeft: 2}, Terms: &Terms{Renewable: true, NumUses: 3}, Death: &Death{Cause: Revoked}}
	shared := []record{
		token, &header{}, &Role{}, &Policy{}, &Mark{}, &Tombstone{}, &session{id: 1}, &outcome{}, &keyed{}, &Cubbyhole{},
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, r := range shared {
				new(hasher).hash(r)
			}
		})
	}
	wg.Wait()
}
