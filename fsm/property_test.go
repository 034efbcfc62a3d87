package fsm_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// TestAgainstModel runs random commands against the naive model: the verdicts
// have the same codes, and after every entry the same tokens live, with the same
// uses left and the same deadlines, swept or not.
func TestAgainstModel(t *testing.T) {
	for seed := range seeds(t) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := newRun(t, seed)
			for range 250 {
				r.entry()
				r.compare()
			}
			r.lab.Clean(1 + r.gen.Uint32N(20))
			r.compare()
			r.replay()
		})
	}
}

func seeds(t *testing.T) int {
	if testing.Short() || raced {
		return 10
	}
	return 60
}

// run drives a lab and a model with the same commands.
type run struct {
	*testing.T
	lab   *fsmtest.Lab
	model *fsmtest.Model
	gen   *fsmtest.Generator
	sent  []*fsm.Envelope // of late, for retries
	trace []string
	last  fsm.Instant
}

func newRun(t *testing.T, seed int) *run {
	r := &run{T: t, lab: fsmtest.New(t), model: fsmtest.NewModel()}
	r.gen = fsmtest.NewGenerator(uint64(seed), r.model)
	for _, p := range fsmtest.GeneratorPolicies() {
		r.lab.Must("root", p)
	}
	r.lab.AddGeneratorRole()
	r.lab.Must("", fsmtest.WaypointBootstrap(fsmtest.FirstLogin))
	for name, path := range map[string]string{"all": "", "made": "auth/token/create", "db": "db"} { // order: each stands alone
		r.lab.Must("root", leaseQuota(name, path, 1<<20)) // never full: counted, by CheckInvariants too
	}
	return r
}

// entry applies one entry of some commands, retries and cluster duties.
func (r *run) entry() {
	r.lab.At = r.lab.At.Add(r.gen.Pause())
	r.model.Clock = r.lab.At
	var batch []*fsm.Envelope
	want := make(map[int]fsm.Code)
	if r.model.Silence() {
		batch = append(batch, &fsm.Envelope{Command: &fsm.Expire{Limit: fsm.MaxSweepRecords}})
	}
	for range 1 + r.gen.IntN(4) {
		if n := len(r.sent); n > 0 && r.gen.IntN(8) == 0 {
			retry := *r.sent[n-1-r.gen.IntN(min(n, 3))]
			retry.Request.Low = 1 // it was sent before all that has been answered since
			batch = append(batch, &retry)
			continue
		}
		caller, step := r.gen.Next()
		r.show(step)
		env := r.lab.Envelope(caller, step.Command())
		env.Request.Low = max(1, env.Request.Low-min(env.Request.Low-1, 3))
		r.trace = append(r.trace, fmt.Sprintf("%d %s: %T%+v", r.lab.At-fsmtest.Start, caller, step, step))

		want[len(batch)] = r.model.Do(caller, step)
		batch = append(batch, env)
		r.sent = append(r.sent, env)
		if says(step) {
			break // what such a token says is known when the entry is applied
		}
	}
	if r.gen.IntN(3) == 0 {
		batch = append(batch, &fsm.Envelope{Command: &fsm.Sweep{Limit: 1 + r.gen.Uint32N(5)}})
	}
	if r.gen.IntN(6) == 0 {
		batch = append(batch, r.schedule())
	}
	if r.gen.IntN(5) == 0 {
		batch = append(batch, &fsm.Envelope{Command: r.settle()})
	}
	if r.gen.IntN(3) == 0 {
		batch = append(batch, &fsm.Envelope{Command: &fsm.Expire{Limit: 1 + r.gen.Uint32N(5)}})
	}
	outcomes := r.lab.Entry(batch...)
	for i, code := range want { // order: each stands alone
		var got fsm.Code
		if outcomes[i].Err != nil {
			got = outcomes[i].Err.Code
		}
		if got != code {
			r.fail("%s: %v (code %d), model says %d", fsm.Name(batch[i].Command), outcomes[i].Err, got, code)
		}
	}
}

// says is whether a step makes a token that says what it is.
func says(s fsmtest.Step) bool {
	switch s := s.(type) {
	case *fsmtest.CreateStep:
		return s.Batch
	case *fsmtest.LoginStep, *fsmtest.InviteStep, *fsmtest.ExchangeStep, *fsmtest.RunnerTokenStep, *fsmtest.RefreshStep:
		return true
	}
	return false
}

// show fills in what a step says of a token that the lab alone has.
func (r *run) show(step fsmtest.Step) {
	if x, ok := step.(*fsmtest.ExchangeStep); ok {
		if x.Shown = x.Unknown(); r.lab.Signed(x.Invite) != nil {
			x.Shown = *r.lab.Signed(x.Invite)
		}
	}
}

// settle says that some of what is to be revoked outside is gone, some not.
func (r *run) settle() *fsm.LeaseSettle {
	done := new(fsm.LeaseSettle)
	for _, id := range due(r.lab) {
		x, _ := r.lab.State().Lease(id)
		a := fsm.Attempt{Lease: id, Tries: x.Tries, Error: r.gen.Problem(), NextTry: r.lab.At}
		a.Waited = a.Error == "" && r.gen.IntN(4) == 0
		done.Attempts = append(done.Attempts, a)
	}
	return done
}

