package fsm_test

import (
	"maps"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// rewrapSample puts the salt and the storage key of a lab under another seal key.
func rewrapSample() *fsm.SealRewrap {
	return &fsm.SealRewrap{
		Salt: fsm.Rewrapped{Old: []byte("sealed salt"), New: fsm.Sealed{KeyID: "k2", Box: []byte("salt anew")}},
		Keys: []fsm.RewrappedKey{{Purpose: fsm.KeyStorage, Term: 1, Box: fsm.Rewrapped{
			Old: []byte("sealed key"), New: fsm.Sealed{KeyID: "k2", Box: []byte("key anew")},
		}}},
	}
}

func TestSealRewrap(t *testing.T) {
	l := fsmtest.New(t)
	if by := l.State().SealedBy(); !maps.Equal(by, map[string]int{"k1": 3}) {
		t.Fatalf("%v", by)
	}
	l.Cluster(rewrapSample())
	st := l.State()
	key, _ := st.CurrentKey(fsm.KeyStorage)
	if by := st.SealedBy(); !maps.Equal(by, map[string]int{"k1": 1, "k2": 2}) || string(st.Salt.Box) != "salt anew" || string(key.Box.Box) != "key anew" || key.ID != "s1" {
		t.Errorf("%v, salt %q, key %+v", by, st.Salt.Box, key)
	}
	sound(t, l)

	// What is not there any more is not wrapped.
	late := rewrapSample()
	late.Salt.New.Box, late.Keys[0].Box.New.Box = []byte("late"), []byte("late")
	late.Keys = append(late.Keys, fsm.RewrappedKey{Purpose: fsm.KeyWaypoint, Term: 9, Box: late.Keys[0].Box})
	before := l.State().Hash()
	l.Cluster(late)
	if st := l.State(); string(st.Salt.Box) != "salt anew" || st.SealedBy()["k1"] != 1 {
		t.Errorf("%v, hash %s, before %s", st.SealedBy(), st.Hash(), before)
	}
	l.Cluster(&fsm.SealRewrap{})
}

func TestSealRewrapBounds(t *testing.T) {
	for name, change := range map[string]func(*fsm.SealRewrap){ // order: each stands alone
		"an empty salt":     func(r *fsm.SealRewrap) { r.Salt.New.Box = nil },
		"a long salt":       func(r *fsm.SealRewrap) { r.Salt.New.Box = make([]byte, 4097) },
		"an empty key":      func(r *fsm.SealRewrap) { r.Keys[0].Box.New.Box = nil },
		"a long id":         func(r *fsm.SealRewrap) { r.Keys[0].Box.New.KeyID = long(65) },
		"too many":          func(r *fsm.SealRewrap) { r.Keys = make([]fsm.RewrappedKey, fsm.MaxRewrappedKeys+1) },
		"too long as it is": func(r *fsm.SealRewrap) { r.Keys[0].Box.Old = make([]byte, 4097) },
	} {
		r := rewrapSample()
		change(r)
		if err := r.Validate(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := rewrapSample().Validate(); err != nil {
		t.Error(err)
	}
}
