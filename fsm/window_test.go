package fsm_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// raw applies envelopes in one entry and returns the encoded outcomes.
func raw(l *fsmtest.Lab, envelopes ...*fsm.Envelope) [][]byte {
	e := fsm.Entry{At: l.At}
	for _, env := range envelopes {
		e.Envelopes = append(e.Envelopes, env.Encode())
	}
	return l.Machine.Apply(l.State().Index()+1, e.Encode())
}

func request(session, seq, low uint64, caller string, c fsm.Command) *fsm.Envelope {
	return &fsm.Envelope{
		Request: fsm.RequestID{Session: session, Seq: seq, Low: low},
		Caller:  fsm.Caller{Token: fsmtest.Digest(caller)}, Command: c,
	}
}

func outcome(t *testing.T, c fsm.Command, reply []byte) fsm.Outcome {
	t.Helper()
	o, err := fsm.DecodeOutcome(c, reply)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func refusedAs(t *testing.T, env *fsm.Envelope, reply []byte, code fsm.Code, why fsm.Reason) {
	t.Helper()
	o := outcome(t, env.Command, reply)
	if o.Err == nil || o.Err.Code != code || o.Err.Reason != why {
		t.Fatalf("%+v %v, want code %d, reason %d", o.Result, o.Err, code, why)
	}
}

func TestRetryIsTheSameRequest(t *testing.T) {
	newLab := func(t *testing.T) *fsmtest.Lab {
		l := fsmtest.New(t)
		l.Cluster(&fsm.SessionOpen{Session: 5})
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(5))
		return l
	}
	t.Run("in a later entry", func(t *testing.T) {
		l := newLab(t)
		env := request(5, 1, 1, "t", fsmtest.LookupSelf())
		first, hash := raw(l, env)[0], l.State().Hash()
		again := raw(l, env)[0]
		if !bytes.Equal(first, again) || uses(l, "t") != 4 || l.State().Hash() != hash {
			t.Fatal("a retry changed something")
		}
	})
	t.Run("in the same entry", func(t *testing.T) {
		l := newLab(t)
		env := request(5, 1, 1, "t", fsmtest.LookupSelf())
		replies := raw(l, env, env, env)
		if !bytes.Equal(replies[0], replies[2]) || uses(l, "t") != 4 {
			t.Fatal("charged twice in one entry")
		}
	})
	t.Run("refusals are kept too", func(t *testing.T) {
		l := newLab(t)
		env := request(5, 1, 1, "t", fsmtest.Revoke("x"))
		refusedAs(t, env, raw(l, env)[0], fsm.Denied, fsm.PermissionDenied)
		l.Must("root", &fsm.PolicyDelete{Name: "nothing"})
		refusedAs(t, env, raw(l, env)[0], fsm.Denied, fsm.PermissionDenied)
		if uses(l, "t") != 4 {
			t.Fatal("charged twice")
		}
	})
	t.Run("a create is done once, and its retry is answered after its caller died", func(t *testing.T) {
		l := newLab(t)
		l.Create("root", "p", fsmtest.TTL(hour))
		env := request(5, 1, 1, "p", fsmtest.Create("c"))
		first := raw(l, env)[0]
		l.Must("root", fsmtest.Revoke("p"))
		if again := raw(l, env)[0]; !bytes.Equal(first, again) {
			t.Fatal("another answer")
		}
	})
	t.Run("a number that may have been forgotten is refused", func(t *testing.T) {
		l := newLab(t)
		raw(l, request(5, 1, 1, "t", fsmtest.LookupSelf()))
		raw(l, request(5, 2, 2, "t", fsmtest.LookupSelf()))
		env := request(5, 1, 1, "t", fsmtest.LookupSelf())
		refusedAs(t, env, raw(l, env)[0], fsm.NoSession, fsm.RequestForgotten)
		if uses(l, "t") != 3 {
			t.Fatal("charged for a forgotten number")
		}
	})
	t.Run("a gap may be filled while it is not below the lowest unanswered", func(t *testing.T) {
		l := newLab(t)
		raw(l, request(5, 9, 1, "t", fsmtest.LookupSelf()))
		raw(l, request(5, 3, 1, "t", fsmtest.LookupSelf()))
		if uses(l, "t") != 3 {
			t.Fatal("not both applied")
		}
	})
	t.Run("an unknown session is refused and charged nothing", func(t *testing.T) {
		l := newLab(t)
		env := request(6, 1, 1, "t", fsmtest.LookupSelf())
		refusedAs(t, env, raw(l, env)[0], fsm.NoSession, fsm.SessionUnknown)
		if uses(l, "t") != 5 {
			t.Fatal("charged")
		}
	})
	t.Run("a number too far ahead is refused", func(t *testing.T) {
		l := newLab(t)
		env := request(5, 1+fsm.MaxOutcomesSession, 1, "t", fsmtest.LookupSelf())
		refusedAs(t, env, raw(l, env)[0], fsm.Limit, fsm.CounterFull)
		env.Request.Seq--
		if o := outcome(t, env.Command, raw(l, env)[0]); o.Err != nil {
			t.Fatal(o.Err)
		}
	})
	t.Run("an entry made for another epoch is not looked at", func(t *testing.T) {
		l := newLab(t)
		env := request(5, 1, 1, "t", fsmtest.LookupSelf())
		e := fsm.Entry{Epoch: 1, At: l.At, Envelopes: [][]byte{env.Encode()}}
		reply := l.Machine.Apply(l.State().Index()+1, e.Encode())[0]
		refusedAs(t, env, reply, fsm.Recheck, fsm.EpochMoved)
		if uses(l, "t") != 5 {
			t.Fatal("charged")
		}
	})
}

