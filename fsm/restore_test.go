package fsm_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

const snapshotPath = "sys/storage/raft/snapshot"

func restorerRule() policy.Rule { return fsmtest.Allow(snapshotPath, policy.Update|policy.Sudo) }

func TestWhoMayRestore(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("sudo", restorerRule()))
	l.Must("root", fsmtest.Policy("update", fsmtest.Allow(snapshotPath, policy.Update)))
	l.Create("root", "sudo", fsmtest.TTL(hour), fsmtest.Policies("sudo"))
	l.Create("root", "update", fsmtest.TTL(hour), fsmtest.Policies("update"))
	l.Create("root", "counted", fsmtest.TTL(hour), fsmtest.Policies("sudo"), fsmtest.Uses(9))
	l.Create("root", "batch", fsmtest.TTL(hour), fsmtest.Policies("sudo"), fsmtest.Batch)
	archive := l.Archive()
	begin := fsmtest.Begin("it", archive)
	l.Refused("update", begin, fsm.PermissionDenied)
	l.Refused("counted", begin, fsm.RestorerBad)
	l.Refused("batch", begin, fsm.RestorerBad)
	forced := *begin
	forced.Force = true
	l.Refused("sudo", &forced, fsm.PermissionDenied)
	l.Must("sudo", begin)
	for _, c := range []fsm.Command{fsmtest.Part("it", archive, 0), &fsm.RestoreCommit{ID: begin.ID}} {
		l.Refused("root", c, fsm.StagingUnknown) // which is another's
	}
	l.Must("root", &fsm.RestoreAbort{ID: begin.ID})
	if _, under := l.State().Staging(); !under {
		t.Fatal("another has ended it")
	}
	l.Must("root", &forced)
	l.Refused("sudo", fsmtest.Part("it", archive, 0), fsm.PermissionDenied)
}

func TestRestoreRefusals(t *testing.T) {
	l := fsmtest.New(t)
	for i := range 200 { // more than a part
		l.Must("root", fsmtest.Policy(fmt.Sprint("p", i), fsmtest.Allow(long(400), policy.Read)))
	}
	archive := l.Archive()
	if len(archive) <= fsm.StagedPartBytes {
		t.Fatalf("%d bytes are no more than a part", len(archive))
	}
	begin := func(archive []byte) {
		l.Clean(100)
		l.Must("root", fsmtest.Begin("it", archive))
	}
	commit := &fsm.RestoreCommit{ID: fsmtest.RestoreID("it")}

	l.Refused("root", fsmtest.Part("it", archive, 0), fsm.StagingUnknown)
	begin(archive)
	l.Refused("root", fsmtest.Part("other", archive, 0), fsm.StagingUnknown)
	l.Refused("root", fsmtest.Part("it", archive, 1), fsm.PartUnexpected)
	l.Refused("root", fsmtest.Part("it", archive[:100], 0), fsm.PartLength)
	l.Must("root", fsmtest.Part("it", archive, 0))
	l.Refused("root", fsmtest.Part("it", archive, 0), fsm.PartUnexpected)
	l.Refused("root", commit, fsm.ArchiveShort)
	long := &fsm.RestorePart{ID: commit.ID, Seq: 1, Data: make([]byte, fsm.StagedPartBytes)}
	l.Refused("root", long, fsm.PartLength)
	l.Must("root", fsmtest.Part("it", archive, 1))
	over := &fsm.RestorePart{ID: commit.ID, Seq: 2, Data: []byte("x")}
	l.Refused("root", over, fsm.PartLength)

	refused := func(archive []byte, want fsm.Reason, changes ...func(*fsm.RestoreBegin)) {
		t.Helper()
		l.Clean(100)
		before := l.State()
		if _, err := l.Restore("root", archive, changes...); err == nil || err.Reason != want {
			t.Errorf("%v, want reason %d", err, want)
		}
		if after := l.State(); after.Epoch != before.Epoch || after.CountTokens() != before.CountTokens() {
			t.Error("something has changed")
		}
	}
	refused(archive, fsm.ArchiveOther, func(b *fsm.RestoreBegin) { b.StateHash[0]++ })
	broken := bytes.Clone(archive)
	broken[len(broken)/2]++
	refused(broken, fsm.ArchiveBad)
	refused([]byte("this is no state, and has the length of more than a hash"), fsm.ArchiveBad)
	var blank bytes.Buffer
	fsm.NewMachine().View().WriteTo(&blank)
	refused(blank.Bytes(), fsm.ArchiveBlank)
	refused(fsm.Changed(archive, func(cluster *fsm.Digest, _ *uint64) { cluster[0]++ }), fsm.ArchiveForeign)
	refused(fsm.Changed(archive, func(_ *fsm.Digest, level *uint64) { *level++ }), fsm.ArchiveNewer)
	l.Clean(100)
	l.MustRestore("root", archive)
}