func (r *run) compare() {
	s := r.lab.State()
	if s.Clock < r.last {
		r.fail("the clock fell from %d to %d", r.last, s.Clock)
	}
	r.last = s.Clock
	for _, name := range r.model.Names() {
		k, live := r.lab.Live(name)
		if live != r.model.Live(name) {
			r.fail("%s lives: %v, model says %v", name, live, !live)
		}
		if !live {
			if _, found := s.LiveByAccessor(fsmtest.Accessor(name), s.Clock); found {
				r.fail("%s is dead and its accessor finds it", name)
			}
			continue
		}
		uses, deadline := r.model.Left(name)
		if r.model.IsSigned(name) && k.Deadline-deadline < 100 {
			deadline = max(k.Deadline, deadline) // made right after a mark, it is issued a little later
		}
		if k.UsesLeft != uses || k.Deadline != deadline {
			r.fail("%s has %d uses until %d, model says %d until %d", name, k.UsesLeft, k.Deadline, uses, deadline)
		}
		if got := fsm.CountCubbyhole(s, k.Digest); got != r.model.Box(name) {
			r.fail("%s has %d values, model says %d", name, got, r.model.Box(name))
		}
	}
	for _, name := range r.model.Leases() {
		x, there := s.Lease(fsmtest.LeaseID(fsmtest.GeneratorRole, name))
		if lives := there && s.LeasePhase(x, s.Clock) < fsm.Revoking; lives != r.model.LeaseLives(name) {
			r.fail("lease %s lives: %v, model says %v", name, lives, !lives)
		}
	}
	r.compareSigned(s)
	if err := fsm.CheckInvariants(s); err != nil {
		r.fail("%v", err)
	}
}

// compareSigned wants the same users, and the same runners in the same state.
func (r *run) compareSigned(s *fsm.State) {
	var people, runners []string
	s.SignedUsers(func(u *fsm.SignedUser) bool {
		people = append(people, fmt.Sprintf("%s %s %v", u.ID, u.Username, u.Policies))
		return true
	})
	if want := r.model.People(); !slices.Equal(people, want) {
		r.fail("users %q, model says %q", people, want)
	}
	s.Runners(func(x *fsm.Runner) bool {
		runners = append(runners, x.ID)
		if got := standing(r.lab, x.ID); slices.Contains(r.model.Runners(), x.ID) && got != r.model.Standing(x.ID) {
			r.fail("runner %s: %s, model says %s", x.ID, got, r.model.Standing(x.ID))
		}
		return true
	})
	if want := r.model.Runners(); !slices.Equal(runners, want) {
		r.fail("runners %q, model says %q", runners, want)
	}
}

// replay applies the log to a machine that takes a snapshot somewhere and goes
// on from what it reads back, and wants the very same bytes in the end.
func (r *run) replay() {
	at := r.gen.IntN(len(r.lab.Log))
	twin := fsm.NewMachine()
	for i, entry := range r.lab.Log {
		if i%3 == 0 {
			twin.Prepare(entry)
		}
		twin.Apply(uint64(i+1), entry)
		if i == at {
			s, err := fsm.ReadState(bytes.NewReader(stateBytes(r.T, twin.View())))
			if err != nil {
				r.fail("snapshot at %d: %v", i, err)
			}
			twin = fsm.NewMachine()
			twin.Restore(s, uint64(i+1))
		}
	}
	if twin.View().Hash() != r.lab.State().Hash() || !bytes.Equal(stateBytes(r.T, twin.View()), stateBytes(r.T, r.lab.State())) {
		r.fail("the log replayed with a snapshot at %d gives another state", at)
	}
}

func (r *run) fail(format string, args ...any) {
	r.Helper()
	for _, line := range r.trace[max(0, len(r.trace)-25):] {
		r.Log(line)
	}
	r.Fatalf(format, args...)
}

// TestGeneratorMeetsEverything keeps the property test honest: every kind of
// command is done, and refused in every way it can be, many times.
func TestGeneratorMeetsEverything(t *testing.T) {
	tally := make(map[string]int)
	for seed := range 100 {
		m := fsmtest.NewModel()
		g := fsmtest.NewGenerator(uint64(seed), m)
		for range 1000 {
			m.Clock = m.Clock.Add(g.Pause())
			m.Silence()
			caller, step := g.Next()
			kind := fmt.Sprintf("%T", step)
			if c, ok := step.(*fsmtest.CreateStep); ok && c.Batch {
				kind = "*fsmtest.BatchStep"
			}
			tally[fmt.Sprintf("%s %d", kind, m.Do(caller, step))]++
		}
	}
	for _, kind := range []string{"CreateStep 4", "CreateStep 1", "CutStep 1", "RenewStep 1", "BatchStep 1", "RetireStep 1", "RevokeStep 1", "BoxStep 1", "IssueStep 1",
		"LoginStep 2", "LoginStep 3", "LoginStep 10", "InviteStep 10", "ExchangeStep 0", "ExchangeStep 1", "ExchangeStep 4", "ExchangeStep 10",
		"RunnerTokenStep 1", "RefreshStep 1", "PersonStep 4", "PersonStep 3", "AdoptStep 3", "RegisterStep 0"} {
		if tally["*fsmtest."+kind] < 25 {
			t.Errorf("%s: %d times", kind, tally["*fsmtest."+kind])
		}
	}
	for _, kind := range []string{"Create", "Renew", "Use", "Revoke", "Cut", "Prefix", "Role", "Unrole", "Box", "Issue", "End", "Batch", "Deny", "Fence", "Rotate", "Retire",
		"Login", "Invite", "RunnerToken", "Refresh", "Person", "Drop", "Online", "Adopt", "Leave", "EndSigned"} {
		for _, code := range []fsm.Code{0, fsm.Denied} {
			if n := tally[fmt.Sprintf("*fsmtest.%sStep %d", kind, code)]; n < 40 {
				t.Errorf("%s with code %d: %d times", kind, code, n)
			}
		}
	}
	if t.Failed() {
		t.Log(tally)
	}
}
