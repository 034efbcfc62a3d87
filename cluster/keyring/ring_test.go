package keyring_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// wrapper binds and hides nothing but the additional data: enough to see that a
// key is opened where it belongs.
type wrapper struct{ id string }

var errWrapper = errors.New("not wrapped here")

func (w wrapper) ID() string { return w.id }
func (w wrapper) Seal(plaintext, aad []byte) []byte {
	return bytes.Join([][]byte{[]byte(w.id), aad, plaintext}, []byte{0})
}

func (w wrapper) Open(sealed, aad []byte) ([]byte, error) {
	head := append(append([]byte(w.id+"\x00"), aad...), 0)
	if !bytes.HasPrefix(sealed, head) {
		return nil, errWrapper
	}
	return sealed[len(head):], nil
}

// rotated is a state whose keyring was drawn and rotated by r.
func rotated(t *testing.T, keys ...[]fsm.NewKey) *fsm.State {
	l := fsmtest.New(t)
	for _, k := range keys {
		l.Must(fsmtest.Root, &fsm.KeyRotate{Keys: k})
	}
	return l.State()
}

func TestSealAcrossRotation(t *testing.T) {
	r := keyring.New(wrapper{"w"})
	first, second := r.Draw(fsm.KeyStorage, fsm.KeyBatch), r.Draw(fsm.KeyStorage)
	before, after := rotated(t, first), rotated(t, first, second)
	old, err := r.Current(before, fsm.KeyStorage)
	if err != nil {
		t.Fatal(err)
	}
	box := old.Seal("label", []byte("secret"))
	if bytes.Contains(box, []byte("secret")) {
		t.Error("plaintext shows")
	}
	other := keyring.New(wrapper{"w"}) // another node
	now, err := other.Current(after, fsm.KeyStorage)
	if err != nil || now.ID != second[0].ID {
		t.Fatalf("key in use is %v, %v; want %s", now, err, second[0].ID)
	}
	named, err := other.Find(after, fsm.KeyStorage, old.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := named.Open("label", box); err != nil || string(got) != "secret" {
		t.Errorf("opened to %q, %v", got, err)
	}
	for what, open := range map[string]func() ([]byte, error){
		"under another label": func() ([]byte, error) { return named.Open("other", box) },
		"with another key":    func() ([]byte, error) { return now.Open("label", box) },
		"cut short":           func() ([]byte, error) { return named.Open("label", box[:len(box)-1]) },
		"empty":               func() ([]byte, error) { return named.Open("label", nil) },
	} {
		if got, err := open(); !errors.Is(err, keyring.ErrBroken) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

func TestKeysStayInTheirPlace(t *testing.T) {
	r := keyring.New(wrapper{"w"})
	keys := r.Draw(fsm.KeyStorage, fsm.KeyBatch)
	keys[0].Box, keys[1].Box = keys[1].Box, keys[0].Box
	s := rotated(t, keys)
	for _, p := range []fsm.KeyPurpose{fsm.KeyStorage, fsm.KeyBatch} {
		if _, err := r.Current(s, p); !errors.Is(err, errWrapper) {
			t.Errorf("a key of another purpose opens for %s: %v", p, err)
		}
	}
	if _, err := r.Find(s, fsm.KeyBatch, "none"); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Error(err)
	}
	if _, err := keyring.New(wrapper{"v"}).Find(s, fsm.KeyStorage, keys[0].ID); !errors.Is(err, errWrapper) {
		t.Errorf("opens under another seal key: %v", err)
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	r := keyring.New(wrapper{"w"})
	k, err := r.Current(rotated(t, r.Draw(fsm.KeyBatch)), fsm.KeyBatch)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(k.Derive("a", 32), k.Derive("b", 32)) || !bytes.Equal(k.Derive("a", 32), k.Derive("a", 32)) {
		t.Error("derived keys do not follow their label")
	}
}
