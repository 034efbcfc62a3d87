package fsm_test

import (
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// restoreSamples are those of restores, and of what looks after servers, for samples.
func restoreSamples() []fsm.Command {
	id := fsmtest.RestoreID("it")
	return []fsm.Command{
		autopilotSample(), rewrapSample(),
		&fsm.RestoreBegin{ID: id, Bytes: 300, StateHash: fsmtest.Digest("state"), Force: true, Forget: true},
		&fsm.RestorePart{ID: id, Seq: 300, Data: []byte("part")},
		&fsm.RestoreCommit{ID: id, Caller: fsmtest.Digest("caller")},
		&fsm.RestoreAbort{ID: id},
	}
}

// addStaging puts a restore that is under way into a lab, what an earlier one has left,
// and how servers are looked after.
func addStaging(l *fsmtest.Lab) {
	l.Must("root", autopilotSample())
	for _, name := range []string{"left", "it"} {
		l.Must("root", fsmtest.Begin(name, make([]byte, 100)))
		l.Must("root", fsmtest.Part(name, make([]byte, 100), 0))
	}
}
