package fsm

import "github.com/jeton-io/jeton/fsm/btree"

// table is one ordered index of the State. A published State's tables are never written:
// a draft has copies of its own, which cost nothing until it writes.
type table[T any] struct{ tree btree.Tree[T] }

func newTable[T any](less func(a, b T) bool) table[T] { return table[T]{btree.New(less)} }

func (t *table[T]) get(key T) (T, bool) { return t.tree.Get(key) }
func (t *table[T]) len() int            { return t.tree.Len() }
func (t *table[T]) first() (T, bool)    { return t.tree.Min() }

// ascend visits the elements from key on, in order, until f says no.
func (t *table[T]) ascend(key T, f func(T) bool) { t.tree.Ascend(key, f) }

// scan visits all elements in order until f says no.
func (t *table[T]) scan(f func(T) bool) { t.tree.Scan(f) }

// from is the first element that is not below key.
func (t *table[T]) from(key T) (v T, ok bool) {
	t.tree.Ascend(key, func(it T) bool {
		v, ok = it, true
		return false
	})
	return v, ok
}

// put writes v.
func put[T any](tx *Tx, t *table[T], v T) (old T, had bool) {
	tx.writes++
	return t.tree.Set(tx.owner, v)
}

// del removes the element that compares equal to key.
func del[T any](tx *Tx, t *table[T], key T) (old T, had bool) {
	if old, had = t.tree.Delete(tx.owner, key); had {
		tx.writes++
	}
	return old, had
}

// record is an element that is part of the canonical state: written to
// snapshots and summed into the hash. Everything else is derived from records.
type record interface {
	coded
	tag() recordTag
}

// row is a record behind its key. The key stands beside the record so that a
// search neither follows pointers nor makes up a record to look for.
type row[K any, R record] struct {
	key    K
	record R
}

// records is a table of records.
type records[K any, R record] struct{ table[row[K, R]] }

func newRecords[K any, R record](less func(a, b K) bool) records[K, R] {
	return records[K, R]{newTable(func(a, b row[K, R]) bool { return less(a.key, b.key) })}
}

func (t *records[K, R]) find(key K) (R, bool) {
	it, ok := t.get(row[K, R]{key: key})
	return it.record, ok
}

// each visits all records in order until f says no.
func (t *records[K, R]) each(f func(R) bool) {
	t.scan(func(it row[K, R]) bool { return f(it.record) })
}

// putRecord and delRecord keep the state hash up with each change.
func putRecord[K any, R record](tx *Tx, t *records[K, R], key K, r R) (old R, had bool) {
	it, had := put(tx, &t.table, row[K, R]{key, r})
	if had {
		tx.st.sum.remove(tx.hash(it.record))
	}
	tx.st.sum.add(tx.hash(r))
	return it.record, had
}

func delRecord[K any, R record](tx *Tx, t *records[K, R], key K) (old R, had bool) {
	it, had := del(tx, &t.table, row[K, R]{key: key})
	if had {
		tx.st.sum.remove(tx.hash(it.record))
	}
	return it.record, had
}
