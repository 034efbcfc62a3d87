package btree

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

type pair struct{ key, value int }

func lessPair(a, b pair) bool { return a.key < b.key }

// check holds a tree against what it should have, and its nodes against what they promise.
func check(t *testing.T, tree *Tree[pair], want map[int]int) {
	t.Helper()
	var items []pair
	tree.Scan(func(p pair) bool { items = append(items, p); return true })
	var model []pair
	for k, v := range want {
		model = append(model, pair{k, v})
	}
	slices.SortFunc(model, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
	if !slices.Equal(items, model) || tree.Len() != len(model) {
		t.Fatalf("%d items, Len %d, want %d:\n%v\n%v", len(items), tree.Len(), len(model), items, model)
	}
	for i := 0; i < len(model); i += 1 + len(model)/20 {
		if got := tree.CountBelow(model[i]); got != i {
			t.Fatalf("%d below %v, want %d", got, model[i], i)
		}
	}
	if last, ok := tree.Max(); ok != (len(model) > 0) || ok && last != model[len(model)-1] {
		t.Fatalf("last is %v, %t", last, ok)
	}
	if first, ok := tree.Min(); ok != (len(model) > 0) || ok && first != model[0] {
		t.Fatalf("first is %v, %t", first, ok)
	}
	if tree.root != nil {
		depth := -1
		checkNode(t, tree.root, 0, &depth)
	}
}

func checkNode(t *testing.T, n *node[pair], level int, depth *int) {
	t.Helper()
	if len(n.items) == 0 || len(n.items) > maxItems {
		t.Fatalf("a node of %d items", len(n.items))
	}
	count := len(n.items)
	for _, kid := range n.kids {
		count += int(kid.count)
	}
	if int(n.count) != count {
		t.Fatalf("count %d, has %d", n.count, count)
	}
	if n.kids == nil {
		if *depth >= 0 && *depth != level {
			t.Fatalf("leaves at %d and %d", *depth, level)
		}
		*depth = level
		return
	}
	if len(n.kids) != len(n.items)+1 {
		t.Fatalf("%d items with %d kids", len(n.items), len(n.kids))
	}
	for _, kid := range n.kids {
		checkNode(t, kid, level+1, depth)
	}
}

// orders are how keys come; of what they leave behind, all have to be right.
var orders = map[string]func(r *rand.Rand, i int) int{
	"random":     func(r *rand.Rand, _ int) int { return r.IntN(1500) },
	"ascending":  func(_ *rand.Rand, i int) int { return i },
	"descending": func(_ *rand.Rand, i int) int { return -i },
	"two runs":   func(_ *rand.Rand, i int) int { return i%2*1e6 + i },
	"in between": func(_ *rand.Rand, i int) int { return i%40*1e6 - i },
}

// TestTree writes to a chain of copies and looks at each of them again in the end.
func TestTree(t *testing.T) {
	for name, key := range orders {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				r := rand.New(rand.NewPCG(seed, 1))
				tree, model, owner := New(lessPair), map[int]int{}, new(Owner)
				type copied struct {
					tree  Tree[pair]
					model map[int]int
				}
				var copies []copied
				for i := range 4000 {
					step(t, r, &tree, owner, model, key(r, i), i)
					if r.IntN(200) == 0 {
						c := copied{tree, make(map[int]int)}
						for k, v := range model {
							c.model[k] = v
						}
						copies = append(copies, c)
						owner = new(Owner)
					}
				}
				check(t, &tree, model)
				for i := range copies {
					check(t, &copies[i].tree, copies[i].model)
				}
				for k := range model { // to its end
					tree.Delete(owner, pair{key: k})
					delete(model, k)
					if len(model)%97 == 0 {
						check(t, &tree, model)
					}
				}
			}
		})
	}
}

// step does one thing to both.
func step(t *testing.T, r *rand.Rand, tree *Tree[pair], o *Owner, model map[int]int, key, value int) {
	t.Helper()
	switch was, there := model[key]; r.IntN(4) {
	case 0: // something that is there, most of the time
		if at, ok := tree.Min(); ok && r.IntN(2) == 0 {
			tree.Ascend(pair{key: at.key + r.IntN(2000)}, func(p pair) bool { key = p.key; return false })
			was, there = model[key]
		}
		old, had := tree.Delete(o, pair{key: key})
		if had != there || old.value != was {
			t.Fatalf("delete %d: %v, %t, want %d, %t", key, old, had, was, there)
		}
		delete(model, key)
	default:
		old, had := tree.Set(o, pair{key, value})
		if had != there || old.value != was {
			t.Fatalf("set %d: %v, %t, want %d, %t", key, old, had, was, there)
		}
		model[key] = value
	}
	_, there := model[key]
	if got, ok := tree.Get(pair{key: key}); ok != there || ok && got != (pair{key, model[key]}) {
		t.Fatalf("get %d: %v, %t", key, got, ok)
	}
}

func TestAscendAndDescend(t *testing.T) {
	tree, o := New(lessPair), new(Owner)
	for i := range 1000 {
		tree.Set(o, pair{key: i * 2})
	}
	for from := -1; from <= 2000; from++ {
		var got []int
		tree.Ascend(pair{key: from}, func(p pair) bool { got = append(got, p.key); return len(got) < 40 })
		var back []int
		tree.Descend(pair{key: from}, func(p pair) bool { back = append(back, p.key); return len(back) < 40 })
		for k, j := min(1998, from-from&1), 0; j < 40 && k >= 0; k, j = k-2, j+1 {
			if j >= len(back) || back[j] != k {
				t.Fatalf("from %d down: %v", from, back)
			}
		}
		var want []int
		for k := max(0, (from+1)/2*2); k < 2000 && len(want) < 40; k += 2 {
			want = append(want, k)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("from %d: %v, want %v", from, got, want)
		}
	}
}

// TestAscendingItemsFillNodes: what comes in ascending order leaves full nodes, whatever
// stands behind it, and what comes in descending order does not leave nodes of one or two.
func TestAscendingItemsFillNodes(t *testing.T) {
	for name, tt := range map[string]struct {
		key  func(i int) int
		fill float64
	}{
		"at the end":        {func(i int) int { return i }, 0.9},
		"before other runs": {func(i int) int { return i%3*1e6 + i }, 0.9},
		"descending":        {func(i int) int { return -i }, 0.45},
	} {
		t.Run(name, func(t *testing.T) {
			tree, o := New(lessPair), new(Owner)
			for i := range 30_000 {
				if i%100 == 0 {
					o = new(Owner)
				}
				tree.Set(o, pair{key: tt.key(i)})
			}
			items, leaves := fill(tree.root)
			if got := float64(items) / float64(leaves*maxItems); got < tt.fill {
				t.Errorf("leaves are full to %.2f, want %.2f", got, tt.fill)
			}
		})
	}
}

func fill[T any](n *node[T]) (items, leaves int) {
	if n.kids == nil {
		return len(n.items), 1
	}
	for _, kid := range n.kids {
		i, l := fill(kid)
		items, leaves = items+i, leaves+l
	}
	return items, leaves
}

func BenchmarkSet(b *testing.B) {
	for _, entry := range []int{1, 100} {
		b.Run(fmt.Sprint("entry=", entry), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			tree, o := New(func(a, b [7]uint64) bool { return a[0] < b[0] }), new(Owner)
			for range 500_000 {
				tree.Set(o, [7]uint64{r.Uint64()})
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%entry == 0 {
					o = new(Owner)
				}
				tree.Set(o, [7]uint64{r.Uint64()})
			}
		})
	}
}
