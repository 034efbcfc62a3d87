package fsm_test

import (
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func newKey(p fsm.KeyPurpose, id string) fsm.NewKey {
	return fsm.NewKey{Purpose: p, ID: id, Box: fsm.Sealed{KeyID: "k1", Box: []byte("sealed")}}
}

func TestKeyRotate(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyStorage, "s2"), newKey(fsm.KeyBatch, "b2")}})
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyBatch, "b3")}})
	s := l.State()
	for p, want := range map[fsm.KeyPurpose]string{fsm.KeyStorage: "s2 term 2", fsm.KeyBatch: "b3 term 3"} {
		k, ok := s.CurrentKey(p)
		if got := fmt.Sprintf("%s term %d", k.ID, k.Term); !ok || got != want || k.InstalledAt != l.At {
			t.Errorf("in use for %s is %s of %v, want %s", p, got, k.InstalledAt, want)
		}
	}
	if k, ok := s.DataKey(fsm.KeyBatch, "b1"); !ok || k.Term != 1 {
		t.Errorf("the first key is %+v, %v", k, ok)
	}
	if _, ok := s.DataKey(fsm.KeyBatch, "s1"); ok {
		t.Error("a key for storage is found among those for batch tokens")
	}
	if n := len(s.DataKeys(fsm.KeyBatch)); n != 3 {
		t.Errorf("%d keys for batch tokens, want 3", n)
	}
}

func TestKeyRetire(t *testing.T) {
	l := makers(t)
	l.Create("root", "b", fsmtest.Batch, fsmtest.Policies("web"), fsmtest.TTL(hour))
	l.Refused("root", &fsm.KeyRetire{ID: "b1"}, fsm.KeyInUse)
	l.Refused("root", &fsm.KeyRetire{ID: "s1"}, fsm.KeyNeeded)
	l.Refused("root", &fsm.KeyRetire{ID: "none"}, fsm.KeyNotFound)
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyBatch, "b2")}})
	l.Create("root", "c", fsmtest.Batch, fsmtest.Policies("web"), fsmtest.TTL(hour))
	l.Must("root", &fsm.KeyRetire{ID: "b1"})
	alive(t, l, "c", "b", "c")
	l.Must("root", &fsm.KeyRetire{ID: "b1"}) // once more changes nothing
	l.Wait(hour - 1)
	l.Clean(10)
	if _, ok := l.State().DataKey(fsm.KeyBatch, "b1"); !ok {
		t.Error("a retired key went before its tokens expired")
	}
	l.Wait(1)
	l.Clean(10)
	if _, ok := l.State().DataKey(fsm.KeyBatch, "b1"); ok {
		t.Error("a retired key stays for ever")
	}
	alive(t, l, "", "b", "c")
}

func TestKeyRotateRefused(t *testing.T) {
	l := fsmtest.New(t)
	for _, c := range []struct {
		why  string
		keys []fsm.NewKey
		want fsm.Reason
	}{
		{"no key", nil, fsm.OutOfRange},
		{"out of order", []fsm.NewKey{newKey(fsm.KeyBatch, "x"), newKey(fsm.KeyStorage, "y")}, fsm.OutOfRange},
		{"two for one purpose", []fsm.NewKey{newKey(fsm.KeyBatch, "x"), newKey(fsm.KeyBatch, "y")}, fsm.OutOfRange},
		{"an id that is no word", []fsm.NewKey{newKey(fsm.KeyBatch, "x/y")}, fsm.OutOfRange},
		{"no wrapped key", []fsm.NewKey{{Purpose: fsm.KeyBatch, ID: "x"}}, fsm.OutOfRange},
		{"an id in use for another purpose", []fsm.NewKey{newKey(fsm.KeyWaypoint, "s1")}, fsm.DataKeyExists},
		{"one id for two purposes", []fsm.NewKey{newKey(fsm.KeyStorage, "x"), newKey(fsm.KeyWaypoint, "x")}, fsm.DataKeyExists},
		{"an id in use", []fsm.NewKey{newKey(fsm.KeyStorage, "new"), newKey(fsm.KeyBatch, "b1")}, fsm.DataKeyExists},
	} {
		t.Run(c.why, func(t *testing.T) {
			l.Refused("root", &fsm.KeyRotate{Keys: c.keys}, c.want)
			if k, _ := l.State().CurrentKey(fsm.KeyStorage); k.Term != 1 {
				t.Errorf("a refused rotation left term %d", k.Term)
			}
		})
	}
	unknown := &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(99, "x")}}
	if err := unknown.Validate(); err == nil {
		t.Error("an unknown purpose is taken")
	}
}

func TestKeyringIsBounded(t *testing.T) {
	l := fsmtest.New(t)
	for i := 2; i < fsm.MaxDataKeys; i++ {
		l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyBatch, fmt.Sprint("n", i))}})
	}
	l.Refused("root", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyBatch, "more")}}, fsm.TooManyDataKeys)
}
