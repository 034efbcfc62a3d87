package fsm_test

import (
	"bytes"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// TestTheKeptTokenAndALyingArchive: the token of who restores survives as it is, also when
// the archive has it under another accessor, and another token under its own.
func TestTheKeptTokenAndALyingArchive(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "orphan", fsmtest.TTL(hour), func(c *fsm.TokenCreate) { c.NoParent = true })
	archive := fsm.Relabelled(l.Archive(), map[fsm.Digest]string{
		fsmtest.Digest("root"):   fsmtest.Accessor("nobody"),
		fsmtest.Digest("orphan"): fsmtest.Accessor("root"),
	})
	l.MustRestore("root", archive)
	if err := fsm.CheckInvariants(l.State()); err != nil {
		t.Fatal(err)
	}
	if kept, ok := l.State().LiveByAccessor(fsmtest.Accessor("root"), l.At); !ok || kept.Digest != fsmtest.Digest("root") {
		t.Errorf("the accessor of who restored finds %v", kept)
	}
	if l.Alive("orphan") {
		t.Error("the token that had the accessor lives on")
	}
	if _, ok := l.State().LiveByAccessor(fsmtest.Accessor("nobody"), l.At); ok {
		t.Error("the accessor of the archive finds a token")
	}
	if _, err := fsm.ReadState(bytes.NewReader(l.Archive())); err != nil {
		t.Errorf("the state cannot be read again: %v", err)
	}
}
