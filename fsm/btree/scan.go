package btree

// Scan visits all items in order until f says no.
func (t *Tree[T]) Scan(f func(T) bool) {
	if t.root != nil {
		t.root.scan(f)
	}
}

func (n *node[T]) scan(f func(T) bool) bool {
	for i, item := range n.items {
		if n.kids != nil && !n.kids[i].scan(f) {
			return false
		}
		if !f(item) {
			return false
		}
	}
	return n.kids == nil || n.kids[len(n.items)].scan(f)
}

// Ascend visits the items that are not less than key, in order, until f says no.
func (t *Tree[T]) Ascend(key T, f func(T) bool) {
	if t.root != nil {
		t.ascend(t.root, key, f)
	}
}

func (t *Tree[T]) ascend(n *node[T], key T, f func(T) bool) bool {
	i, found := t.search(n, key)
	if n.kids != nil && !found && !t.ascend(n.kids[i], key, f) {
		return false
	}
	for ; i < len(n.items); i++ {
		if !f(n.items[i]) {
			return false
		}
		if n.kids != nil && !n.kids[i+1].scan(f) {
			return false
		}
	}
	return true
}

// Descend visits the items that are not greater than key, backwards, until f says no.
func (t *Tree[T]) Descend(key T, f func(T) bool) {
	if t.root != nil {
		t.descend(t.root, key, f)
	}
}

func (t *Tree[T]) descend(n *node[T], key T, f func(T) bool) bool {
	i, found := t.search(n, key)
	if found && !f(n.items[i]) || n.kids != nil && !t.descend(n.kids[i], key, f) {
		return false
	}
	for i--; i >= 0; i-- {
		if !f(n.items[i]) || n.kids != nil && !t.descend(n.kids[i], key, f) {
			return false
		}
	}
	return true
}
