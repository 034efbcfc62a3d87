package fsm_test

import (
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// schedule is a command that writes one which saves to a directory of its own.
func schedule(name string, changes ...func(*fsm.SnapshotSchedule)) *fsm.SnapshotScheduleSet {
	s := &fsm.SnapshotScheduleSet{Schedule: fsm.SnapshotSchedule{
		Name: name, Interval: time.Hour, Retain: 7, RetainAge: 24 * time.Hour,
		Target: fsm.SnapshotTarget{Storage: fsm.LocalStorage, PathPrefix: "/var/backups/" + name, FilePrefix: "jeton", MaxSpace: 300},
	}}
	for _, change := range changes {
		change(&s.Schedule)
	}
	return s
}

// bucket has a schedule save to a bucket.
func bucket(s *fsm.SnapshotSchedule) {
	s.Target = fsm.SnapshotTarget{
		Storage: fsm.S3Storage, PathPrefix: "backups/", FilePrefix: "jeton", Bucket: "b-1", Region: "eu-central-1",
		Recipients: []string{"age1x", "age1y"}, Endpoint: "s3.example.org:9000", AccessKeyID: "AKIA0", PlainHTTP: true, PathStyle: true, Encrypted: true,
		Secret: fsm.Sealed{KeyID: "k1", Box: []byte("sealed")},
	}
}

// taken is what became of an attempt of a schedule as it is now.
func taken(l *fsmtest.Lab, name string, problem fsm.SnapshotProblem) *fsm.SnapshotTaken {
	s, _ := l.State().SnapshotSchedule(name)
	t := &fsm.SnapshotTaken{Name: name, Placed: s.Placed, Started: l.At, Index: l.State().Index(), Problem: problem}
	if problem == fsm.SnapshotFine {
		t.Bytes = 4711
	}
	return t
}

// snapshotSamples is one command of each kind that scheduled snapshots have.
func snapshotSamples() []fsm.Command {
	remote := schedule("remote", bucket)
	remote.Base = 300
	return []fsm.Command{
		remote,
		&fsm.SnapshotScheduleDelete{Name: "remote"},
		&fsm.SnapshotTaken{Name: "remote", Placed: 300, Started: fsmtest.Start, Index: 301, Bytes: 70_000, Problem: fsm.SnapshotUnrotated},
	}
}

// addSnapshots puts records of every kind that scheduled snapshots have into a state.
func addSnapshots(l *fsmtest.Lab) {
	l.Must("root", schedule("daily"))
	l.Must("root", schedule("remote", bucket))
	l.Cluster(taken(l, "daily", fsm.SnapshotFine))
	l.Cluster(taken(l, "daily", fsm.SnapshotNoRoom))
}
