package keys

import (
	"bytes"
	"errors"
	"testing"
)

func TestSeal(t *testing.T) {
	s := ringOf("c", 1).Sealer()
	for _, plaintext := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("keyring "), 1000)} {
		sealed := s.Seal(plaintext, []byte("aad"))
		if len(plaintext) > 1 && bytes.Contains(sealed, plaintext) {
			t.Error("plaintext shows")
		}
		got, err := s.Open(sealed, []byte("aad"))
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes came back as %d, %v", len(plaintext), len(got), err)
		}
		if id, err := SealedBy(sealed); err != nil || id != s.ID() {
			t.Errorf("sealed by %s, %v; want %s", id, err, s.ID())
		}
	}
	if bytes.Equal(s.Seal([]byte("x"), nil), s.Seal([]byte("x"), nil)) {
		t.Error("two seals of one value are equal")
	}
}

// TestSealRotation: what either key sealed opens while both are held, and the
// error says when one is missing.
func TestSealRotation(t *testing.T) {
	before, both, after := ringOf("c", 1).Sealer(), ringOf("c", 2, 1).Sealer(), ringOf("c", 2).Sealer()
	sealedBefore, sealedBoth := before.Seal([]byte("k"), nil), both.Seal([]byte("k"), nil)
	for name, sealed := range map[string][]byte{"before": sealedBefore, "since": sealedBoth} {
		if _, err := both.Open(sealed, nil); err != nil {
			t.Errorf("sealed %s the rotation: %v", name, err)
		}
	}
	if _, err := before.Open(sealedBoth, nil); !errors.Is(err, ErrUnknownSealKey) {
		t.Error(err)
	}
	if _, err := after.Open(sealedBefore, nil); !errors.Is(err, ErrUnknownSealKey) {
		t.Error(err)
	}
	if ids := both.IDs(); len(ids) != 2 || ids[0] != after.ID() || ids[1] != before.ID() || both.ID() != ids[0] {
		t.Errorf("ids %v", ids)
	}
}

// TestSealTampered flips every bit in turn.
func TestSealTampered(t *testing.T) {
	s := ringOf("c", 1).Sealer()
	sealed := s.Seal([]byte("keyring"), []byte("aad"))
	for i := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := s.Open(bad, []byte("aad")); err == nil {
			t.Fatalf("bit %d may be flipped", i)
		}
	}
	for n := range sealed {
		if _, err := s.Open(sealed[:n], []byte("aad")); err == nil {
			t.Fatalf("%d of %d bytes open", n, len(sealed))
		}
	}
	if _, err := s.Open(append(bytes.Clone(sealed), 0), []byte("aad")); !errors.Is(err, ErrSealBroken) {
		t.Error(err)
	}
	if _, err := s.Open(sealed, []byte("other")); !errors.Is(err, ErrSealBroken) {
		t.Error(err)
	}
	if _, err := SealedBy(sealed[:5]); !errors.Is(err, ErrSealBroken) {
		t.Error(err)
	}
}

// TestSealKeyFile: a file's keys open in a cluster of any name and are not
// those derived from a cluster secret of the same bytes.
func TestSealKeyFile(t *testing.T) {
	line := Generate()
	path := secretFile(t, 0o600, line)
	a, _, err := LoadSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := LoadSealer(path)
	if _, err := b.Open(a.Seal([]byte("x"), nil), nil); err != nil {
		t.Fatal(err)
	}
	ring, err := Load(path, "c")
	if err != nil {
		t.Fatal(err)
	}
	if ring.Sealer().ID() == a.ID() {
		t.Fatal("cluster secret and seal key file derive one key")
	}
}
