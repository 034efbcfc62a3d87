package fsm_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// stateBytes is the canonical stream of a state.
func stateBytes(t testing.TB, s *fsm.State) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := s.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("wrote %d of %d bytes: %v", n, b.Len(), err)
	}
	return b.Bytes()
}

func panics(t *testing.T, f func()) (said string) {
	t.Helper()
	defer func() {
		r := recover()
		if r == nil {
			t.Fatal("did not panic")
		}
		said = fmt.Sprint(r)
	}()
	f()
	return ""
}

func TestUndecodableEntryIsAFault(t *testing.T) {
	l := fsmtest.New(t)
	tick := &fsm.Envelope{Command: &fsm.Tick{}}
	unknown := tick.Encode()
	unknown[0] = 200
	good := (&fsm.Entry{At: l.At, Envelopes: [][]byte{tick.Encode()}}).Encode()
	tests := map[string][]byte{
		"empty":           {},
		"unknown kind":    (&fsm.Entry{At: l.At, Envelopes: [][]byte{tick.Encode(), unknown}}).Encode(),
		"unknown version": append([]byte{99}, good[1:]...),
		"cut short":       good[:len(good)-1],
		"trailing bytes":  append(bytes.Clone(good), 0),
	}
	for name, entry := range tests { // order: each stands alone
		t.Run(name, func(t *testing.T) {
			before := l.State()
			said := panics(t, func() { l.Machine.Apply(99, entry) })
			if !strings.HasPrefix(said, "fsm: entry after index") {
				t.Fatalf("said %q", said)
			}
			if l.State() != before {
				t.Fatal("the state moved")
			}
			l.Cluster(&fsm.Tick{}) // and the machine is not locked
		})
	}
}

func TestLevelAboveOursIsAFault(t *testing.T) {
	l := fsmtest.New(t)
	said := panics(t, func() { raw(l, &fsm.Envelope{Command: &fsm.LevelRaise{Level: fsm.KnownLevel + 1}}) })
	if !strings.Contains(said, "level") {
		t.Fatalf("said %q", said)
	}
	l.Cluster(&fsm.LevelRaise{Level: fsm.KnownLevel})
	env := &fsm.Envelope{Command: &fsm.LevelRaise{Level: fsm.KnownLevel}}
	refusedAs(t, env, raw(l, env)[0], fsm.Invalid, fsm.LevelLower)
}

func TestPrepare(t *testing.T) {
	entry := func(l *fsmtest.Lab, envelopes ...*fsm.Envelope) []byte {
		e := fsm.Entry{At: l.At}
		for _, env := range envelopes {
			e.Envelopes = append(e.Envelopes, env.Encode())
		}
		return e.Encode()
	}
	t.Run("what is applied next is the prepared draft", func(t *testing.T) {
		l, twin := fsmtest.New(t), fsmtest.New(t)
		e := entry(l, l.Envelope("root", fsmtest.Create("a")))
		before := l.State()
		if bad, cause := l.Machine.Prepare(e); bad != -1 || cause != nil {
			t.Fatal(bad, cause)
		}
		if l.State() != before || l.Alive("a") {
			t.Fatal("preparing published something")
		}
		got, want := l.Machine.Apply(3, e), twin.Machine.Apply(3, e)
		if !bytes.Equal(got[0], want[0]) || !bytes.Equal(stateBytes(t, l.State()), stateBytes(t, twin.State())) {
			t.Fatal("a prepared entry came to something else")
		}
		if l.State().Index() != 3 {
			t.Fatalf("index %d", l.State().Index())
		}
	})
	t.Run("another entry drops it", func(t *testing.T) {
		l, twin := fsmtest.New(t), fsmtest.New(t)
		l.Machine.Prepare(entry(l, l.Envelope("root", fsmtest.Create("a"))))
		other := entry(twin, twin.Envelope("root", fsmtest.Create("b")))
		l.Machine.Apply(3, other)
		twin.Machine.Apply(3, other)
		if l.Alive("a") || !l.Alive("b") || l.State().Hash() != twin.State().Hash() {
			t.Fatal("the prepared draft leaked")
		}
	})
	t.Run("names the command that panics", func(t *testing.T) {
		l := fsmtest.New(t)
		poison := &fsm.Envelope{Command: &fsm.LevelRaise{Level: fsm.KnownLevel + 1}}
		tick := &fsm.Envelope{Command: &fsm.Tick{}}
		for at := range 3 {
			batch := []*fsm.Envelope{tick, tick, tick}
			batch[at] = poison
			if bad, cause := l.Machine.Prepare(entry(l, batch...)); bad != at || cause == nil {
				t.Fatalf("blamed %d (%v), want %d", bad, cause, at)
			}
		}
		l.Cluster(&fsm.Tick{})
	})
}

