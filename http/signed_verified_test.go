package http

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/cluster/keyring"
)

// The memory of verified texts is bounded, and what is in use stays in it.
func TestVerifiedIsBounded(t *testing.T) {
	var v verified
	with, used := verifiedWith{key: new(keyring.Key), salt: new(int)}, new(signed)
	first := nameOfText("in use")
	v.keep(first, used, with)
	for i := range 10 * maxVerified {
		v.keep(nameOfText(fmt.Sprint("text ", i)), new(signed), with)
		if i%1000 == 0 {
			if s, w := v.find(first); s != used || w != with {
				t.Fatalf("after %d others the text in use is forgotten", i)
			}
		}
	}
	if n := len(v.young) + len(v.old); n > 2*maxVerified {
		t.Errorf("%d texts are kept", n)
	}
	if s, _ := v.find(nameOfText("text 0")); s != nil {
		t.Error("what nobody asks for stays")
	}
}
