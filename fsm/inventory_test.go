package fsm_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// pages lists everything that a filter matches, in pages of random size and of
// as many looks.
func pages(r interface{ IntN(int) int }, s *fsm.State, f *fsm.TokenFilter) (all []*fsm.Token) {
	var from fsm.Place
	for {
		p := s.ListTokens(f, from, 1+r.IntN(5), 1+r.IntN(9), s.Clock)
		all = append(all, p.Tokens...)
		if !p.More {
			return all
		}
		from = p.Next
	}
}

func treePages(r interface{ IntN(int) int }, s *fsm.State, root *fsm.Token) (all []fsm.TreeNode) {
	var from []uint64
	for {
		p := s.ListTree(root, from, 1+r.IntN(5), 1+r.IntN(9), s.Clock)
		all = append(all, p.Nodes...)
		if !p.More {
			return all
		}
		from = p.Next
	}
}

func accessors(names []string) (list []string) {
	for _, n := range names {
		list = append(list, fsmtest.Accessor(n))
	}
	slices.Sort(list)
	return list
}

func accessorsOf(tokens []*fsm.Token) (list []string) {
	for _, t := range tokens {
		list = append(list, t.Accessor())
	}
	slices.Sort(list)
	return list
}

// TestInventoryAgainstModel asks a machine and a naive model the same questions
// after random commands, swept or not.
func TestInventoryAgainstModel(t *testing.T) {
	for seed := range seeds(t) / 2 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := newRun(t, 1000+seed)
			for range 60 {
				for range 4 {
					r.entry()
				}
				r.inventory()
			}
		})
	}
}

func (r *run) inventory() {
	s, g := r.lab.State(), r.gen
	for range 4 {
		q := fsmtest.Query{
			Policy: pick(g, "", "", "all", "make", "nothing"), Role: pick(g, "", "", "r1"),
			Prefix: pick(g, "", "auth/token/create", "auth/token/create/r1", "auth", "auth/token/create-orphan"),
		}
		switch g.IntN(3) {
		case 0:
			q.Parent = pick(g, r.model.Names()...)
		case 1:
			q.Before = r.lab.At.Add(time.Duration(g.IntN(100)) * time.Second)
		}
		if got, want := accessorsOf(pages(g, s, q.Filter())), accessors(r.model.Select(q)); !slices.Equal(got, want) {
			r.fail("%+v: listed %d tokens, model says %d", q, len(got), len(want))
		}
	}
	root := pick(g, r.model.Select(fsmtest.Query{})...)
	nodes := treePages(g, s, r.lab.Token(root))
	var below []*fsm.Token
	for i, n := range nodes[1:] {
		below = append(below, n.Token)
		if above := nodes[i].Depth; n.Depth < 1 || n.Depth > above+1 {
			r.fail("tree of %s: depth %d after %d", root, n.Depth, above)
		}
	}
	if got, want := accessorsOf(below), accessors(r.model.Below(root)); !slices.Equal(got, want) || nodes[0].Token.Accessor() != fsmtest.Accessor(root) {
		r.fail("tree of %s: %d descendants, model says %d", root, len(got), len(want))
	}
	if n, more := s.CountDescendants(r.lab.Token(root), 1<<20, s.Clock); n != len(below) || more {
		r.fail("%s has %d descendants, counted %d", root, len(below), n)
	}
}

func pick(g *fsmtest.Generator, from ...string) string { return from[g.IntN(len(from))] }

// A listing that goes on in a later state shows once what existed all the time,
// and never anything twice.
func TestListingWhileTokensComeAndGo(t *testing.T) {
	for name, f := range map[string]*fsm.TokenFilter{
		"by path": {}, "by parent": {Parent: fsmtest.Accessor("root")}, "by deadline": {ExpiresBefore: fsm.Never},
	} {
		t.Run(name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r"}})
			kept := make(map[string]int)
			for i := range 60 {
				kind := []func(*fsm.TokenCreate){fsmtest.TTL(hour + time.Duration(i%7)*time.Second), fsmtest.ByRole("r")}
				l.Create("root", fmt.Sprint("k", i), kind[:1+i%2]...)
				l.Create("root", fmt.Sprint("g", i), kind[:1+i%2]...)
				kept[fsmtest.Accessor(fmt.Sprint("k", i))] = 0
			}
			var from fsm.Place
			for i := 0; ; i++ {
				p := l.State().ListTokens(f, from, 7, 1000, l.At)
				for _, k := range p.Tokens {
					if n, ok := kept[k.Accessor()]; ok && n != 0 {
						t.Fatalf("%s is listed twice", k.Accessor())
					}
					kept[k.Accessor()]++
				}
				if !p.More {
					break
				}
				from = p.Next
				l.Create("root", fmt.Sprint("new", i), fsmtest.TTL(hour))
				for j := range 4 {
					l.Must("root", fsmtest.Revoke(fmt.Sprint("g", (4*i+j)%60)))
				}
			}
			for i := range 60 {
				if a := fsmtest.Accessor(fmt.Sprint("k", i)); kept[a] != 1 {
					t.Errorf("k%d is listed %d times", i, kept[a])
				}
			}
		})
	}
}