func TestWatch(t *testing.T) {
	newLab := func(t *testing.T) *fsmtest.Lab {
		l := fsmtest.New(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(2))
		return l
	}
	left := func(t *testing.T, c chan fsm.Seen) uint32 {
		t.Helper()
		select {
		case seen := <-c:
			a, ok := seen.State.Spent(fsmtest.Digest("t"))
			if !ok {
				t.Fatal("no token in the draft")
			}
			return a.Token.UsesLeft
		default:
			t.Fatal("nothing seen")
			return 0
		}
	}
	for _, prepare := range []string{"not prepared", "watched before it was prepared", "watched after it was prepared"} {
		t.Run("sees the draft right after its command, "+prepare, func(t *testing.T) {
			l := newLab(t)
			first, second := l.Envelope("t", fsmtest.LookupSelf()), l.Envelope("t", fsmtest.LookupSelf())
			second.Request.Low = first.Request.Low
			e := (&fsm.Entry{At: l.At, Envelopes: [][]byte{first.Encode(), second.Encode(), first.Encode()}}).Encode()
			c := make(chan fsm.Seen, 1)
			if prepare == "watched after it was prepared" {
				l.Machine.Prepare(e)
			}
			l.Machine.Watch(first.Request, c)
			if prepare == "watched before it was prepared" {
				l.Machine.Prepare(e)
			}
			l.Machine.Apply(9, e)
			if got := left(t, c); got != 1 {
				t.Fatalf("saw %d uses left, want 1", got)
			}
			if l.Alive("t") {
				t.Fatal("the other use is lost")
			}
			l.Machine.Apply(10, e)
			if len(c) != 0 {
				t.Fatal("answered twice")
			}
		})
	}
	t.Run("not after Unwatch", func(t *testing.T) {
		l := newLab(t)
		env, c := l.Envelope("t", fsmtest.LookupSelf()), make(chan fsm.Seen, 1)
		l.Machine.Watch(env.Request, c)
		l.Machine.Unwatch(env.Request)
		l.Entry(env)
		if len(c) != 0 {
			t.Fatal("answered")
		}
	})
	t.Run("a watched command does not change what comes of the entry", func(t *testing.T) {
		l, twin := newLab(t), newLab(t)
		env := l.Envelope("t", fsmtest.LookupSelf())
		l.Machine.Watch(env.Request, make(chan fsm.Seen, 1))
		after := l.Envelope("root", fsmtest.Create("x"))
		l.Entry(env, after)
		twin.Entry(env, after)
		if !bytes.Equal(stateBytes(t, l.State()), stateBytes(t, twin.State())) {
			t.Fatal("differs")
		}
	})
}

func TestRefusalLeavesOnlyWindowAndCharge(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.TTL(hour), fsmtest.Uses(9))
	refused := []fsm.Command{
		fsmtest.Create("x"), fsmtest.Renew("nobody", 0), &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("nobody")},
		&fsm.PolicyDelete{Name: "default"},
		&fsm.RoleSet{Role: fsm.Role{Name: "r", TokenType: fsm.TypeBatch}, Given: fsm.GivenTokenType},
	}
	for _, c := range refused {
		spender, without := fsmtest.New(t), fsmtest.New(t)
		for _, l := range []*fsmtest.Lab{spender, without} {
			l.Create("root", "t", fsmtest.TTL(hour), fsmtest.Uses(9))
		}
		if _, err := spender.Do("t", c); err == nil {
			t.Fatalf("%s was done", fsm.Name(c))
		}
		without.Must("t", fsmtest.LookupSelf()) // charged, and nothing else
		got, want := fsm.WithoutOutcomes(spender.State()), fsm.WithoutOutcomes(without.State())
		if !bytes.Equal(stateBytes(t, got), stateBytes(t, want)) {
			t.Fatalf("%s left something behind", fsm.Name(c))
		}
		if err := fsm.CheckInvariants(spender.State()); err != nil {
			t.Fatal(err)
		}
	}
}

