package fsm_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// keyed is a new request that carries a client's key.
func keyed(l *fsmtest.Lab, caller, key, body string, c fsm.Command) *fsm.Envelope {
	env := l.Envelope(caller, c)
	env.Key = &fsm.IdempotencyKey{
		Key: fsmtest.Digest(caller + key), Request: fsmtest.Digest(body), Sealed: []byte("sealed " + body),
	}
	return env
}

func TestClientKey(t *testing.T) {
	t.Run("the same request is answered again, with the first one's secret", func(t *testing.T) {
		l := fsmtest.New(t)
		first := l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("a")))[0]
		retry := keyed(l, "root", "k", "body", fsmtest.Create("b")) // another secret was drawn
		retry.Key.Sealed = []byte("another")
		again := l.Entry(retry)[0]
		if first.Replayed || !again.Replayed || !bytes.Equal(again.Sealed, []byte("sealed body")) {
			t.Fatalf("%+v, then %+v", first, again)
		}
		if again.Result.(*fsm.TokenCreated).Accessor != fsmtest.Accessor("a") || l.Alive("b") {
			t.Fatal("the retry made another token")
		}
	})
	t.Run("a use is charged once", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Create("root", "t", fsmtest.Policies("default"), fsmtest.Uses(3))
		l.Entry(keyed(l, "t", "k", "body", fsmtest.LookupSelf()), keyed(l, "t", "k", "body", fsmtest.LookupSelf()))
		if got := uses(l, "t"); got != 2 {
			t.Fatalf("%d uses left", got)
		}
	})
	t.Run("another request is a conflict and changes nothing", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("a")))
		o := l.Entry(keyed(l, "root", "k", "other", fsmtest.Create("b")))[0]
		if o.Err == nil || o.Err.Code != fsm.Conflict || o.Err.Reason != fsm.KeyReused || l.Alive("b") {
			t.Fatalf("%+v", o)
		}
	})
	t.Run("a refusal is kept", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Entry(keyed(l, "root", "k", "body", fsmtest.Renew("a", 0)))
		l.Create("root", "a", fsmtest.TTL(hour))
		if o := l.Entry(keyed(l, "root", "k", "body", fsmtest.Renew("a", 0)))[0]; o.Err == nil || !o.Replayed {
			t.Fatalf("%+v", o)
		}
	})
	t.Run("answers its caller also after the caller's death", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Create("root", "t", fsmtest.TTL(hour))
		l.Entry(keyed(l, "t", "k", "body", &fsm.TokenRevoke{}))
		if o := l.Entry(keyed(l, "t", "k", "body", &fsm.TokenRevoke{}))[0]; o.Err != nil || !o.Replayed {
			t.Fatalf("%+v", o)
		}
	})
	t.Run("lapses exactly at the end of its window", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("a")))
		l.Wait(fsm.KeyWindow - 1)
		l.Clean(100)
		if o := l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("b")))[0]; !o.Replayed {
			t.Fatal("forgotten before its time")
		}
		l.Wait(1) // not swept
		if o := l.Entry(keyed(l, "root", "k", "other", fsmtest.Create("b")))[0]; o.Replayed || o.Err != nil {
			t.Fatalf("%+v after its time", o)
		}
		l.Wait(fsm.KeyWindow)
		l.Clean(1)
		if l.State().Remembers(fsmtest.Digest("root"), fsmtest.Digest("rootk")) {
			t.Fatal("remembered after its time")
		}
	})
	t.Run("a key for a caller that does not exist is not kept", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Entry(keyed(l, "ghost", "k", "body", fsmtest.Create("a", fsmtest.TTL(hour))))
		l.Create("root", "ghost", fsmtest.TTL(hour))
		if o := l.Entry(keyed(l, "ghost", "k", "body", fsmtest.Create("a", fsmtest.TTL(hour))))[0]; o.Replayed || o.Err != nil {
			t.Fatalf("%+v", o)
		}
	})
	t.Run("nor one of the cluster's own commands", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Entry(keyed(l, "", "k", "body", &fsm.Tick{}))
		if l.State().Remembers(fsm.Digest{}, fsmtest.Digest("k")) {
			t.Fatal("kept")
		}
	})
	t.Run("nor with a malformed command", func(t *testing.T) {
		l := fsmtest.New(t)
		l.Entry(keyed(l, "root", "k", "body", &fsm.TokenCreate{}))
		if l.State().Remembers(fsmtest.Digest("root"), fsmtest.Digest("rootk")) {
			t.Fatal("kept")
		}
	})
}

func TestClientKeyLimit(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "other", fsmtest.TTL(hour))
	for i := range fsm.MaxKeysPerCaller {
		if o := l.Entry(keyed(l, "root", fmt.Sprint(i), "body", fsmtest.Revoke("nobody")))[0]; o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	o := l.Entry(keyed(l, "root", "more", "body", fsmtest.Create("a")))[0]
	if o.Err == nil || o.Err.Code != fsm.Limit || o.Err.Reason != fsm.TooManyKeys || l.Alive("a") {
		t.Fatalf("%+v", o)
	}
	if o := l.Entry(keyed(l, "root", "0", "body", fsmtest.Revoke("nobody")))[0]; !o.Replayed {
		t.Fatal("a full table evicted a key")
	}
	if o := l.Entry(keyed(l, "other", "0", "body", fsmtest.Revoke("nobody")))[0]; o.Err != nil || o.Replayed {
		t.Fatal("another caller is bounded by the first one's keys")
	}
	l.Wait(fsm.KeyWindow)
	l.Clean(10)
	if o := l.Entry(keyed(l, "root", "more", "body", fsmtest.Create("a")))[0]; o.Err != nil {
		t.Fatal(o.Err)
	}
}
