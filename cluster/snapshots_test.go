package cluster

import (
	"errors"
	"io"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

func TestSnapshotsAreRarerWhenTheyAreLarge(t *testing.T) {
	cfg := &Config{SnapshotEntries: 8192, SnapshotBytes: 64 << 20}
	for _, tt := range []struct {
		name   string
		logged logged
		last   int64
		due    bool
	}{
		{"nothing", logged{}, 0, false},
		{"as many entries as the limit says", logged{8192, 1}, 0, true},
		{"one less", logged{8191, 64<<20 - 1}, 0, false},
		{"as many bytes", logged{1, 64 << 20}, 0, true},
		{"a small snapshot changes nothing", logged{8192, 1}, 64 << 20, true},
		{"of 200 MiB three times the entries", logged{3*8192 - 1, 1}, 200 << 20, false},
		{"these", logged{3 * 8192, 1}, 200 << 20, true},
		{"of 400 MiB a quarter of its bytes", logged{1, 100<<20 - 1}, 400 << 20, false},
		{"that", logged{1, 100 << 20}, 400 << 20, true},
		{"of the largest no more than twice the bytes", logged{1, 128<<20 - 1}, 1 << 40, false},
		{"those", logged{1, 128 << 20}, 1 << 40, true},
		{"or eight times the entries", logged{8*8192 - 1, 1}, 1 << 40, false},
		{"all of them", logged{8 * 8192, 1}, 1 << 40, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := snapshotDue(cfg, tt.logged, tt.last); got != tt.due {
				t.Errorf("due is %t, want %t", got, tt.due)
			}
		})
	}
}

// brokenSink takes what is written, and fails to keep it.
type brokenSink struct {
	io.Writer
	closes error
}

func (s *brokenSink) ID() string    { return "test" }
func (s *brokenSink) Cancel() error { return nil }
func (s *brokenSink) Close() error  { return s.closes }

// TestAFailedSnapshotIsStillDue: what was logged counts until a snapshot is on the disk.
func TestAFailedSnapshotIsStillDue(t *testing.T) {
	f := &raftFSM{machine: fsm.NewMachine(), room: func() error { return nil }}
	for range 5 {
		f.coverage.add(10)
	}
	for _, full := range []error{errors.New("no space"), nil} {
		s, err := f.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		f.coverage.add(1) // beside it
		if err := s.Persist(&brokenSink{io.Discard, full}); !errors.Is(err, full) {
			t.Fatalf("persist: %v, want %v", err, full)
		}
	}
	if got, want := f.coverage.sinceSnapshot(), (logged{1, 1}); got != want {
		t.Errorf("logged since: %+v, want %+v", got, want)
	}
}

// TestASnapshotFromTheLeaderCounts: one that is written when the leader's own has taken
// its place covers nothing that this did not.
func TestASnapshotFromTheLeaderCounts(t *testing.T) {
	var p coverage
	p.add(10)
	late := p.snapshot()
	p.add(10)
	p.snapshot()()
	late()
	p.add(7)
	if got, want := p.sinceSnapshot(), (logged{1, 7}); got != want {
		t.Errorf("logged since: %+v, want %+v", got, want)
	}
}