// What a refused command has written is gone, and what others of its entry have not, be
// they before or after it, in the nodes that it wrote or elsewhere.
func TestARefusedCommandLeavesNothingBehind(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "p", fsmtest.TTL(hour))
	l.Create("p", "c", fsmtest.TTL(hour), fsmtest.Uses(9))
	l.Create("p", "last", fsmtest.TTL(hour), fsmtest.Uses(1))
	l.Must("p", &fsm.CubbyholeSet{Path: "a", Value: []byte("x")})
	addBatch(l)
	addSigned(l)
	addStaging(l)
	before := stateBytes(t, l.State())

	created, used := l.Envelope("root", fsmtest.Create("new")), l.Envelope("c", fsmtest.LookupSelf())
	spent, keyed := l.Envelope("last", fsmtest.LookupSelf()), l.Envelope("root", fsmtest.Create("keyed"))
	keyed.Key = &fsm.IdempotencyKey{Key: fsmtest.Digest("key"), Request: fsmtest.Digest("request")}
	revoked, again := l.Envelope("root", fsmtest.Revoke("p")), l.Envelope("root", fsmtest.Create("again"))
	for _, e := range []*fsm.Envelope{used, again} {
		l.Machine.Watch(e.Request, make(chan fsm.Seen, 1))
	}
	entry := func(between fsm.Command) []*fsm.Envelope {
		b := &fsm.Envelope{Command: between}
		return []*fsm.Envelope{b, created, b, used, b, spent, keyed, b, b, revoked, b, again, b}
	}
	want, wanted, expected := fsm.ApplyDecoded(l.Machine, entry(new(fsm.Tick))...)
	got, replies, seen := fsm.ApplyDecoded(l.Machine, entry(fsm.Wreck())...)
	if !bytes.Equal(stateBytes(t, want), stateBytes(t, got)) || got.Hash() != want.Hash() {
		t.Error("another state than with commands that do nothing")
	}
	if err := fsm.CheckInvariants(got); err != nil {
		t.Error(err)
	}
	for i, e := range entry(nil) {
		if refused := e.Command == nil; bytes.Equal(replies[i], wanted[i]) == refused {
			t.Errorf("command %d, refused %t: reply %x, want %x", i, refused, replies[i], wanted[i])
		}
	}
	for _, e := range []*fsm.Envelope{used, again} {
		if !bytes.Equal(stateBytes(t, seen[e.Request.Seq].State), stateBytes(t, expected[e.Request.Seq].State)) {
			t.Errorf("who waits for %v sees something else", e.Request)
		}
	}
	if !bytes.Equal(before, stateBytes(t, l.State())) {
		t.Error("the published state changed")
	}
}

func TestPublishedStatesNeverChange(t *testing.T) {
	l := fsmtest.New(t)
	type frozen struct {
		state *fsm.State
		bytes []byte
	}
	var kept []frozen
	keep := func() { kept = append(kept, frozen{l.State(), stateBytes(t, l.State())}) }
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				s := l.Machine.View()
				s.Live(fsmtest.Digest("t3"), s.Clock)
				s.RoleNames()
				s.NextExpiry()
				s.Hash()
				s.LiveAccessors(s.Clock)
			}
		}()
	}
	for i := range 300 {
		name := fmt.Sprint("t", i%40)
		l.Do("root", fsmtest.Create(name, fsmtest.TTL(hour), fsmtest.Policies("default"), func(c *fsm.TokenCreate) { c.ChosenID = true }))
		l.Do(name, &fsm.CubbyholeSet{Path: "x", Value: []byte(name)})
		if i%3 == 0 {
			l.Do("root", fsmtest.Revoke(fmt.Sprint("t", (i*7)%40)))
			l.Clean(3)
		}
		if i%25 == 0 {
			keep()
		}
	}
	close(stop)
	readers.Wait()
	for i, k := range kept {
		if !bytes.Equal(k.bytes, stateBytes(t, k.state)) {
			t.Fatalf("state %d changed after it was published", i)
		}
	}
}

func TestBootstrapOnce(t *testing.T) {
	m := fsm.NewMachine()
	apply := func(env *fsm.Envelope) fsm.Outcome {
		e := fsm.Entry{At: fsmtest.Start, Envelopes: [][]byte{env.Encode()}}
		return outcome(t, env.Command, m.Apply(1, e.Encode())[0])
	}
	if o := apply(request(0, 0, 0, "root", fsmtest.LookupSelf())); o.Err == nil || o.Err.Code != fsm.Uninitialized {
		t.Fatalf("%+v before bootstrap", o)
	}
	boot := &fsm.Envelope{Command: fsmtest.Bootstrap()}
	if o := apply(boot); o.Err != nil {
		t.Fatal(o.Err)
	}
	if o := apply(boot); o.Err == nil || o.Err.Code != fsm.Exists {
		t.Fatalf("%+v at the second bootstrap", o)
	}
}

func TestClockNeverFalls(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.TTL(hour))
	l.Wait(2 * hour)
	l.At = l.At.Add(-90 * 60 * 1e9) // a new leader whose clock is behind
	l.Cluster(&fsm.Tick{})
	if l.State().Clock <= l.At {
		t.Fatal("the clock fell")
	}
	l.Refused("t", fsmtest.LookupSelf(), fsm.PermissionDenied)
}
