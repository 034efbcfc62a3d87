package cluster

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	metrics "github.com/armon/go-metrics"
	"github.com/hashicorp/raft"

	"github.com/jeton-io/jeton/fsm"
)

// raftFSM is the adapter between raft and the machine: raft's FSM contract on
// one side, Machine on the other, and around it what the machine must not have:
// metrics, the watchdog, waking those who wait for an index.
type raftFSM struct {
	machine  *fsm.Machine
	applied  *applied
	watchdog *watchdog
	// changed is called after each new state, on the apply goroutine.
	changed func(*fsm.State)
	// claimed gets a value after each entry with a StateCheck, if there is room.
	claimed chan struct{}
	// damaged is called when the state in memory is not what was entered, and replaced
	// when it was read from a snapshot.
	damaged  func(error)
	replaced func()
	// room says why no snapshot is to be written now.
	room func() error

	checkedAt uint64 // index of the last StateCheck; of the apply goroutine
	coverage  coverage
}

// Apply implements raft.FSM. It returns the encoded outcomes, one a command.
// A fault panics and ends the process, since a stopped node can be repaired.
func (f *raftFSM) Apply(l *raft.Log) any {
	done := f.watchdog.beginLong("apply", limitsFor(f.machine.View()))
	start := time.Now()
	replies := f.machine.Apply(l.Index, l.Data)
	done()
	metrics.MeasureSince(metricApply, start)
	metrics.IncrCounter(metricCommands, float32(len(replies)))
	f.coverage.add(len(l.Data))
	f.changed(f.machine.View())
	f.applied.set(l.Index)
	f.noteCheck()
	return replies
}

// noteCheck wakes who compares states when another StateCheck was applied.
func (f *raftFSM) noteCheck() {
	at := lastCheck(f.machine).Index
	if at == f.checkedAt {
		return
	}
	f.checkedAt = at
	select {
	case f.claimed <- struct{}{}:
	default: // it has not looked yet, and will see this one too
	}
}

// limitsFor is how long one entry may take: the one that ends a restore has to read
// all that was staged, of which a slow machine reads several MiB in a second.
func limitsFor(s *fsm.State) int {
	g, under := s.Staging()
	if !under {
		return 1
	}
	return 1 + int(g.Received/stagedPerLimit)
}

const (
	stagedPerLimit = 64 << 20 // bytes
	// limitsToRestore is what reading a raft snapshot of unknown size is given.
	limitsToRestore = 20
)

// Snapshot implements raft.FSM. The state is immutable, so this takes a pointer.
func (f *raftFSM) Snapshot() (raft.FSMSnapshot, error) {
	if err := f.room(); err != nil {
		return nil, err
	}
	return &stateSnapshot{f.machine.View(), f.damaged, f.coverage.snapshot()}, nil
}

// snapshotMagic starts a raft snapshot of this node: 8 bytes, then the applied
// index as 8 bytes big-endian, then the canonical stream of the state.
const snapshotMagic = "jetonrs1"

// Restore implements raft.FSM: at start, and when a leader sends a snapshot.
func (f *raftFSM) Restore(rc io.ReadCloser) error {
	defer rc.Close()
	defer f.watchdog.beginLong("reading a snapshot", limitsToRestore)()
	var head [16]byte
	if _, err := io.ReadFull(rc, head[:]); err != nil {
		return fmt.Errorf("restore snapshot: %w", err)
	}
	if string(head[:8]) != snapshotMagic {
		return fmt.Errorf("restore snapshot: magic is %q, want %q", head[:8], snapshotMagic)
	}
	st, err := fsm.ReadState(rc)
	if err != nil {
		return fmt.Errorf("restore snapshot: %w", err)
	}
	index := binary.BigEndian.Uint64(head[8:])
	f.machine.Restore(st, index)
	f.coverage.snapshot()() // it is what was read
	f.replaced()
	f.changed(f.machine.View())
	f.applied.set(index)
	return nil
}

type stateSnapshot struct {
	state   *fsm.State
	damaged func(error)
	written func() // to be called when it is on the disk
}

// Persist implements raft.FSMSnapshot; it runs beside apply.
func (s *stateSnapshot) Persist(sink raft.SnapshotSink) error {
	head := binary.BigEndian.AppendUint64([]byte(snapshotMagic), s.state.Index())
	_, err := sink.Write(head)
	if err == nil {
		_, err = s.state.WriteTo(sink)
	}
	if errors.Is(err, fsm.ErrDamaged) {
		s.damaged(err)
	}
	if err != nil {
		return fmt.Errorf("persist snapshot: %w", joinCancel(err, sink))
	}
	if err := sink.Close(); err != nil {
		return err
	}
	s.written()
	return nil
}

func joinCancel(err error, sink raft.SnapshotSink) error {
	if cerr := sink.Cancel(); cerr != nil {
		return fmt.Errorf("%w (and cancel: %v)", err, cerr)
	}
	return err
}

// Release implements raft.FSMSnapshot.
func (s *stateSnapshot) Release() {}
