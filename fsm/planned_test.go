package fsm_test

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// twin is a machine of its own in a state.
func (r *run) twin(s *fsm.State) *fsm.Machine {
	again, err := fsm.ReadState(bytes.NewReader(stateBytes(r.T, s)))
	if err != nil {
		r.fail("%v", err)
	}
	m := fsm.NewMachine()
	m.Restore(again, s.Index())
	return m
}

// does has a machine do what root asks for, and returns who died of it.
func (r *run) does(m *fsm.Machine, c fsm.Command) (died map[string]bool, err *fsm.Error) {
	before := live(m.View())
	env := r.lab.Envelope(fsmtest.Root, c)
	e := fsm.Entry{At: r.lab.At, Epoch: m.View().Epoch, Envelopes: [][]byte{env.Encode()}}
	o, fault := fsm.DecodeOutcome(c, m.Apply(m.View().Index()+1, e.Encode())[0])
	if fault != nil {
		r.fail("%v", fault)
	}
	after := live(m.View())
	maps.DeleteFunc(before, func(accessor string, _ bool) bool { return after[accessor] })
	return before, o.Err
}

func live(s *fsm.State) map[string]bool {
	all := make(map[string]bool)
	for _, a := range s.LiveAccessors(s.Clock) {
		all[a] = true
	}
	return all
}

func (r *run) target() fsm.Command {
	switch r.gen.IntN(4) {
	case 0:
		return &fsm.TokenRevokeOrphan{Token: fsmtest.Digest(r.living())}
	case 1:
		return fsmtest.Revoke(r.living())
	}
	return &fsm.PrefixRevoke{Prefix: pick(r.gen, "auth/token/create/r1", "auth/token/create", "auth/token/create-orphan", "nothing")}
}

// living is the name of a live token other than the first, of one with many below
// it if it can be.
func (r *run) living() (name string) {
	names := r.model.Select(fsmtest.Query{})
	if len(names) == 1 {
		return "nobody"
	}
	for range 3 {
		n := names[1+r.gen.IntN(len(names)-1)] // "root" stands before all the others
		if name == "" || len(r.model.Below(n)) > len(r.model.Below(name)) {
			name = n
		}
	}
	return name
}

// meddle orphans somebody, now and then.
func (r *run) meddle() {
	if r.gen.IntN(6) > 0 {
		return
	}
	step := &fsmtest.CutStep{Name: r.living()}
	r.model.Do(fsmtest.Root, step)
	r.lab.Do(fsmtest.Root, step.Command())
}

// TestPlans makes plans, lets other things happen, holds the plan against the
// present, lets more happen, and has it done. Then every token that was planned is
// dead, and no other died of it; or the plan is refused and nobody died.
func TestPlans(t *testing.T) {
	tally := make(map[string]int)
	for seed := range seeds(t) / 2 {
		r := newRun(t, 2000+seed)
		for range 100 {
			r.entry()
			r.entry()
			tally[r.plan()]++
		}
	}
	for outcome, least := range map[string]int{"done": 300, "changed": 30, "orphaned": 5, "moved": 5} {
		if tally[outcome] < least && !testing.Short() && !raced {
			t.Errorf("%q came out %d times, want %d: %v", outcome, tally[outcome], least, tally)
		}
	}
}

// plan is one plan's life. It returns how it ended.
func (r *run) plan() string {
	c := r.target()
	s := r.lab.State()
	root := actor(r.T, s)
	planned, refused := r.does(r.twin(s), c)
	impact, err := s.Foresee(root, c)
	if (err == nil) != (refused == nil) {
		r.fail("%+v: foreseen %v, done %v", c, err, refused)
	}
	if err != nil {
		return "refused"
	}
	if impact.Tokens != len(planned) || impact.Cut {
		r.fail("%T %+v: foreseen %d, died %d", c, c, impact.Tokens, len(planned))
	}
	for range r.gen.IntN(10) {
		r.entry()
	}
	r.meddle()
	s = r.lab.State()
	p := &fsm.Planned{Epoch: impact.Epoch, Serial: impact.Serial, Tokens: uint64(impact.Tokens), Checked: s.Serial, Command: c}
	if _, err := s.Hold(actor(r.T, s), p); err != nil {
		return reasonName(err)
	}
	for range r.gen.IntN(4) {
		r.entry()
	}
	r.meddle()
	m := r.twin(r.lab.State())
	died, err := r.does(m, p)
	left := live(m.View())
	if err != nil {
		if len(died) != 0 {
			r.fail("%T: refused (%v), and yet %d died", c, err, len(died))
		}
		return reasonName(err)
	}
	for a := range died { // order: each stands alone
		if !planned[a] {
			r.fail("%T %+v: %s died and was not planned", c, c, a)
		}
	}
	for a := range planned { // order: each stands alone
		if left[a] {
			r.fail("%T %+v: %s was planned and lives", c, c, a)
		}
	}
	return "done"
}

