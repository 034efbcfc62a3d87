package fsm

import "github.com/tidwall/btree"

// table is one ordered index of the State: a copy-on-write B-tree. A published
// State's tables are never written; a draft copies a table, in constant time,
// before it first writes to it.
type table[T any] struct {
	tree *btree.BTreeG[T]
	gen  uint64 // the draft generation that may write to tree
}

// tableDegree trades path-copying (small entries, frozen drafts) against depth.
const tableDegree = 16

func newTable[T any](less func(a, b T) bool) table[T] {
	return table[T]{tree: btree.NewBTreeGOptions(less, btree.Options{NoLocks: true, Degree: tableDegree})}
}

func (t *table[T]) get(key T) (T, bool) { return t.tree.Get(key) }
func (t *table[T]) len() int            { return t.tree.Len() }

// ascend visits the elements from key on, in order, until f says no.
func (t *table[T]) ascend(key T, f func(T) bool) { t.tree.Ascend(key, f) }

// scan visits all elements in order until f says no.
func (t *table[T]) scan(f func(T) bool) { t.tree.Scan(f) }

func (t *table[T]) own(tx *Tx) *btree.BTreeG[T] {
	if t.gen != tx.gen {
		t.tree, t.gen = t.tree.Copy(), tx.gen
	}
	return t.tree
}

// put writes v and remembers how to take it back.
func put[T any](tx *Tx, t *table[T], v T) (old T, had bool) {
	old, had = t.own(tx).Set(v)
	tx.undo = append(tx.undo, func() {
		if had {
			t.own(tx).Set(old)
		} else {
			t.own(tx).Delete(v)
		}
	})
	return old, had
}

// del removes the element that compares equal to key.
func del[T any](tx *Tx, t *table[T], key T) (old T, had bool) {
	old, had = t.own(tx).Delete(key)
	if had {
		tx.undo = append(tx.undo, func() { t.own(tx).Set(old) })
	}
	return old, had
}

// record is an element that is part of the canonical state: written to
// snapshots and summed into the hash. Everything else is derived from records.
type record interface {
	coded
	tag() recordTag
}

// putRecord and delRecord keep the state hash up with each change.
func putRecord[T record](tx *Tx, t *table[T], v T) (old T, had bool) {
	if old, had = put(tx, t, v); had {
		tx.st.sum.remove(tx.hash(old))
	}
	tx.st.sum.add(tx.hash(v))
	return old, had
}

func delRecord[T record](tx *Tx, t *table[T], key T) (old T, had bool) {
	if old, had = del(tx, t, key); had {
		tx.st.sum.remove(tx.hash(old))
	}
	return old, had
}
