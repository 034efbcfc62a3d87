package fsm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func target(change func(*fsm.SnapshotTarget)) func(*fsm.SnapshotSchedule) {
	return func(s *fsm.SnapshotSchedule) { change(&s.Target) }
}

func folder(path string) *fsm.SnapshotScheduleSet {
	return schedule("a", target(func(t *fsm.SnapshotTarget) { t.PathPrefix = path }))
}

func TestScheduleRefusals(t *testing.T) {
	inBucket := func(change func(*fsm.SnapshotTarget)) *fsm.SnapshotScheduleSet {
		return schedule("a", bucket, target(change))
	}
	tests := []struct {
		name string
		c    fsm.Command
		want fsm.Reason
	}{
		{"no name", schedule(""), fsm.SnapshotNameBad},
		{"a name with a slash", schedule("a/b"), fsm.SnapshotNameBad},
		{"a name too long", schedule(long(fsm.MaxScheduleNameBytes + 1)), fsm.SnapshotNameBad},
		{"deleting no name", &fsm.SnapshotScheduleDelete{}, fsm.SnapshotNameBad},
		{"too often", schedule("a", func(s *fsm.SnapshotSchedule) { s.Interval = 9 * time.Second }), fsm.OutOfRange},
		{"hardly ever", schedule("a", func(s *fsm.SnapshotSchedule) { s.Interval = fsm.MaxTTL + 1 }), fsm.OutOfRange},
		{"none kept", schedule("a", func(s *fsm.SnapshotSchedule) { s.Retain = 0 }), fsm.OutOfRange},
		{"too many kept", schedule("a", func(s *fsm.SnapshotSchedule) { s.Retain = fsm.MaxSnapshotsKept + 1 }), fsm.OutOfRange},
		{"kept for less than an interval", schedule("a", func(s *fsm.SnapshotSchedule) { s.RetainAge = s.Interval - 1 }), fsm.OutOfRange},
		{"no directory", folder(""), fsm.SnapshotPathBad},
		{"the root directory", folder("/"), fsm.SnapshotPathBad},
		{"a relative directory", folder("backups"), fsm.SnapshotPathBad},
		{"a way up", folder("/var/../etc"), fsm.SnapshotPathBad},
		{"a dot", folder("/var/./x"), fsm.SnapshotPathBad},
		{"an empty segment", folder("/var//x"), fsm.SnapshotPathBad},
		{"two slashes last", folder("/var/x//"), fsm.SnapshotPathBad},
		{"a line feed", folder("/var/x\n"), fsm.SnapshotPathBad},
		{"a directory too long", folder("/" + long(fsm.MaxPathBytes)), fsm.SnapshotPathBad},
		{"no kind of place", schedule("a", target(func(t *fsm.SnapshotTarget) { t.Storage = 0 })), fsm.OutOfRange},
		{"an unknown one", schedule("a", target(func(t *fsm.SnapshotTarget) { t.Storage = 3 })), fsm.OutOfRange},
		{"a file prefix with a slash", schedule("a", target(func(t *fsm.SnapshotTarget) { t.FilePrefix = "x/y" })), fsm.OutOfRange},
		{"a hidden file", schedule("a", target(func(t *fsm.SnapshotTarget) { t.FilePrefix = ".x" })), fsm.OutOfRange},
		{"no file prefix", schedule("a", target(func(t *fsm.SnapshotTarget) { t.FilePrefix = "" })), fsm.OutOfRange},
		{"a directory with a bucket", schedule("a", target(func(t *fsm.SnapshotTarget) { t.Bucket = "b-1" })), fsm.OutOfRange},
		{"a bucket from the root", inBucket(func(t *fsm.SnapshotTarget) { t.PathPrefix = "/x" }), fsm.SnapshotPathBad},
		{"a bucket's root as a slash", inBucket(func(t *fsm.SnapshotTarget) { t.PathPrefix = "/" }), fsm.SnapshotPathBad},
		{"a way up in a bucket", inBucket(func(t *fsm.SnapshotTarget) { t.PathPrefix = "x/.." }), fsm.SnapshotPathBad},
		{"a short bucket", inBucket(func(t *fsm.SnapshotTarget) { t.Bucket = "b" }), fsm.OutOfRange},
		{"a bucket with a slash", inBucket(func(t *fsm.SnapshotTarget) { t.Bucket = "b/c" }), fsm.OutOfRange},
		{"no region of Amazon's", inBucket(func(t *fsm.SnapshotTarget) { t.Region, t.Endpoint = "", "" }), fsm.OutOfRange},
		{"a host with a blank", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = "a b" }), fsm.OutOfRange},
		{"a host with a path", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = "http://a/b" }), fsm.OutOfRange},
		{"a host with a password", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = "http://u:p@a" }), fsm.OutOfRange},
		{"no host behind the scheme", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = "http://" }), fsm.OutOfRange},
		{"the other scheme", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = "https://a" }), fsm.OutOfRange},
		{"a scheme of another kind", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = "ftp://a" }), fsm.OutOfRange},
		{"a long host", inBucket(func(t *fsm.SnapshotTarget) { t.Endpoint = long(fsm.MaxEndpointBytes + 1) }), fsm.OutOfRange},
		{"a long key id", inBucket(func(t *fsm.SnapshotTarget) { t.AccessKeyID = long(fsm.MaxAccessKeyBytes + 1) }), fsm.OutOfRange},
		{"a key id alone", inBucket(func(t *fsm.SnapshotTarget) { t.Secret = fsm.Sealed{} }), fsm.SnapshotHalfKey},
		{"a secret alone", inBucket(func(t *fsm.SnapshotTarget) { t.AccessKeyID = "" }), fsm.SnapshotHalfKey},
		{"a long secret", inBucket(func(t *fsm.SnapshotTarget) { t.Secret.Box = make([]byte, 4097) }), fsm.TooLong},
		{"space of a bucket", inBucket(func(t *fsm.SnapshotTarget) { t.MaxSpace = 1 }), fsm.OutOfRange},
		{"taken from nothing", &fsm.SnapshotTaken{Name: "a", Bytes: 1}, fsm.OutOfRange},
		{"taken and empty", &fsm.SnapshotTaken{Name: "a", Index: 1}, fsm.OutOfRange},
		{"failed and there", &fsm.SnapshotTaken{Name: "a", Index: 1, Bytes: 1, Problem: fsm.SnapshotNoRoom}, fsm.OutOfRange},
		{"failed for an unknown reason", &fsm.SnapshotTaken{Name: "a", Index: 1, Problem: 99}, fsm.OutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err, ok := tt.c.Validate().(*fsm.Error); !ok || err.Reason != tt.want {
				t.Errorf("refused with %v, want reason %d", err, tt.want)
			}
		})
	}
}

