package btree

// Tree is an ordered set of items. Two items are the same when neither is less than the
// other.
type Tree[T any] struct {
	root *node[T] // nil: empty
	less func(a, b T) bool
}

// Owner is who writes. It is known by its address, so that no two are ever taken for each
// other.
type Owner struct{ _ byte }

// New is an empty tree in the order of less, which is strict and total.
func New[T any](less func(a, b T) bool) Tree[T] { return Tree[T]{less: less} }

// Len is the number of items, which may be 2^32 - 1 at most.
func (t *Tree[T]) Len() int {
	if t.root == nil {
		return 0
	}
	return int(t.root.count)
}

// Version is equal for copies between which nothing was written, and differs when it was,
// unless by an owner who had written to both. It means nothing else.
func (t *Tree[T]) Version() any { return t.root }

// Less is the order of the tree.
func (t *Tree[T]) Less(a, b T) bool { return t.less(a, b) }

// Get is the item that is the same as key.
func (t *Tree[T]) Get(key T) (item T, ok bool) {
	for n := t.root; n != nil; {
		i, found := t.search(n, key)
		if found {
			return n.items[i], true
		}
		if n.kids == nil {
			break
		}
		n = n.kids[i]
	}
	return item, false
}

// Min is the first item.
func (t *Tree[T]) Min() (item T, ok bool) {
	n := t.root
	if n == nil {
		return item, false
	}
	for n.kids != nil {
		n = n.kids[0]
	}
	return n.items[0], true
}

// Max is the last item.
func (t *Tree[T]) Max() (item T, ok bool) {
	n := t.root
	if n == nil {
		return item, false
	}
	for n.kids != nil {
		n = n.kids[len(n.items)]
	}
	return n.items[len(n.items)-1], true
}

// CountBelow is how many items are less than key.
func (t *Tree[T]) CountBelow(key T) (count int) {
	for n := t.root; n != nil; {
		i, _ := t.search(n, key)
		count += i
		if n.kids == nil {
			break
		}
		for _, kid := range n.kids[:i] {
			count += int(kid.count)
		}
		n = n.kids[i]
	}
	return count
}

// Set enters an item, in place of the one that was the same, which it returns.
func (t *Tree[T]) Set(o *Owner, item T) (old T, had bool) {
	if t.root == nil {
		t.root = &node[T]{owner: o, items: []T{item}, count: 1}
		return old, false
	}
	t.root, old, had = t.set(t.root, o, item)
	if len(t.root.items) > maxItems {
		t.root = &node[T]{owner: o, kids: []*node[T]{t.root}, count: t.root.count}
		t.root.split(0)
	}
	return old, had
}

func (t *Tree[T]) set(n *node[T], o *Owner, item T) (_ *node[T], old T, had bool) {
	i, found := t.search(n, item)
	if found {
		n = n.own(o)
		old, n.items[i] = n.items[i], item
		return n, old, true
	}
	if n.kids == nil {
		return n.insert(o, i, item), old, false
	}
	kid, old, had := t.set(n.kids[i], o, item)
	n = n.own(o)
	n.kids[i] = kid
	if !had {
		n.count++
	}
	if len(kid.items) > maxItems {
		n.split(i)
	}
	return n, old, had
}

// Delete removes the item that is the same as key, and returns it.
func (t *Tree[T]) Delete(o *Owner, key T) (old T, had bool) {
	if t.root == nil {
		return old, false
	}
	n, old, had := t.remove(t.root, o, key)
	if !had {
		return old, false
	}
	t.root = n
	if len(n.items) > 0 {
		return old, true
	}
	t.root = nil
	if n.kids != nil {
		t.root = n.kids[0]
	}
	return old, true
}

func (t *Tree[T]) remove(n *node[T], o *Owner, key T) (_ *node[T], old T, had bool) {
	i, found := t.search(n, key)
	switch {
	case n.kids == nil && !found:
		return n, old, false
	case n.kids == nil:
		old = n.items[i]
		return n.without(o, i), old, true
	case found: // the greatest one below it takes its place
		kid, next := popMax(n.kids[i], o)
		n = n.own(o)
		old, n.items[i], n.kids[i] = n.items[i], next, kid
	default:
		var kid *node[T]
		if kid, old, had = t.remove(n.kids[i], o, key); !had {
			return n, old, false
		}
		n = n.own(o)
		n.kids[i] = kid
	}
	n.count--
	n.mend(i)
	return n, old, true
}

// search is the position of the first item that is not less than key, and whether it is
// the same.
func (t *Tree[T]) search(n *node[T], key T) (i int, found bool) {
	low, high := 0, len(n.items)
	for low < high {
		if h := int(uint(low+high) >> 1); t.less(n.items[h], key) {
			low = h + 1
		} else {
			high = h
		}
	}
	return low, low < len(n.items) && !t.less(key, n.items[low])
}
