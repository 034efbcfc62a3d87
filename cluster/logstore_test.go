package cluster

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// A log is the same after it was copied from one kind of store to the other, wherever
// an earlier attempt was cut off.
func TestConvertLog(t *testing.T) {
	logger := newRaftLogger(testLogger())
	for from, to := range map[string]string{logInBolt: logInWAL, logInWAL: logInBolt} { // order: each stands alone
		for name, before := range map[string]func(t *testing.T, dir string){ // order: each stands alone
			"at once":                    func(*testing.T, string) {},
			"after half a copy":          func(t *testing.T, dir string) { halfCopy(t, dir, to, logger) },
			"before the old one is gone": func(t *testing.T, dir string) { bothKept(t, dir, from, to, logger) },
		} {
			t.Run(from+" to "+to+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				fillLog(t, dir, from, 7, 400, logger)
				before(t, dir)
				s, err := openLog(dir, to, logger)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				wantLog(t, s, 7, 400)
				for _, left := range []string{logPlaces[from], logPlaces[to] + copySuffix} {
					if _, err := os.Stat(filepath.Join(dir, left)); !os.IsNotExist(err) {
						t.Errorf("%s is left: %v", left, err)
					}
				}
				if err := s.StoreLogs([]*raft.Log{logEntry(401)}); err != nil {
					t.Errorf("the next entry: %v", err)
				}
			})
		}
	}
}

// What a snapshot from a leader has made superfluous is left behind.
func TestConvertLogWithAGap(t *testing.T) {
	logger := newRaftLogger(testLogger())
	for name, tt := range map[string]struct{ snapshot, first, last uint64 }{ // order: each stands alone
		"entries after the snapshot": {20, 21, 30}, "none after it": {40, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fillLog(t, dir, logInBolt, 1, 5, logger)
			fillLog(t, dir, logInBolt, 21, 30, logger)
			snaps, err := raft.NewFileSnapshotStore(dir, 1, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if err := seedSnapshot(snaps, "n1", fsm.NewMachine().View(), tt.snapshot, 1); err != nil {
				t.Fatal(err)
			}
			s, err := openLog(dir, logInWAL, logger)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			wantLog(t, s, tt.first, tt.last)
			if err := s.StoreLogs([]*raft.Log{logEntry(max(tt.last, tt.snapshot) + 1)}); err != nil {
				t.Errorf("the next entry: %v", err)
			}
		})
	}
}

// A removal that was cut off leaves half of a log, under a name that is no log's: neither
// kind is taken for what it is not, whichever is asked for then.
func TestHalfRemovedLogIsNoLog(t *testing.T) {
	logger := newRaftLogger(testLogger())
	for _, next := range []string{logInBolt, logInWAL} {
		t.Run("then "+next, func(t *testing.T) {
			dir := t.TempDir()
			fillLog(t, dir, logInWAL, 1, 50, logger)
			bothKept(t, dir, logInWAL, logInBolt, logger)
			gone := filepath.Join(dir, logPlaces[logInWAL]+goneSuffix)
			if err := os.Rename(filepath.Join(dir, logPlaces[logInWAL]), gone); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(gone, "wal-meta.db")); err != nil {
				t.Fatal(err)
			}
			if kind, err := logKind(dir); err != nil || kind != logInBolt {
				t.Errorf("the log is in %q: %v", kind, err)
			}
			s, err := openLog(dir, next, logger)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			wantLog(t, s, 1, 50)
			if _, err := os.Stat(gone); !os.IsNotExist(err) {
				t.Errorf("what was half removed is left: %v", err)
			}
		})
	}
}

func TestConvertEmptyLog(t *testing.T) {
	dir, logger := t.TempDir(), newRaftLogger(testLogger())
	for _, kind := range []string{logInBolt, logInWAL, logInBolt} {
		s, err := openLog(dir, kind, logger)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if last, err := s.LastIndex(); err != nil || last != 0 {
			t.Errorf("%s: last index %d, %v", kind, last, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func logEntry(i uint64) *raft.Log {
	return &raft.Log{Index: i, Term: 1 + i/100, Type: raft.LogCommand, Data: []byte(fmt.Sprint("entry ", i)), Extensions: []byte{byte(i)}}
}

// fillLog writes the entries from first to last into a log of a data directory.
func fillLog(t *testing.T, dir, kind string, first, last uint64, logger *raftLogger) {
	t.Helper()
	s, err := openLog(dir, kind, logger)
	if err != nil {
		t.Fatal(err)
	}
	var all []*raft.Log
	for i := first; i <= last; i++ {
		all = append(all, logEntry(i))
	}
	if err := s.StoreLogs(all); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func wantLog(t *testing.T, s raft.LogStore, first, last uint64) {
	t.Helper()
	from, err := s.FirstIndex()
	to, err2 := s.LastIndex()
	if err != nil || err2 != nil || from != first || to != last {
		t.Fatalf("the log goes from %d to %d (%v, %v), want %d to %d", from, to, err, err2, first, last)
	}
	for i := max(first, 1); i <= last; i++ {
		var got raft.Log
		if err := s.GetLog(i, &got); err != nil {
			t.Fatal(err)
		}
		if want := logEntry(i); got.Index != i || got.Term != want.Term || got.Type != want.Type || string(got.Data) != string(want.Data) || string(got.Extensions) != string(want.Extensions) {
			t.Fatalf("entry %d is %+v", i, got)
		}
	}
}

// halfCopy leaves what an attempt has written that was cut off in the middle.
func halfCopy(t *testing.T, dir, to string, logger *raftLogger) {
	t.Helper()
	path := filepath.Join(dir, logPlaces[to]+copySuffix)
	s, err := openLogAt(path, to, logger)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.StoreLogs([]*raft.Log{logEntry(7), logEntry(8)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// bothKept leaves what an attempt has that was cut off at the end of all.
func bothKept(t *testing.T, dir, from, to string, logger *raftLogger) {
	t.Helper()
	at := func(kind string) string { return filepath.Join(dir, logPlaces[kind]) }
	if err := copyLog(at(to), to, at(from), from, logger); err != nil {
		t.Fatal(err)
	}
}
