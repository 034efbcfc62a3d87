package fsm

import (
	"bytes"
	"sync"
	"sync/atomic"
)

// Machine turns log entries into states.
type Machine struct {
	state atomic.Pointer[State]

	mu       sync.Mutex // one draft at a time; readers never take it
	prepared *draft     // an entry that was applied before it was logged, or nil
	watches  map[watchKey]chan<- Seen
	sharing  *sharing
	checks   atomic.Pointer[checks]
}

type watchKey struct{ session, seq uint64 }

// Seen is what a watched request saw: the draft right after its command.
type Seen struct {
	State *State
	Reply []byte
}

// NewMachine returns a machine in the state before the first entry.
func NewMachine() *Machine {
	m := &Machine{watches: make(map[watchKey]chan<- Seen), sharing: newSharing()}
	m.state.Store(newState())
	m.checks.Store(new(checks))
	return m
}

// View is the current state.
func (m *Machine) View() *State { return m.state.Load() }

// Watch asks for the draft as it stands right after the command with this id
// has been applied here. The channel needs room for one value. Unwatch when the
// answer is no longer wanted.
func (m *Machine) Watch(r RequestID, c chan<- Seen) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watches[watchKey{r.Session, r.Seq}] = c
}

// Unwatch forgets a Watch; it is harmless after the answer came.
func (m *Machine) Unwatch(r RequestID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.watches, watchKey{r.Session, r.Seq})
}

// Prepare applies an entry to a draft without publishing it. It returns the
// position of a command that panics and what it said, so that the command can be
// refused before it reaches the log; -1 when the entry is sound. An entry that
// does not decode as a whole is blamed on its first command: without enough of
// them it will. When the very same entry is applied next, the draft is taken as
// it is.
func (m *Machine) Prepare(entry []byte) (bad int, cause any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prepared = nil
	at := 0
	defer func() {
		if r := recover(); r != nil {
			bad, cause = at, r
		}
	}()
	m.prepared = m.run(m.View(), entry, &at)
	return -1, nil
}

// Apply applies the entry at a raft index and returns one encoded outcome per
// command. It panics on bytes that do not decode and on unknown kinds: a node
// that does not understand the log must stop.
func (m *Machine) Apply(index uint64, entry []byte) [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.prepared
	m.prepared = nil
	if d == nil || d.base != m.View() || !bytes.Equal(d.entry, entry) || m.watchedSince(d) {
		var at int
		d = m.run(m.View(), entry, &at)
	}
	d.next.index = index
	m.state.Store(d.next)
	if d.check != nil {
		m.checks.Store(m.checks.Load().noting(d.check, d.next))
	}
	for _, k := range d.ids {
		if c, ok := m.watches[k]; ok {
			seen := d.seen[k]
			seen.State.index = index
			c <- seen
			delete(m.watches, k)
		}
	}
	return d.replies
}

// watchedSince says whether somebody began to watch a command of a draft after
// the draft was made: what was to be seen is gone then.
func (m *Machine) watchedSince(d *draft) bool {
	if len(m.watches) == 0 {
		return false
	}
	for _, k := range d.ids {
		if _, watched := m.watches[k]; watched {
			if _, seen := d.seen[k]; !seen {
				return true
			}
		}
	}
	return false
}
