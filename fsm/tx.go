package fsm

// Tx is the draft of the next State, and the only thing that may write. It has
// two levels: what the request-id window and the use charge wrote stays, what a
// command wrote is taken back on a verdict.
type Tx struct {
	st      State // the draft; tables are copied when first written
	gen     uint64
	nextGen func() uint64
	undo    []func()
	hasher  hasher
}

func (m *Machine) draft(base *State) *Tx {
	tx := &Tx{st: *base, nextGen: m.nextGen}
	tx.gen = tx.nextGen()
	return tx
}

func (tx *Tx) hash(r record) Hash { return tx.hasher.hash(r) }

// clock is the log time at which the entry's commands are judged.
func (tx *Tx) clock() Instant { return tx.st.Clock }

// serial gives the running command its place in the order of all commands.
func (tx *Tx) serial() uint64 { return tx.st.Serial }

// freeze publishes the draft as it stands. Writing goes on in a new generation,
// which copies what it touches.
func (tx *Tx) freeze() *State {
	st := tx.st
	tx.gen = tx.nextGen()
	tx.undo = tx.undo[:0]
	return &st
}

// savepoint is where rollback returns to.
type savepoint struct {
	header header
	sum    Hash
	undo   int
}

func (tx *Tx) savepoint() savepoint {
	return savepoint{tx.st.header, tx.st.sum, len(tx.undo)}
}

func (tx *Tx) rollback(p savepoint) {
	for i := len(tx.undo) - 1; i >= p.undo; i-- {
		tx.undo[i]()
	}
	tx.undo = tx.undo[:p.undo]
	tx.st.header, tx.st.sum = p.header, p.sum
}