func reasonName(err *fsm.Error) string {
	switch err.Reason {
	case fsm.PlanChanged, fsm.PlanLeaseMade:
		return "changed"
	case fsm.PlanMoved:
		return "moved"
	case fsm.PlanOrphaned:
		return "orphaned"
	}
	return fmt.Sprint(err.Reason)
}

func actor(t testing.TB, s *fsm.State) *fsm.Actor {
	a, err := s.Resolve(fsm.Caller{Token: fsmtest.Digest(fsmtest.Root)}, s.Clock)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// planFor is the plan for a command, checked right away.
func planFor(l *fsmtest.Lab, c fsm.Command) (*fsm.Planned, *fsm.Impact) {
	s := l.State()
	i, err := s.Foresee(actor(panicker{}, s), c)
	if err != nil {
		panic(err)
	}
	return &fsm.Planned{Epoch: i.Epoch, Serial: i.Serial, Checked: s.Serial, Command: c}, i
}

// panicker is for set-up that cannot fail.
type panicker struct{ testing.TB }

func (panicker) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func TestPlanOfAPrefixSparesWhatIsNewer(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r"}})
	l.Create("root", "old", fsmtest.ByRole("r"), fsmtest.TTL(hour))
	p, i := planFor(l, &fsm.PrefixRevoke{Prefix: "auth/token/create/r"})
	if i.Tokens != 1 {
		t.Fatalf("%d tokens", i.Tokens)
	}
	l.Create("root", "new", fsmtest.ByRole("r"), fsmtest.TTL(hour))
	l.Must("root", p)
	alive(t, l, "new", "old", "new")
	l.Clean(1)
	alive(t, l, "new", "old", "new")
	// An older plan does not bring back what a younger mark has ended.
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/r"})
	l.Must("root", p)
	alive(t, l, "", "old", "new")
}

func TestPlanRefusals(t *testing.T) {
	revoke := func() fsm.Command { return fsmtest.Revoke("p") }
	for _, tt := range []struct {
		name   string
		c      fsm.Command
		change func(l *fsmtest.Lab, p *fsm.Planned)
		code   fsm.Code
		want   fsm.Reason
	}{
		{"a child since", revoke(), func(l *fsmtest.Lab, _ *fsm.Planned) { l.Create("c", "x", fsmtest.TTL(hour)) }, fsm.Conflict, fsm.PlanChanged},
		{"a child of what a prefix reaches", &fsm.PrefixRevoke{Prefix: "auth/token/create-orphan"},
			func(l *fsmtest.Lab, _ *fsm.Planned) { l.Create("o", "x", fsmtest.TTL(hour)) }, fsm.Conflict, fsm.PlanChanged},
		{"a child orphaned since", revoke(), func(l *fsmtest.Lab, _ *fsm.Planned) {
			l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("c")})
		}, fsm.Recheck, fsm.PlanMoved},
		{"many tokens since", revoke(), func(l *fsmtest.Lab, _ *fsm.Planned) {
			for from := 0; from <= fsm.PlanLooks/2; from += 100 {
				var batch []*fsm.Envelope
				for i := range 100 {
					batch = append(batch, l.Envelope("root", fsmtest.Create(fmt.Sprint("x", from+i), fsmtest.TTL(hour))))
				}
				l.Entry(batch...)
			}
		}, fsm.Recheck, fsm.PlanMoved},
		{"of another epoch", revoke(), func(_ *fsmtest.Lab, p *fsm.Planned) { p.Epoch++ }, fsm.Invalid, fsm.PlanUnknown},
		{"of the future", revoke(), func(_ *fsmtest.Lab, p *fsm.Planned) { p.Checked = 1 << 60 }, fsm.Invalid, fsm.PlanUnknown},
		{"checked before it was made", revoke(), func(_ *fsmtest.Lab, p *fsm.Planned) { p.Checked = p.Serial - 1 }, fsm.Invalid, fsm.PlanUnknown},
		{"a token younger than the plan", revoke(), func(l *fsmtest.Lab, p *fsm.Planned) {
			c := fsmtest.Create("p", fsmtest.TTL(hour))
			c.ChosenID = true
			l.Must("root", fsmtest.Revoke("p"))
			l.Clean(10)
			l.Must("root", c)
		}, fsm.Conflict, fsm.PlanChanged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", func() fsm.Command { c := fsmtest.Create("p", fsmtest.TTL(hour)); c.ChosenID = true; return c }())
			l.Create("p", "c", fsmtest.TTL(hour))
			l.Create("c", "d", fsmtest.TTL(hour))
			l.Create("root", "o", orphan, fsmtest.TTL(hour))
			p, _ := planFor(l, tt.c)
			tt.change(l, p)
			before := live(l.State())
			if err := l.Refused("root", p, tt.want); err.Code != tt.code {
				t.Errorf("code %d, want %d", err.Code, tt.code)
			}
			if !maps.Equal(before, live(l.State())) {
				t.Error("somebody died of a plan that was refused")
			}
		})
	}
}

