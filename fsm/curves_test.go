package fsm_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// curves are what a state may have much of, and what of it is measured then.
// deploy/curves.sh makes the data and the plots of docs/performance.md of them.
var curves = []struct {
	axis    string
	sizes   []int
	measure func(b *testing.B, l *bench, n int)
}{
	{"tokens", []int{10_000, 100_000, 1_000_000, 5_000_000, 10_000_000}, byTokens},
	{"depth", []int{1, 4, 16, 64, 256}, byDepth},
	{"children", []int{10, 1_000, 100_000, 1_000_000}, byChildren},
	{"policies of a token", []int{1, 4, 16, 64}, byPoliciesOfOne},
	{"policies", []int{10, 1_000, 20_000}, byPolicies},  // there may be 25,000
	{"roles", []int{10, 1_000, 20_000}, byRoles},        // likewise
	{"leases", []int{1_000, 20_000, 400_000}, byLeases}, // there may be 500,000
}

func BenchmarkCurves(b *testing.B) {
	for _, c := range curves {
		for _, n := range c.sizes {
			b.Run(fmt.Sprintf("%s=%d", c.axis, n), func(b *testing.B) {
				if testing.Short() && n > 1_000_000 {
					b.Skip("takes 5 GB and minutes")
				}
				c.measure(b, newBench(b, 1), n)
			})
		}
	}
}

var (
	root    = fsmtest.Digest("root")
	curveIn = rand.New(rand.NewPCG(1, 1))
)

// fill applies n commands in entries of a thousand, all of which must succeed.
func (l *bench) fill(b *testing.B, n int, each func(i int) (fsm.Digest, fsm.Command)) {
	b.Helper()
	for from := 0; from < n; from += 1000 {
		size := min(1000, n-from)
		at := from
		var last fsm.Command
		entry := l.entry(size, func(uint64) (fsm.Digest, fsm.Command) {
			var d fsm.Digest
			d, last = each(at)
			at++
			return d, last
		})
		replies := l.Machine.Apply(l.State().Index()+1, entry)
		if o, err := fsm.DecodeOutcome(last, replies[size-1]); err != nil || o.Err != nil {
			b.Fatal(err, o.Err)
		}
	}
}

// child is the i-th token that is made below another.
func child(i int) *fsm.TokenCreate {
	d := number(uint64(i))
	return &fsm.TokenCreate{Token: d, Accessor: fmt.Sprintf("%x", d[:12]), Policies: []string{"default"}, TTL: time.Hour}
}

// below makes n tokens below one.
func (l *bench) below(b *testing.B, parent fsm.Digest, n int) {
	l.fill(b, n, func(i int) (fsm.Digest, fsm.Command) { return parent, child(i) })
}

// writes measures commands in entries of 128, as a busy leader makes them.
func (l *bench) writes(b *testing.B, name string, each func(i int) (fsm.Digest, fsm.Command)) {
	b.Run(name, func(b *testing.B) {
		i := 0
		l.run(b, 128, func(uint64) (fsm.Digest, fsm.Command) { i++; return each(i) })
	})
}

// looks measures what a look-up of a token asks of the machine.
func (l *bench) looks(b *testing.B, name string, which func() fsm.Digest) {
	b.Run(name, func(b *testing.B) {
		s := l.State()
		access := fsm.Access{Path: "auth/token/lookup-self", Capability: policy.Read}
		for b.Loop() {
			c := fsm.Caller{Token: which()}
			a, err := s.Resolve(c, s.Clock)
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Authorize(a, access, c); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func byTokens(b *testing.B, l *bench, n int) {
	before := liveHeap()
	l.below(b, root, n)
	b.Run("memory", func(b *testing.B) {
		held := liveHeap()
		for b.Loop() { // the metric is what is looked at
		}
		b.ReportMetric(float64(held-before)/float64(n), "B/token")
	})
	if n <= 5_000_000 { // what is read stands beside what was written
		l.streams(b, n)
	}
	l.looks(b, "look-up", func() fsm.Digest { return number(curveIn.Uint64N(uint64(n))) })
	l.writes(b, "renew", func(int) (fsm.Digest, fsm.Command) {
		return number(curveIn.Uint64N(uint64(n))), renewSelf(time.Hour)
	})
	made := n
	l.writes(b, "create", func(int) (fsm.Digest, fsm.Command) { made++; return root, child(made - 1) })
	ended := 0
	l.writes(b, "revoke", func(int) (fsm.Digest, fsm.Command) {
		if ended++; ended > made { // never what is gone already
			b.Fatal("the benchmark ran out of tokens")
		}
		return root, &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: number(uint64(ended - 1))}}
	})
}

// streams measures what a raft snapshot and a restart ask of the machine, a token.
func (l *bench) streams(b *testing.B, n int) {
	f, err := os.CreateTemp(b.TempDir(), "")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.Run("snapshot", func(b *testing.B) {
		start := time.Now()
		if _, err := l.State().WriteTo(f); err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		for b.Loop() { // once is enough
		}
		b.ReportMetric(float64(took)/float64(n), "ns/token")
	})
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		b.Fatal(err)
	}
	b.Run("restart", func(b *testing.B) {
		start := time.Now()
		if _, err := fsm.ReadState(f); err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		for b.Loop() {
		}
		b.ReportMetric(float64(took)/float64(n), "ns/token")
	})
}

// byDepth looks at a token so deep in a tree, with and without something dead in the
// state, which is when its ancestors have to be asked.
func byDepth(b *testing.B, l *bench, n int) {
	l.Must("root", fsmtest.Policy("maker", fsmtest.Allow("auth/token/*", policy.Update|policy.Read)))
	parent := root
	for i := range n {
		l.fill(b, 1, func(int) (fsm.Digest, fsm.Command) {
			c := child(i)
			c.Policies = []string{"maker"}
			return parent, c
		})
		parent = number(uint64(i))
	}
	l.looks(b, "look-up", func() fsm.Digest { return parent })
	l.Create("root", "other", fsmtest.TTL(time.Hour))
	l.Create("other", "below", fsmtest.TTL(time.Hour))
	l.Must("root", fsmtest.Revoke("other"))
	l.looks(b, "look-up beside a sweep", func() fsm.Digest { return parent })
}

// byChildren looks at one token with so many children.
func byChildren(b *testing.B, l *bench, n int) {
	l.Create("root", "parent", fsmtest.TTL(time.Hour))
	parent := fsmtest.Digest("parent")
	l.below(b, parent, n)
	made := n
	l.writes(b, "create", func(int) (fsm.Digest, fsm.Command) { made++; return parent, child(made) })
	b.Run("list 100", func(b *testing.B) {
		s := l.State()
		for b.Loop() {
			s.ListTokens(&fsm.TokenFilter{Parent: fsmtest.Accessor("parent")}, fsm.Place{}, 100, 1000, s.Clock)
		}
	})
	b.Run("revoke the parent", func(b *testing.B) {
		base := l.State()
		revoke := l.entry(1, func(uint64) (fsm.Digest, fsm.Command) { return root, fsmtest.Revoke("parent") })
		for b.Loop() { // of the same state each time
			b.StopTimer()
			m := fsm.NewMachine()
			m.Restore(base, base.Index())
			b.StartTimer()
			m.Apply(base.Index()+1, revoke)
		}
	})
}

// manyPolicies stores policies of three rules each and returns their names.
func manyPolicies(b *testing.B, l *bench, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("p%06d", i)
	}
	l.fill(b, n, func(i int) (fsm.Digest, fsm.Command) { return root, threeRules(names[i]) })
	return names
}