func TestSchedulesAreKept(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", schedule("a"))
	l.Refused("root", schedule("a"), fsm.ItemMoved) // made of nothing, and there is one
	stale := schedule("b")
	stale.Base = 1
	l.Refused("root", stale, fsm.ItemMoved)
	same := schedule("b", target(func(t *fsm.SnapshotTarget) { t.PathPrefix = "/var/backups/a/" }))
	l.Refused("root", same, fsm.SnapshotPlaceUsed)
	same.Schedule.Target.FilePrefix = "other"
	l.Must("root", same)
	for i := range fsm.MaxSnapshotSchedules - 2 {
		l.Must("root", schedule(fmt.Sprint("s", i)))
	}
	l.Refused("root", schedule("last"), fsm.TooManySchedules)
	l.Must("root", &fsm.SnapshotScheduleDelete{Name: "b"})
	l.Must("root", &fsm.SnapshotScheduleDelete{Name: "b"})
	l.Must("root", schedule("last"))
	sound(t, l)
}

// Writing and deleting take sudo, as Vault's paths of them do; reading a status does not.
func TestScheduleRights(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("plain", fsmtest.Allow("sys/storage/raft/snapshot-auto/*", policy.Update|policy.Delete)))
	l.Must("root", fsmtest.Policy("super", fsmtest.Allow("sys/storage/raft/snapshot-auto/*", policy.Update|policy.Delete|policy.Sudo)))
	l.Create("root", "plain", fsmtest.Policies("plain"), fsmtest.TTL(time.Hour))
	l.Create("root", "super", fsmtest.Policies("super"), fsmtest.TTL(time.Hour))
	l.Refused("plain", schedule("a"), fsm.PermissionDenied)
	l.Must("super", schedule("a"))
	l.Refused("plain", &fsm.SnapshotScheduleDelete{Name: "a"}, fsm.PermissionDenied)
	for path, want := range map[string]bool{
		"sys/storage/raft/snapshot-auto/config": true, "sys/storage/raft/snapshot-auto/config/a": true, "sys/storage/raft/snapshot-auto/status/a": false,
	} {
		if fsm.NeedsSudo(path) != want {
			t.Errorf("%s needs sudo: %v", path, !want)
		}
	}
}

// due is how long a schedule has to wait for its next snapshot.
func (x snapshotLab) due() time.Duration {
	s, _ := x.State().SnapshotSchedule("a")
	return s.Due(x.State().SnapshotStatus("a")).Sub(x.At)
}

func (x snapshotLab) overdue() int { return x.State().OverdueSnapshots(x.At) }

type snapshotLab struct{ *fsmtest.Lab }