func TestLastUseIsHeld(t *testing.T) {
	newLab := func(t *testing.T) *fsmtest.Lab {
		l := fsmtest.New(t)
		l.Cluster(&fsm.SessionOpen{Session: 5})
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(1))
		return l
	}
	held := func(l *fsmtest.Lab) bool { _, ok := l.State().Spent(fsmtest.Digest("t")); return ok }
	t.Run("until the window forgets", func(t *testing.T) {
		l := newLab(t)
		raw(l, request(5, 1, 1, "t", &fsm.CubbyholeSet{Path: "a", Value: []byte("x")}))
		if !held(l) || len(l.State().CubbyholeKeys(fsmtest.Digest("t"), "")) != 1 {
			t.Fatal("gone before its request was answered")
		}
		raw(l, request(5, 2, 1, "root", fsmtest.Revoke("nobody")))
		if !held(l) {
			t.Fatal("gone although its request may be retried")
		}
		raw(l, request(5, 3, 2, "root", fsmtest.Revoke("nobody")))
		if held(l) || len(l.State().CubbyholeKeys(fsmtest.Digest("t"), "")) != 0 {
			t.Fatal("there although its request was answered")
		}
		stone, ok := l.State().Tombstone(fsmtest.Digest("t"))
		if !ok || stone.Death.Cause != fsm.Exhausted {
			t.Fatalf("tombstone %+v", stone)
		}
	})
	t.Run("by a bounded number at a time", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Cluster(&fsm.SessionOpen{Session: 5})
		const spent = fsm.MaxForgotten*2 + 1
		for i := range uint64(spent) {
			name := fmt.Sprint("t", i)
			l.Create("root", name, fsmtest.Policies("default"), fsmtest.Uses(1))
			raw(l, request(5, i+1, 1, name, fsmtest.LookupSelf()))
		}
		left := func() (n int) {
			for i := range spent {
				if _, ok := l.State().Spent(fsmtest.Digest(fmt.Sprint("t", i))); ok {
					n++
				}
			}
			return n
		}
		for i, want := range []int{fsm.MaxForgotten + 1, 1, 0} {
			seq := uint64(spent + 1 + i)
			raw(l, request(5, seq, spent+1, "root", fsmtest.Revoke("nobody")))
			if got := left(); got != want {
				t.Fatalf("after command %d %d spent tokens are left, want %d", i, got, want)
			}
			if err := fsm.CheckInvariants(l.State()); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("not at all without a session", func(t *testing.T) {
		l := newLab(t)
		raw(l, &fsm.Envelope{Caller: fsm.Caller{Token: fsmtest.Digest("t")}, Command: fsmtest.LookupSelf()})
		if held(l) {
			t.Fatal("held by nothing")
		}
	})
	t.Run("until its session is closed as idle", func(t *testing.T) {
		l := newLab(t)
		raw(l, request(5, 1, 1, "t", fsmtest.LookupSelf()))
		l.Wait(fsm.SessionIdle)
		l.Clean(1)
		if held(l) {
			t.Fatal("held by a session that is gone")
		}
		if err := fsm.CheckInvariants(l.State()); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("gone earlier when it expires", func(t *testing.T) {
		l := newLab(t)
		raw(l, request(5, 1, 1, "t", fsmtest.LookupSelf()))
		l.Wait(fsm.MaxLeaseTTL)
		l.Clean(1)
		if held(l) {
			t.Fatal("held beyond its deadline")
		}
	})
}

func TestSessions(t *testing.T) {
	t.Run("opening twice is the same as once", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Cluster(&fsm.SessionOpen{Session: 5})
		raw(l, request(5, 7, 7, "root", fsmtest.Revoke("nobody")))
		l.Cluster(&fsm.SessionOpen{Session: 5})
		env := request(5, 6, 6, "root", fsmtest.Revoke("nobody"))
		refusedAs(t, env, raw(l, env)[0], fsm.NoSession, fsm.RequestForgotten)
	})
	t.Run("an idle one is closed after an hour and not before", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Cluster(&fsm.SessionOpen{Session: 5})
		env := request(5, 1, 1, "root", fsmtest.Revoke("nobody"))
		l.Wait(fsm.SessionIdle - time.Minute)
		l.Clean(100)
		if o := outcome(t, env.Command, raw(l, env)[0]); o.Err != nil {
			t.Fatal(o.Err)
		}
		l.Wait(fsm.SessionIdle)
		l.Clean(1)
		refusedAs(t, env, raw(l, env)[0], fsm.NoSession, fsm.SessionUnknown)
	})
	t.Run("there are not too many", func(t *testing.T) {
		l := fsmtest.New(t)
		for i := range uint64(fsm.MaxSessions - 1) {
			raw(l, &fsm.Envelope{Command: &fsm.SessionOpen{Session: 1000 + i}})
		}
		env := &fsm.Envelope{Command: &fsm.SessionOpen{Session: 1}}
		refusedAs(t, env, raw(l, env)[0], fsm.Limit, fsm.TooManySessions)
	})
}