func threeRules(name string) *fsm.PolicySet {
	return fsmtest.Policy(name, fsmtest.Allow(name+"/data/*", policy.Read), fsmtest.Allow(name+"/+/config", policy.Update),
		fsmtest.Allow("auth/token/lookup-self", policy.Read))
}

func byPoliciesOfOne(b *testing.B, l *bench, n int) {
	l.Create("root", "holder", fsmtest.Policies(manyPolicies(b, l, n)...), fsmtest.TTL(time.Hour))
	l.looks(b, "look-up", func() fsm.Digest { return fsmtest.Digest("holder") })
	made := 0
	l.writes(b, "create", func(int) (fsm.Digest, fsm.Command) {
		made++
		c := child(made)
		c.Policies = nil // those of its parent
		return fsmtest.Digest("holder"), c
	})
}

func byPolicies(b *testing.B, l *bench, n int) {
	names := manyPolicies(b, l, n)
	l.Create("root", "holder", fsmtest.Policies(names[0]), fsmtest.TTL(time.Hour))
	l.looks(b, "look-up", func() fsm.Digest { return fsmtest.Digest("holder") })
	l.writes(b, "write one", func(i int) (fsm.Digest, fsm.Command) { return root, threeRules(names[i%n]) })
}

func byRoles(b *testing.B, l *bench, n int) {
	set := func(i int) (fsm.Digest, fsm.Command) {
		return root, &fsm.RoleSet{
			Role:  fsm.Role{Name: fmt.Sprint("r", i%n), AllowedPolicies: []string{"default"}, Renewable: true},
			Given: fsm.GivenAllowedPolicies | fsm.GivenRenewable,
		}
	}
	l.fill(b, n, set)
	l.writes(b, "write one", set)
	made := 0
	l.writes(b, "create by one", func(int) (fsm.Digest, fsm.Command) {
		made++
		c := child(made)
		c.Endpoint, c.Role = fsm.CreateByRole, fmt.Sprint("r", made%n)
		return root, c
	})
}

// byLeases gives each token ten leases.
func byLeases(b *testing.B, l *bench, n int) {
	l.AddRole("ro", time.Hour, 2*time.Hour)
	l.below(b, root, n/10+1)
	owner := func(i int) fsm.Digest { return number(uint64(i % (n / 10))) }
	l.Must("root", fsmtest.Policy("default", fsmtest.Allow("db/creds/*", policy.Read), fsmtest.Allow("auth/token/lookup-self", policy.Read)))
	issue := func(i int) (fsm.Digest, fsm.Command) { return owner(i), l.Issue("ro", fmt.Sprint("l", i)) }
	l.fill(b, n, issue)
	l.fill(b, n, func(i int) (fsm.Digest, fsm.Command) {
		return fsm.Digest{}, &fsm.LeaseConfirm{Lease: fsmtest.LeaseID("ro", fmt.Sprint("l", i))}
	})
	made := n
	l.writes(b, "issue", func(int) (fsm.Digest, fsm.Command) { made++; return issue(made) })
	l.writes(b, "renew", func(i int) (fsm.Digest, fsm.Command) {
		return root, &fsm.LeaseRenew{Lease: fsmtest.LeaseID("ro", fmt.Sprint("l", curveIn.IntN(n))), Increment: time.Hour}
	})
	b.Run("end an owner", func(b *testing.B) {
		base, next := l.State(), 0
		for b.Loop() {
			b.StopTimer()
			m := fsm.NewMachine()
			m.Restore(base, base.Index())
			next++
			revoke := l.entry(1, func(uint64) (fsm.Digest, fsm.Command) {
				return root, &fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: owner(next)}}
			})
			b.StartTimer()
			m.Apply(base.Index()+1, revoke)
		}
	})
}
