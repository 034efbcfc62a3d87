package fsm

import "github.com/jeton-io/jeton/fsm/btree"

// Tx is the draft of the next State, and the only thing that may write. It has
// two levels: what the request-id window and the use charge wrote stays, what a
// command wrote is taken back on a verdict.
type Tx struct {
	st      State        // the draft
	owner   *btree.Owner // of what it has written since it was last published
	undoing bool         // a command runs: its writes may have to be taken back
	undo    []func()     // newest last
	hasher  hasher
	sharing *sharing    // nil: none
	check   *StateCheck // the last one of the entry, or nil
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

// savepoint is where rollback returns to.
type savepoint struct {
	header header
	sum    Hash
}

// savepoint begins to remember how to take back what is written.
func (tx *Tx) savepoint() savepoint {
	tx.undoing = true
	return savepoint{tx.st.header, tx.st.sum}
}

// keep ends that: what was written stays.
func (tx *Tx) keep() {
	clear(tx.undo)
	tx.undoing, tx.undo = false, tx.undo[:0]
}

// rollback takes back everything since the savepoint.
func (tx *Tx) rollback(p savepoint) {
	for i := len(tx.undo) - 1; i >= 0; i-- {
		tx.undo[i]()
	}
	tx.keep()
	tx.st.header, tx.st.sum = p.header, p.sum
}