func TestTokenFilter(t *testing.T) {
	l := fsmtest.New(t)
	team := func(name string) func(*fsm.TokenCreate) {
		return func(c *fsm.TokenCreate) {
			c.DisplayName, c.Meta = name, []fsm.MetaPair{{Key: "env", Value: "ci"}, {Key: "team", Value: name}}
		}
	}
	l.Create("root", "a", team("red"), fsmtest.Policies("web", "db"), fsmtest.TTL(hour))
	l.Create("root", "b", team("blue"), fsmtest.Policies("web"), fsmtest.TTL(2*hour))
	l.Must("", fsmtest.Wrap("w"))
	pair := func(k, v string) fsm.MetaPair { return fsm.MetaPair{Key: k, Value: v} }
	for _, tt := range []struct {
		name string
		f    fsm.TokenFilter
		want []string
	}{
		{"everything", fsm.TokenFilter{}, []string{"root", "a", "b", "w"}},
		{"policy", fsm.TokenFilter{Policy: "db"}, []string{"a"}},
		{"display name", fsm.TokenFilter{DisplayName: "token-red"}, []string{"a"}},
		{"part of a display name", fsm.TokenFilter{DisplayName: "token-re"}, nil},
		{"meta", fsm.TokenFilter{Meta: []fsm.MetaPair{pair("env", "ci")}}, []string{"a", "b"}},
		{"meta twice", fsm.TokenFilter{Meta: []fsm.MetaPair{pair("env", "ci"), pair("team", "blue")}}, []string{"b"}},
		{"meta of another value", fsm.TokenFilter{Meta: []fsm.MetaPair{pair("env", "prod")}}, nil},
		{"before", fsm.TokenFilter{ExpiresBefore: l.At.Add(2 * hour), Policy: "web"}, []string{"a"}},
		{"service", fsm.TokenFilter{Type: fsm.TypeService}, []string{"root", "a", "b"}},
		{"batch tokens are not stored", fsm.TokenFilter{Type: fsm.TypeBatch}, nil},
		{"wrapping", fsm.TokenFilter{Wrapping: true}, []string{"w"}},
		{"unknown parent", fsm.TokenFilter{Parent: "nobody"}, nil},
		{"all at once", fsm.TokenFilter{
			Policy: "web", Prefix: "auth/token", DisplayName: "token-blue", Type: fsm.TypeService, ExpiresBefore: fsm.Never,
			Parent: fsmtest.Accessor("root"), Meta: []fsm.MetaPair{pair("team", "blue")},
		}, []string{"b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := l.State().ListTokens(&tt.f, fsm.Place{}, 100, 100, l.At)
			if got, want := accessorsOf(p.Tokens), accessors(tt.want); !slices.Equal(got, want) || p.More {
				t.Errorf("%d tokens, want %v", len(got), tt.want)
			}
		})
	}
}

// Who was orphaned is no child of the dead token that made it.
func TestChildrenOfACut(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "p", fsmtest.TTL(hour))
	l.Create("p", "c", fsmtest.TTL(hour))
	f := &fsm.TokenFilter{Parent: fsmtest.Accessor("p")}
	if p := l.State().ListTokens(f, fsm.Place{}, 9, 9, l.At); len(p.Tokens) != 1 {
		t.Fatalf("%d children, want 1", len(p.Tokens))
	}
	l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("p")})
	if p := l.State().ListTokens(f, fsm.Place{}, 9, 9, l.At); len(p.Tokens) != 0 || l.State().ParentAccessor(l.Token("c")) != "" {
		t.Fatal("an orphan has a parent")
	}
}

// The order is part of the promise: by path, then by age.
func TestListingOrder(t *testing.T) {
	l := fsmtest.New(t)
	for _, role := range []string{"b", "a", "a-b"} {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: role}})
		l.Create("root", "1"+role, fsmtest.ByRole(role))
	}
	l.Create("root", "2a", fsmtest.ByRole("a"))
	p := l.State().ListTokens(&fsm.TokenFilter{}, fsm.Place{}, 100, 100, l.At)
	if !slices.IsSortedFunc(p.Tokens, func(a, b *fsm.Token) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Serial, b.Serial))
	}) || len(p.Tokens) != 5 {
		t.Errorf("%d tokens out of order", len(p.Tokens))
	}
}

// A place that no listing gave out is answered, too: with a bounded part.
func TestStrangePlaces(t *testing.T) {
	l := fsmtest.New(t)
	for i := range 20 {
		l.Create("root", fmt.Sprint("t", i), fsmtest.TTL(hour))
	}
	s, top := l.State(), uint64(1<<64-1)
	for _, f := range []*fsm.TokenFilter{{}, {Prefix: "auth/token/create"}, {Parent: fsmtest.Accessor("root")}, {ExpiresBefore: fsm.Never}} {
		for _, from := range []fsm.Place{{Serial: top}, {Path: "\xff", Serial: top}, {Path: "auth/token/create-x"}, {At: fsm.Never, Serial: 3}, {At: -5}} {
			if p := s.ListTokens(f, from, 5, 10, l.At); len(p.Tokens) > 5 {
				t.Errorf("%+v from %+v: %d tokens", f, from, len(p.Tokens))
			}
		}
	}
	for _, from := range [][]uint64{{top}, {0}, {0, 0}, {1, 2, 3}, make([]uint64, 10_000)} {
		if p := s.ListTree(l.Token("root"), from, 5, 10, l.At); len(p.Nodes) > 5 {
			t.Errorf("tree from %v: %d nodes", from[:1], len(p.Nodes))
		}
	}
}