func TestSnapshotsAreDue(t *testing.T) {
	x := snapshotLab{fsmtest.New(t)}
	x.Must("root", schedule("a"))
	if x.due() > 0 || x.overdue() != 0 {
		t.Fatalf("a new schedule waits for %s, %d overdue", x.due(), x.overdue())
	}
	x.Cluster(taken(x.Lab, "a", fsm.SnapshotFine))
	if got := x.due(); got != time.Hour {
		t.Errorf("after a good one: %s", got)
	}
	x.Wait(2*time.Hour + time.Second)
	if x.due() > 0 || x.overdue() != 1 {
		t.Errorf("two intervals later: %s, %d overdue", x.due(), x.overdue())
	}
	var pauses []string
	for range 9 {
		x.Cluster(taken(x.Lab, "a", fsm.SnapshotNoRoom))
		pauses = append(pauses, x.due().String())
	}
	if got := strings.Join(pauses, " "); got != "10s 20s 40s 1m20s 2m40s 5m20s 10m40s 15m0s 15m0s" {
		t.Errorf("pauses after failures: %s", got)
	}
	if s := x.State().SnapshotStatus("a"); s.Failures != 9 || s.Good.Bytes != 4711 || s.Problem != fsm.SnapshotNoRoom {
		t.Errorf("status is %+v", s)
	}
	x.Cluster(taken(x.Lab, "a", fsm.SnapshotFine))
	if x.due() != time.Hour || x.overdue() != 0 || x.State().SnapshotStatus("a").Failures != 0 {
		t.Errorf("after a good one: %s, %d overdue", x.due(), x.overdue())
	}
	sound(t, x.Lab)
}

func TestSnapshotHosts(t *testing.T) {
	for endpoint, want := range map[string]string{"": "", "a:9000": "a:9000", "https://a": "a", "https://a/": "a"} { // order: each stands alone
		set := schedule("a", bucket, target(func(t *fsm.SnapshotTarget) { t.Endpoint, t.PlainHTTP = endpoint, false }))
		if got := set.Schedule.Target.Host(); got != want || set.Validate() != nil {
			t.Errorf("%q: host %q, %v", endpoint, got, set.Validate())
		}
	}
}

// What was saved counts for the place where it was saved, and for nothing else.
func TestSnapshotStatusGoesWithItsPlace(t *testing.T) {
	x := snapshotLab{fsmtest.New(t)}
	x.Must("root", schedule("a"))
	x.Cluster(taken(x.Lab, "a", fsm.SnapshotFine))
	late := taken(x.Lab, "a", fsm.SnapshotFine)
	change := func(f func(*fsm.SnapshotSchedule)) {
		old, _ := x.State().SnapshotSchedule("a")
		set := schedule("a", f)
		set.Base = old.Version
		x.Must("root", set)
	}
	change(func(s *fsm.SnapshotSchedule) { s.Interval = 2 * time.Hour })
	if x.due() <= time.Hour {
		t.Errorf("after a change of the interval alone: %s", x.due())
	}
	change(target(func(t *fsm.SnapshotTarget) { t.PathPrefix = "/mnt" }))
	x.Cluster(late)
	if x.State().SnapshotStatus("a") != nil || x.due() > 0 {
		t.Error("what was saved elsewhere counts")
	}
	x.Cluster(taken(x.Lab, "a", fsm.SnapshotFine))
	x.Must("root", &fsm.SnapshotScheduleDelete{Name: "a"})
	x.Cluster(late)
	sound(t, x.Lab)
}

// A restore brings the archive's schedules, and leaves what was saved since as it is.
// Those of another cluster stay away: the copy would write over its files.
func TestRestoreKeepsWhatWasSaved(t *testing.T) {
	for _, foreign := range []bool{false, true} {
		l := fsmtest.New(t)
		for _, name := range []string{"stays", "moves", "unsaved"} {
			l.Must("root", schedule(name))
		}
		archive := l.Archive()
		l.Must("root", schedule("later"))
		moved := schedule("moves", target(func(t *fsm.SnapshotTarget) { t.PathPrefix = "/mnt" }))
		old, _ := l.State().SnapshotSchedule("moves")
		moved.Base = old.Version
		l.Must("root", moved)
		for _, name := range []string{"stays", "moves", "later"} {
			l.Cluster(taken(l, name, fsm.SnapshotFine))
		}
		if foreign {
			archive = fsm.Changed(archive, func(c *fsm.Digest, _ *uint64) { c[0]++ })
		}
		l.Create("root", "operator", fsmtest.TTL(hour), fsmtest.Policies("root"))
		l.MustRestore("operator", archive, func(b *fsm.RestoreBegin) { b.Force = foreign })
		var got []string
		for _, s := range l.State().SnapshotSchedules() {
			got = append(got, fmt.Sprint(s.Name, l.State().SnapshotStatus(s.Name) != nil))
		}
		want := "movesfalse staystrue unsavedfalse"
		if foreign {
			want = ""
		}
		if strings.Join(got, " ") != want {
			t.Errorf("foreign %v: %v, want %s", foreign, got, want)
		}
		sound(t, l)
	}
}
