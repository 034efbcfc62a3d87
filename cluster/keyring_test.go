package cluster

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jeton-io/jeton/cluster/keyring"
	"github.com/jeton-io/jeton/fsm"
)

// What one node sealed opens on the others, before and after the key turned: a
// key that a node has not heard of yet costs it a read round.
func TestSealOnOneNodeOpenOnAnother(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3)
	ctx, cancel := testContext(t)
	defer cancel()
	for round := range 3 {
		sealed, err := c.nodes[round].Seal("label", []byte("secret"))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range c.nodes {
			if got, err := n.Open(ctx, "label", sealed); err != nil || string(got) != "secret" {
				t.Errorf("round %d, node %d: %q, %v", round, i, got, err)
			}
			if _, err := n.Open(ctx, "other", sealed); !errors.Is(err, keyring.ErrBroken) {
				t.Errorf("round %d, node %d opens it under another label: %v", round, i, err)
			}
		}
		_, err = c.nodes[round].Propose(ctx, Proposal{
			Caller:  c.caller(rootToken),
			Command: &fsm.KeyRotate{Keys: c.nodes[round].DrawKeys(fsm.KeyStorage)},
		})
		if err != nil {
			t.Fatal(err)
		}
		view, err := c.nodes[round].View(ctx)
		if err != nil {
			t.Fatal(err)
		}
		k, ok := view.State.CurrentKey(fsm.KeyStorage)
		if !ok || k.Term != uint64(round)+2 {
			t.Fatalf("round %d: the key in use is %+v", round, k)
		}
		for i, n := range c.nodes {
			if _, err := n.Key(ctx, fsm.KeyStorage, k.ID); err != nil {
				t.Errorf("round %d, node %d: %v", round, i, err)
			}
		}
	}
	if _, err := c.nodes[0].Open(ctx, "label", fsm.Sealed{KeyID: "none"}); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Errorf("a key that nobody has: %v", err)
	}
}

// witness remembers what it wraps.
type witness struct {
	keyring.Wrapper
	seen [][]byte
}

func (w *witness) Seal(plaintext, aad []byte) []byte {
	w.seen = append(w.seen, slices.Clone(plaintext))
	return w.Wrapper.Seal(plaintext, aad)
}

// No key of the keyring, and nothing sealed with one, is in any file of a node:
// neither in the log nor in a snapshot, in none of the forms that keys are
// written in.
func TestKeysAreNowhereInTheClear(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	ctx, cancel := testContext(t)
	defer cancel()
	n := c.nodes[0]
	w := &witness{Wrapper: n.sealer}
	n.keyring = keyring.New(w)
	rotate := &fsm.KeyRotate{Keys: n.DrawKeys(fsm.KeyStorage, fsm.KeyBatch)}
	if _, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: rotate}); err != nil {
		t.Fatal(err)
	}
	secret := []byte("the password of a database")
	box, err := n.Seal("test", secret)
	if err != nil {
		t.Fatal(err)
	}
	// any record that holds a sealed box will do
	if _, err := n.Propose(ctx, Proposal{Caller: c.caller(rootToken), Command: &fsm.CubbyholeSet{Path: "x", Value: box.Box}}); err != nil {
		t.Fatal(err)
	}
	if err := n.raft.Snapshot().Error(); err != nil {
		t.Fatal(err)
	}
	var forms [][]byte
	for _, s := range append(w.seen, secret) {
		forms = append(forms, s, []byte(hex.EncodeToString(s)), []byte(base64.StdEncoding.EncodeToString(s)))
	}
	if len(w.seen) != 2 {
		t.Fatalf("%d keys were wrapped, want 2", len(w.seen))
	}
	files, boxed := 0, 0
	err = filepath.WalkDir(n.cfg.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if bytes.Contains(content, box.Box) {
			boxed++
		}
		for _, f := range forms {
			if bytes.Contains(content, f) {
				t.Errorf("%s holds %q", path, f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if boxed < 2 {
		t.Errorf("the sealed secret is in %d of %d files; want the log and a snapshot: was the right folder searched?", boxed, files)
	}
}
