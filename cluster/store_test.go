package cluster

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

func entries(types string, first uint64) []*raft.Log {
	var l []*raft.Log
	for i, c := range types {
		typ := raft.LogNoop
		if c == 'c' {
			typ = raft.LogCommand
		}
		l = append(l, &raft.Log{Index: first + uint64(i), Term: 1, Type: typ})
	}
	return l
}

func newTestStore(t *testing.T, under raft.LogStore) *commandLog {
	return &commandLog{LogStore: under, watchdog: newWatchdog(time.Minute, func(err error) { t.Errorf("fault: %v", err) })}
}

func TestUpToIsTheGreatestCommandNotAboveTheCommit(t *testing.T) {
	type step struct {
		store    string // types from the next index on: c command, n anything else
		from, to uint64 // range to delete
		commit   uint64
		want     uint64
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"empty", []step{{commit: 9, want: 0}}},
		{"only no-ops", []step{{store: "nnn", commit: 3, want: 0}}},
		{"between commands", []step{{store: "ncncn", commit: 1, want: 0}, {commit: 2, want: 2}, {commit: 3, want: 2}, {commit: 5, want: 4}}},
		{"asked twice", []step{{store: "cc", commit: 2, want: 2}, {commit: 2, want: 2}}},
		{"grows", []step{{store: "c", commit: 1, want: 1}, {store: "nc", commit: 2, want: 1}, {commit: 3, want: 3}}},
		{"a conflicting suffix is cut off and replaced", []step{
			{store: "cccc", commit: 2, want: 2}, {from: 3, to: 4, commit: 2, want: 2},
			{store: "nn", commit: 4, want: 2}, {store: "c", commit: 5, want: 5}}},
		{"a prefix is compacted, nothing asked before", []step{{store: "cccn", from: 1, to: 2, commit: 4, want: 3}}},
		{"a prefix is compacted, asked before", []step{{store: "cccn", commit: 3, want: 3}, {from: 1, to: 3, commit: 4, want: 3}}},
		{"everything is compacted: the machine knows better", []step{{store: "cccn", from: 1, to: 4, commit: 4, want: 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newTestStore(t, raft.NewInmemStore())
			next := uint64(1)
			for i, s := range tt.steps {
				if s.store != "" {
					if err := c.StoreLogs(entries(s.store, next)); err != nil {
						t.Fatal(err)
					}
					next += uint64(len(s.store))
				}
				if s.to > 0 {
					if err := c.DeleteRange(s.from, s.to); err != nil {
						t.Fatal(err)
					}
					if s.to == next-1 {
						next = s.from
					}
				}
				if got := c.upTo(s.commit); got != s.want {
					t.Fatalf("step %d: up to %d is %d, want %d", i, s.commit, got, s.want)
				}
			}
		})
	}
}

// failingStore is a disk that has failed.
type failingStore struct{ raft.LogStore }

var errDisk = errors.New("input/output error")

func (failingStore) StoreLogs([]*raft.Log) error      { return errDisk }
func (failingStore) DeleteRange(uint64, uint64) error { return errDisk }
func (failingStore) FirstIndex() (uint64, error)      { return 1, nil }

// piecesStore notes what is deleted at once.
type piecesStore struct {
	raft.LogStore
	pieces [][2]uint64
}

func (p *piecesStore) DeleteRange(from, to uint64) error {
	p.pieces = append(p.pieces, [2]uint64{from, to})
	return p.LogStore.DeleteRange(from, to)
}

func TestALongPrefixGoesBitByBit(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to uint64
		want     [][2]uint64
	}{
		{"a short prefix", 1, deleteAtOnce, [][2]uint64{{1, deleteAtOnce}}},
		{"one more", 1, deleteAtOnce + 1, [][2]uint64{{1, deleteAtOnce}, {deleteAtOnce + 1, deleteAtOnce + 1}}},
		{"all", 1, 3000, [][2]uint64{{1, 1024}, {1025, 2048}, {2049, 3000}}},
		{"a suffix at once", 2, 3000, [][2]uint64{{2, 3000}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &piecesStore{LogStore: raft.NewInmemStore()}
			c := newTestStore(t, p)
			if err := c.StoreLogs(entries(strings.Repeat("c", 3000), 1)); err != nil {
				t.Fatal(err)
			}
			if err := c.DeleteRange(tt.from, tt.to); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.pieces, tt.want) {
				t.Errorf("deleted %v, want %v", p.pieces, tt.want)
			}
		})
	}
}

func TestAFailedWriteEndsTheNode(t *testing.T) {
	for what, write := range map[string]func(*commandLog, *watchedStable) error{
		"write raft log":          func(c *commandLog, _ *watchedStable) error { return c.StoreLog(&raft.Log{Index: 1}) },
		"truncate raft log":       func(c *commandLog, _ *watchedStable) error { return c.DeleteRange(1, 1) },
		"write raft term or vote": func(_ *commandLog, s *watchedStable) error { return s.SetUint64([]byte("CurrentTerm"), 2) },
	} {
		var faults []error
		w := newWatchdog(time.Minute, func(err error) { faults = append(faults, err) })
		bolt, err := openBolt(t.TempDir() + "/vars.db")
		if err != nil {
			t.Fatal(err)
		}
		bolt.Close() // every write fails from now on
		err = write(&commandLog{LogStore: failingStore{}, watchdog: w}, &watchedStable{bolt, w})
		if err == nil || len(faults) != 1 || !strings.Contains(faults[0].Error(), what) {
			t.Errorf("%s: error %v, faults %v", what, err, faults)
		}
		if len(w.running) != 0 {
			t.Errorf("%s: still watched", what)
		}
	}
}

func TestStoresRefuseASecondProcess(t *testing.T) {
	dir := t.TempDir()
	w := newWatchdog(time.Minute, func(err error) { t.Error(err) })
	s, err := openStores(dir, logInBolt, w, newRaftLogger(testLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := openStores(dir, logInBolt, w, newRaftLogger(testLogger())); err == nil {
		again.close()
		t.Fatal("opened twice")
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if again, err := openStores(dir, logInBolt, w, newRaftLogger(testLogger())); err != nil {
		t.Fatal(err)
	} else if err := again.close(); err != nil {
		t.Fatal(fmt.Errorf("close: %w", err))
	}
}