// A plan gives no right that the revocation itself needs.
func TestPlanRights(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "p", fsmtest.TTL(hour))
	l.Create("root", "plain", fsmtest.Policies("default"), fsmtest.TTL(hour))
	for _, c := range []fsm.Command{fsmtest.Revoke("p"), &fsm.PrefixRevoke{Prefix: "auth"}, &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("p")}} {
		p, _ := planFor(l, c)
		l.Refused("plain", p, fsm.PermissionDenied)
	}
}

func TestImpact(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "p", fsmtest.TTL(hour), fsmtest.Policies("web", "db"))
	for i := range 30 {
		l.Create("root", fmt.Sprint("s", i), fsmtest.TTL(hour), fsmtest.Policies(fmt.Sprintf("p%02d", i)))
	}
	l.Must("root", &fsm.CubbyholeSet{Path: "x", Value: []byte("sealed")})
	_, i := planFor(l, &fsm.PrefixRevoke{Prefix: "auth/token"})
	top, others := i.Policies.Top(2)
	if i.Tokens != 31 || fmt.Sprint(top) != "[{db 1} {p00 1}]" && fmt.Sprint(top) != "[{default 31} {db 1}]" {
		t.Errorf("%d tokens, policies %v and %d others", i.Tokens, top, others)
	}
	if top, others := i.Paths.Top(5); fmt.Sprint(top, others) != "[{auth/token/create 31}] 0" {
		t.Errorf("paths %v and %d others", top, others)
	}
	if _, i := planFor(l, &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("root")}); i.Tokens != 1 || i.Orphaned != 31 || i.Values != 1 {
		t.Errorf("%d tokens, %d orphaned, %d values", i.Tokens, i.Orphaned, i.Values)
	}
}

// A plan to disable an engine is held to at the index where it takes effect: it ends
// nothing that was made after it.
func TestPlanOfAnEngine(t *testing.T) {
	l := databases(t)
	l.Lease("app", "ro", "a")
	plan, impact := planFor(l, &fsm.SecretDisable{Path: "db"})
	if impact.Leases != 1 || impact.Tokens != 0 {
		t.Fatalf("foreseen %+v", impact)
	}
	l.Lease("app", "ro", "b")
	l.Refused("root", plan, fsm.PlanLeaseMade)
	wantPhase(t, l, "a", fsm.Live)
	l.Must("root", &fsm.LeaseRevoke{Lease: id("b")}) // which had ended: nothing would end with the plan but what was planned
	l.Must("root", plan)
	wantPhase(t, l, "a", fsm.Revoking)
	l.AddRole("ro", hour, hour)
	l.Refused("root", plan, fsm.PlanRemounted)
	comesBack(t, l)
}
