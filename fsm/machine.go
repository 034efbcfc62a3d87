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

// draft is what an entry makes of a state.
type draft struct {
	base    *State
	entry   []byte
	ids     []watchKey // of its commands
	next    *State
	replies [][]byte
	seen    map[watchKey]Seen // of the commands that were watched
	check   *StateCheck       // among them, or nil
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

// run applies every command of an entry to a draft of base. *at follows the
// position of the command being applied.
func (m *Machine) run(base *State, entry []byte, at *int) *draft {
	e, err := DecodeEntry(entry)
	if err != nil {
		panic(fmt.Sprintf("fsm: entry after index %d: %v", base.index, err))
	}
	tx := begin(base)
	tx.sharing = m.sharing
	tx.st.Clock = max(tx.st.Clock, e.At)
	d := &draft{base: base, entry: entry, replies: make([][]byte, len(e.Envelopes)), ids: make([]watchKey, 0, len(e.Envelopes))}
	for i, b := range e.Envelopes {
		*at = i
		env, err := DecodeEnvelope(b)
		if err != nil {
			panic(fmt.Sprintf("fsm: entry after index %d, command %d: %v", base.index, i, err))
		}
		if e.Epoch != tx.st.Epoch { // which a restore before it in the entry has moved
			d.replies[i] = encodeVerdict(verdict(Recheck, EpochMoved))
		} else {
			d.replies[i] = tx.step(env)
		}
		if id := env.Request; id.Session != 0 {
			m.witness(d, tx, watchKey{id.Session, id.Seq}, d.replies[i])
		}
	}
	d.next, d.check = tx.freeze(), tx.check
	return d
}

// witness keeps the draft as a watched command left it. A retry in the same
// entry changes nothing about what the first one saw.
func (m *Machine) witness(d *draft, tx *Tx, k watchKey, reply []byte) {
	d.ids = append(d.ids, k)
	if _, watched := m.watches[k]; !watched {
		return
	}
	if _, twice := d.seen[k]; twice {
		return
	}
	if d.seen == nil {
		d.seen = make(map[watchKey]Seen)
	}
	d.seen[k] = Seen{tx.freeze(), reply}
}
