package fsm

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
)

// Machine turns log entries into states.
type Machine struct {
	state atomic.Pointer[State]

	mu       sync.Mutex // one draft at a time; readers never take it
	gen      uint64
	prepared *prepared
	watches  map[watchKey]chan<- Seen
}

type watchKey struct{ session, seq uint64 }

// Seen is what a watched request saw: the draft right after its command.
type Seen struct {
	State *State
	Reply []byte
}

// prepared is an entry that was applied to a draft before it was logged.
type prepared struct {
	base    *State
	entry   []byte
	next    *State
	replies [][]byte
	seen    map[watchKey]Seen
}

// NewMachine returns a machine in the state before the first entry.
func NewMachine() *Machine {
	m := &Machine{watches: make(map[watchKey]chan<- Seen)}
	m.state.Store(newState())
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
// refused before it reaches the log; -1 when the entry is sound. When the very
// same entry is applied next, the draft is taken as it is.
func (m *Machine) Prepare(entry []byte) (bad int, cause any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prepared = nil
	bad = -1
	defer func() {
		if r := recover(); r != nil {
			cause = r
			if bad < 0 {
				bad = 0
			}
		}
	}()
	base := m.View()
	p := &prepared{base: base, entry: entry}
	p.next, p.replies, p.seen = m.run(base, entry, &bad)
	bad = -1
	m.prepared = p
	return -1, nil
}

// Apply applies the entry at a raft index and returns one encoded outcome per
// command. It panics on bytes that do not decode and on unknown kinds: a node
// that does not understand the log must stop.
func (m *Machine) Apply(index uint64, entry []byte) [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	base := m.View()
	p := m.prepared
	m.prepared = nil
	if p == nil || p.base != base || !bytes.Equal(p.entry, entry) {
		p = &prepared{}
		at := -1
		p.next, p.replies, p.seen = m.run(base, entry, &at)
	}
	p.next.index = index
	m.state.Store(p.next)
	for k, seen := range p.seen {
		if c, ok := m.watches[k]; ok {
			seen.State.index = index
			c <- seen
			delete(m.watches, k)
		}
	}
	return p.replies
}

// run applies every command of an entry to a draft of base. *at follows the
// position of the command being applied.
func (m *Machine) run(base *State, entry []byte, at *int) (*State, [][]byte, map[watchKey]Seen) {
	e, err := DecodeEntry(entry)
	if err != nil {
		panic(fmt.Sprintf("fsm: entry after index %d: %v", base.index, err))
	}
	tx := m.draft(base)
	tx.st.Clock = max(tx.st.Clock, e.At)
	replies := make([][]byte, len(e.Envelopes))
	var seen map[watchKey]Seen
	for i, b := range e.Envelopes {
		*at = i
		env, err := DecodeEnvelope(b)
		if err != nil {
			panic(fmt.Sprintf("fsm: entry after index %d, command %d: %v", base.index, i, err))
		}
		if e.Epoch != base.Epoch {
			replies[i] = encodeVerdict(verdict(Recheck, EpochMoved))
			continue
		}
		replies[i] = tx.step(env)
		k := watchKey{env.Request.Session, env.Request.Seq}
		if _, watched := m.watches[k]; watched && k.session != 0 {
			if seen == nil {
				seen = make(map[watchKey]Seen)
			}
			seen[k] = Seen{tx.freeze(), replies[i]}
		}
		tx.undo = tx.undo[:0]
	}
	return tx.freeze(), replies, seen
}

func (m *Machine) nextGen() uint64 {
	m.gen++
	return m.gen
}
