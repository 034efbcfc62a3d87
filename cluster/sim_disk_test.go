package cluster

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// simDisk is one node's log on a disk that misbehaves as it is told. It outlives the
// node's crashes.
type simDisk struct {
	mu   sync.Mutex
	mode diskMode
	rand *rand.Rand
	hang chan struct{} // closed when it goes on
}

type diskMode int

const (
	diskFine diskMode = iota
	diskSlow          // each write takes long
	diskTorn          // a write fails, having put some of its entries on the disk
	diskHang          // a write takes until the mode is another one
)

const slowestWrite = 30 * time.Millisecond

var errTorn = errors.New("write failed half-way")

// set changes how the disk behaves from now on.
func (d *simDisk) set(m diskMode) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mode == diskHang {
		close(d.hang)
	}
	if m == diskHang {
		d.hang = make(chan struct{})
	}
	d.mode = m
}

func (d *simDisk) wrap(s raft.LogStore) raft.LogStore { return &simLog{s, d} }

// IsMonotonic implements raft.MonotonicLogStore for the store within.
func (l *simLog) IsMonotonic() bool {
	m, ok := l.LogStore.(raft.MonotonicLogStore)
	return ok && m.IsMonotonic()
}

type simLog struct {
	raft.LogStore
	disk *simDisk
}

func (l *simLog) StoreLog(e *raft.Log) error { return l.StoreLogs([]*raft.Log{e}) }

func (l *simLog) StoreLogs(entries []*raft.Log) error {
	d := l.disk
	d.mu.Lock()
	mode, hang := d.mode, d.hang
	late, whole := below(d.rand, slowestWrite), d.rand.IntN(len(entries))
	d.mu.Unlock()
	switch mode {
	case diskSlow:
		time.Sleep(late)
	case diskHang:
		<-hang
	case diskTorn:
		if err := l.LogStore.StoreLogs(entries[:whole]); err != nil {
			return err
		}
		return errTorn
	}
	return l.LogStore.StoreLogs(entries)
}

// simMachine says how slow a node's apply goroutine is.
type simMachine struct {
	mu   sync.Mutex
	slow bool
	rand *rand.Rand
}

const slowestApply = 20 * time.Millisecond

func (m *simMachine) set(slow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow = slow
}

// slowFSM delays what raft has applied.
type slowFSM struct {
	raft.FSM
	how *simMachine
}

func (f *slowFSM) Apply(l *raft.Log) any {
	f.how.mu.Lock()
	late := below(f.how.rand, slowestApply)
	slow := f.how.slow
	f.how.mu.Unlock()
	if slow {
		time.Sleep(late)
	}
	return f.FSM.Apply(l)
}
