package fsm_test

import (
	"bytes"
	"runtime"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/fsm"
)

// randomLog is what a run of the generator logs.
func randomLog(t *testing.T, seed, entries int) [][]byte {
	r := newRun(t, seed)
	for range entries {
		r.entry()
	}
	return r.lab.Log
}

// hashesOf applies a log while others read, on so many processors.
func hashesOf(log [][]byte, processors int) (hashes []fsm.Hash, last *fsm.State) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	m, stop := fsm.NewMachine(), make(chan struct{})
	var readers sync.WaitGroup
	for range processors {
		readers.Go(func() {
			for s := m.View(); ; s = m.View() {
				select {
				case <-stop:
					return
				default:
					s.LiveAccessors(s.Clock)
				}
			}
		})
	}
	for i, entry := range log {
		m.Apply(uint64(i+1), entry)
		hashes = append(hashes, m.View().Hash())
	}
	close(stop)
	readers.Wait()
	return hashes, m.View()
}

// TestReplicasAgree: one log, machines with one processor and with eight, the same state
// at every index, byte for byte at the end.
func TestReplicasAgree(t *testing.T) {
	for seed := range 3 {
		log := randomLog(t, seed, 150)
		one, small := hashesOf(log, 1)
		eight, large := hashesOf(log, 8)
		for i := range log {
			if one[i] != eight[i] {
				t.Fatalf("seed %d: states differ from index %d on", seed, i+1)
			}
		}
		if !bytes.Equal(stateBytes(t, small), stateBytes(t, large)) {
			t.Fatalf("seed %d: equal hashes of states that differ", seed)
		}
	}
}

// TestSnapshotAtEveryIndex: a machine that begins with the snapshot at any index of a log
// comes to the same state, by the same answers, as the one that applied all of it.
func TestSnapshotAtEveryIndex(t *testing.T) {
	entries := 120
	if testing.Short() || raced {
		entries = 40
	}
	log := randomLog(t, 7, entries)
	whole := fsm.NewMachine()
	var replies [][][]byte
	var snapshots [][]byte
	for i, entry := range log {
		replies = append(replies, whole.Apply(uint64(i+1), entry))
		snapshots = append(snapshots, stateBytes(t, whole.View()))
	}
	want := stateBytes(t, whole.View())
	for at, snapshot := range snapshots {
		st, err := fsm.ReadState(bytes.NewReader(snapshot))
		if err != nil {
			t.Fatalf("the snapshot at index %d: %v", at+1, err)
		}
		m := fsm.NewMachine()
		m.Restore(st, uint64(at+1))
		for i := at + 1; i < len(log); i++ {
			for j, reply := range m.Apply(uint64(i+1), log[i]) {
				if !bytes.Equal(reply, replies[i][j]) {
					t.Fatalf("from the snapshot at index %d: another answer to command %d at index %d", at+1, j, i+1)
				}
			}
		}
		if !bytes.Equal(stateBytes(t, m.View()), want) {
			t.Fatalf("from the snapshot at index %d: another state", at+1)
		}
	}
}