// A restore that nobody goes on with leaves nothing behind.
func TestRestoreInterrupted(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.TTL(10*hour))
	archive := l.Archive()
	l.Must("root", fsmtest.Begin("first", archive))
	l.Must("root", fsmtest.Part("first", archive, 0))
	l.Must("root", fsmtest.Begin("second", archive))
	l.Refused("root", &fsm.RestoreCommit{ID: fsmtest.RestoreID("first")}, fsm.StagingUnknown)
	l.Refused("root", fsmtest.Begin("third", archive), fsm.StagingBusy)
	l.Clean(1)
	if n := fsm.CountStaged(l.State()); n != 0 {
		t.Fatalf("%d parts are left", n)
	}
	l.Must("root", fsmtest.Part("second", archive, 0))
	l.Must("root", &fsm.RestoreAbort{ID: fsmtest.RestoreID("second")})
	l.Clean(1)
	l.Must("root", fsmtest.Begin("third", archive))
	l.Must("root", fsmtest.Part("third", archive, 0))
	if next := l.State().NextExpiry(); next != l.At.Add(fsm.StagingPatience) {
		t.Fatalf("expires at %d", next)
	}
	l.Wait(fsm.StagingPatience - 1)
	l.Cluster(&fsm.Expire{Limit: 10})
	if _, under := l.State().Staging(); !under {
		t.Fatal("given up too early")
	}
	l.Wait(1)
	l.Clean(1)
	if _, under := l.State().Staging(); under || fsm.CountStaged(l.State()) != 0 || l.State().Epoch != 0 || !l.Alive("t") {
		t.Fatal("it is not given up")
	}
	sound(t, l)
}

// What was checked against the state before is to be checked anew: in the same entry
// already.
func TestRestoreMovesTheEpoch(t *testing.T) {
	l := fsmtest.New(t)
	archive := l.Archive()
	l.Must("root", fsmtest.Begin("it", archive))
	l.Must("root", fsmtest.Part("it", archive, 0))
	old := l.State().Epoch
	o := l.Entry(
		l.Envelope("root", &fsm.RestoreCommit{ID: fsmtest.RestoreID("it")}),
		l.Envelope("root", fsmtest.Create("late", fsmtest.TTL(hour))),
	)
	if o[0].Err != nil || o[1].Err == nil || o[1].Err.Reason != fsm.EpochMoved {
		t.Fatalf("%v, %v", o[0].Err, o[1].Err)
	}
	env := l.Envelope("root", fsmtest.Create("late", fsmtest.TTL(hour)))
	late := fsm.Entry{At: l.At, Epoch: old, Envelopes: [][]byte{env.Encode()}}
	l.Log = append(l.Log, late.Encode())
	reply := l.Machine.Apply(uint64(len(l.Log)), late.Encode())
	if o, err := fsm.DecodeOutcome(env.Command, reply[0]); err != nil || o.Err == nil || o.Err.Reason != fsm.EpochMoved {
		t.Fatalf("%+v, %v", o, err)
	}
	l.Create("root", "now", fsmtest.TTL(hour))
	sound(t, l)
}

// TestRestoreProperty goes on from random states and comes back to them.
func TestRestoreProperty(t *testing.T) {
	for seed := range max(seeds(t)/2, 5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := newRun(t, seed)
			for range 40 {
				r.entry()
			}
			archive := r.lab.Archive()
			was := make(map[string]bool)
			for _, name := range r.model.Names() {
				was[name] = r.lab.Alive(name)
			}
			for range 60 {
				r.entry()
			}
			dead := make(map[string]bool)
			for _, name := range r.model.Names() {
				dead[name] = was[name] && !r.lab.Alive(name)
			}
			if seed%2 == 0 {
				r.lab.Clean(1 + r.gen.Uint32N(20))
			}
			done, err := r.lab.Restore("root", archive)
			if err != nil {
				r.fail("%v", err)
			}
			if !r.lab.Alive("root") {
				r.fail("the caller is dead")
			}
			for _, name := range r.model.Names() {
				if dead[name] && r.lab.Alive(name) {
					r.fail("%s had died and lives", name)
				}
			}
			if done.Revived != 0 {
				r.fail("%+v", done)
			}
			sound(t, r.lab)
			for range 20 { // and it goes on
				_, step := r.gen.Next()
				r.show(step)
				r.lab.At = r.lab.At.Add(time.Second)
				r.lab.Do("root", step.Command())
			}
			sound(t, r.lab)
			r.replay()
		})
	}
}
