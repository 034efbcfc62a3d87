package fsm

import "fmt"

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

// run applies every command of an entry to a draft of base. *at follows the
// position of the command being applied.
//
// A command that is refused leaves nothing behind but its outcome. Nearly all decide
// before they write, so at first nothing is remembered by which a write could be taken
// back. When one has written and is refused, the draft is given up for a careful one, in
// which each command begins with a copy of the state: that is free, but what the command
// then writes is copied, too, though commands before it have done so.
func (m *Machine) run(base *State, entry []byte, at *int) *draft {
	e, err := DecodeEntry(entry)
	if err != nil {
		panic(fmt.Sprintf("fsm: entry after index %d: %v", base.index, err))
	}
	envelopes := make([]*Envelope, len(e.Envelopes))
	for i, b := range e.Envelopes {
		*at = i
		if envelopes[i], err = DecodeEnvelope(b); err != nil {
			panic(fmt.Sprintf("fsm: entry after index %d, command %d: %v", base.index, i, err))
		}
	}
	d := m.apply(base, e, envelopes, at)
	d.entry = entry
	return d
}

// apply is run for commands that are decoded.
func (m *Machine) apply(base *State, e *Entry, envelopes []*Envelope, at *int) *draft {
	tx := begin(base)
	d := m.draw(tx, e, envelopes, at)
	if tx.spoilt {
		tx = begin(base)
		tx.careful = true
		d = m.draw(tx, e, envelopes, at)
	}
	d.base = base
	return d
}

// draw makes the draft, or ends at the command that spoils it.
func (m *Machine) draw(tx *Tx, e *Entry, envelopes []*Envelope, at *int) *draft {
	tx.sharing = m.sharing
	tx.st.Clock = max(tx.st.Clock, e.At)
	d := &draft{replies: make([][]byte, len(envelopes)), ids: make([]watchKey, 0, len(envelopes))}
	for i, env := range envelopes {
		*at = i
		if e.Epoch != tx.st.Epoch { // which a restore before it in the entry has moved
			d.replies[i] = encodeVerdict(verdict(Recheck, EpochMoved))
		} else {
			d.replies[i] = tx.step(env)
		}
		if tx.spoilt {
			return nil
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
