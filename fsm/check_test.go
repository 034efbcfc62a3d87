package fsm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func TestChecksTellWhatWasNoted(t *testing.T) {
	l := fsmtest.New(t)
	if own, claim := l.Machine.Checks(); len(own) != 0 || claim != (fsm.Check{}) {
		t.Fatalf("before the first: %v, claimed %v", own, claim)
	}
	var want []fsm.Check
	for i := range fsm.KeptChecks + 2 {
		l.Must(fsmtest.Root, fsmtest.Create(fmt.Sprint(i)))
		claim := fsm.Check{}
		if len(want) > 0 {
			claim = want[len(want)-1]
		}
		l.Cluster(&fsm.StateCheck{Of: claim})
		want = append(want, fsm.Check{Index: l.State().Index(), Hash: l.State().Hash()})
		if _, got := l.Machine.Checks(); got != claim {
			t.Fatalf("claimed %v, want %v", got, claim)
		}
	}
	if own, _ := l.Machine.Checks(); !slices.Equal(own, want[2:]) {
		t.Errorf("noted\n%v, want\n%v", own, want[2:])
	}
	l.Machine.Restore(l.State(), l.State().Index())
	if own, claim := l.Machine.Checks(); len(own) != 0 || claim != (fsm.Check{}) {
		t.Errorf("after a restore: %v, claimed %v", own, claim)
	}
}

// What one machine claims and another denies changes neither.
func TestAFalseClaimChangesNoState(t *testing.T) {
	l := fsmtest.New(t)
	twin := l.Twin(t)
	l.Cluster(&fsm.StateCheck{})
	twin.Cluster(&fsm.StateCheck{Of: fsm.Check{Index: 1, Hash: fsm.Hash{1}}})
	if !bytes.Equal(stateBytes(t, l.State()), stateBytes(t, twin.State())) {
		t.Error("the claim is in the state")
	}
}

// A change that came not by the log shows when what changed is written next, be it to
// the state, where the hashes of two machines part, or to a snapshot.
func TestDamageInMemoryShows(t *testing.T) {
	l := fsmtest.New(t)
	l.Must(fsmtest.Root, fsmtest.Create("t"))
	twin := l.Twin(t)

	damaged, _ := l.Live("t")
	damaged.CreatedAt ^= 1 << 20

	if l.State().Hash() != twin.State().Hash() {
		t.Error("the hash is kept up with changes, so it cannot know of this yet")
	}
	if _, err := l.State().WriteTo(io.Discard); !errors.Is(err, fsm.ErrDamaged) {
		t.Errorf("a damaged state was written: %v", err)
	}
	for _, l := range []*fsmtest.Lab{l, twin} {
		l.Must(fsmtest.Root, fsmtest.Revoke("t"))
	}
	if l.State().Hash() == twin.State().Hash() {
		t.Error("the damage does not show in the hash")
	}
}
