package fsm

import "github.com/jeton-io/jeton/fsm/btree"

// Tx is the draft of the next State, and the only thing that may write.
type Tx struct {
	st      State        // the draft
	owner   *btree.Owner // of what it has written since it was last published
	hasher  hasher
	sharing *sharing    // nil: none
	check   *StateCheck // the last one of the entry, or nil

	writes  uint64 // to tables, so far
	careful bool   // a command that wrote may be refused (run)
	spoilt  bool   // one was, and the draft was not careful: it is good for nothing
}

func begin(base *State) *Tx { return &Tx{st: *base, owner: new(btree.Owner)} }

func (tx *Tx) hash(r record) Hash { return tx.hasher.hash(r) }

// clock is the log time at which the entry's commands are judged.
func (tx *Tx) clock() Instant { return tx.st.Clock }

// serial gives the running command its place in the order of all commands.
func (tx *Tx) serial() uint64 { return tx.st.Serial }

// freeze publishes the draft as it stands. Who writes on is another owner, and copies
// what it touches.
func (tx *Tx) freeze() *State {
	st := tx.st
	tx.owner = new(btree.Owner)
	return &st
}
