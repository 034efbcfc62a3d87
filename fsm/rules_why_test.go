package fsm_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// What a token died of is the same before its sweep and after it: cause, who
// asked for it, when, and where a death from outside came from.
func TestWhy(t *testing.T) {
	acc := fsmtest.Accessor
	for _, tt := range []struct {
		name string
		end  func(*fsmtest.Lab)
		want map[string]string // token: cause, actor, what it came through
	}{
		{"revoked", func(l *fsmtest.Lab) { l.Must("admin", fsmtest.Revoke("a")) }, map[string]string{
			"a": "revoked, admin, ", "b": "ancestor died, admin, a", "c": "ancestor died, admin, a",
		}},
		{"revoked below before", func(l *fsmtest.Lab) {
			l.Must("root", fsmtest.Revoke("b"))
			l.Must("admin", fsmtest.Revoke("a"))
		}, map[string]string{
			"a": "revoked, admin, ", "b": "revoked, root, ", "c": "ancestor died, root, b",
		}},
		{"children orphaned", func(l *fsmtest.Lab) { l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("a")}) },
			map[string]string{"a": "revoked, children orphaned, root, ", "b": "alive", "c": "alive"}},
		{"expired", func(l *fsmtest.Lab) { l.Wait(hour) }, map[string]string{
			"a": "expired, , ", "b": "ancestor died, , a", "c": "ancestor died, , a",
		}},
		{"prefix", func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/r"}) }, map[string]string{
			"a": "revoked by prefix, root, auth/token/create/r", "b": "ancestor died, root, a", "c": "ancestor died, root, a",
		}},
		{"used up", func(l *fsmtest.Lab) { l.Must("once", fsmtest.LookupSelf()) }, map[string]string{
			"once": "used up, once, ", "a": "alive",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := fsmtest.New(t)
			l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r"}})
			l.Create("root", "admin", orphan, fsmtest.Policies("root"))
			l.Create("root", "a", fsmtest.ByRole("r"), fsmtest.TTL(hour))
			l.Create("a", "b", fsmtest.TTL(2*hour))
			l.Create("b", "c", fsmtest.TTL(2*hour))
			l.Create("root", "once", fsmtest.Policies("default"), fsmtest.Uses(1))
			names := map[string]string{"": "", "auth/token/create/r": "auth/token/create/r"}
			for _, n := range []string{"root", "admin", "a", "b", "c", "once"} {
				names[acc(n)] = n
			}
			tt.end(l)
			ended := l.At
			check := func(when string) {
				for name, want := range tt.want { // order: each stands alone
					k, stone := l.State().Why(acc(name), l.At)
					got := "alive"
					if stone != nil {
						got = fmt.Sprintf("%s, %s, %s", stone.Death.Cause, names[stone.Death.Actor], names[stone.Through])
						if stone.Accessor != acc(name) || stone.Path == "" || stone.Death.At != ended {
							t.Errorf("%s %s: tombstone %+v", name, when, stone)
						}
					}
					if got != want || stone == nil && k == nil {
						t.Errorf("%s %s: %q, want %q", name, when, got, want)
					}
				}
			}
			check("at once")
			l.Clean(1)
			check("when it is swept")
			again, err := fsm.ReadState(bytes.NewReader(stateBytes(t, l.State())))
			if err != nil {
				t.Fatal(err)
			}
			for name := range tt.want { // order: each stands alone
				if _, stone := again.Why(acc(name), l.At); (stone == nil) != (tt.want[name] == "alive") {
					t.Errorf("%s when it is read back: %v", name, stone)
				}
			}
		})
	}
}

func TestWhyOfNobody(t *testing.T) {
	l := fsmtest.New(t)
	for _, accessor := range []string{"", "short", fsmtest.Accessor("nobody"), long(500)} {
		if k, stone := l.State().Why(accessor, l.At); k != nil || stone != nil {
			t.Errorf("%q: %v %v", accessor, k, stone)
		}
	}
}

func TestAncestors(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "o", orphan, fsmtest.TTL(hour))
	for _, pair := range [][2]string{{"o", "a"}, {"a", "b"}, {"b", "c"}} {
		l.Create(pair[0], pair[1], fsmtest.TTL(hour))
	}
	above := func(name string) (accessors []string) {
		for _, k := range l.State().Ancestors(l.Token(name)) {
			accessors = append(accessors, k.Accessor())
		}
		return accessors
	}
	want := []string{fsmtest.Accessor("b"), fsmtest.Accessor("a"), fsmtest.Accessor("o")}
	if got := above("c"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("above c: %v, want %v", got, want)
	}
	l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("a")})
	if got := above("c"); fmt.Sprint(got) != fmt.Sprint(want[:1]) {
		t.Errorf("above c: %v, want b alone", got)
	}
}

// A forgotten death is forgotten under both names.
func TestTombstonesAreForgotten(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "first", fsmtest.TTL(hour))
	l.Must("root", fsmtest.Revoke("first"))
	l.Create("root", "top", fsmtest.TTL(hour))
	for from := 0; from < fsm.MaxTombstones; from += 1000 {
		var batch []*fsm.Envelope
		for i := range 1000 {
			batch = append(batch, l.Envelope("top", fsmtest.Create(fmt.Sprint("t", from+i), fsmtest.TTL(time.Minute))))
		}
		l.Entry(batch...)
	}
	if _, stone := l.State().Why(fsmtest.Accessor("first"), l.At); stone == nil {
		t.Fatal("forgotten too early")
	}
	l.Must("root", fsmtest.Revoke("top"))
	l.Clean(fsm.MaxSweepRecords)
	if _, stone := l.State().Why(fsmtest.Accessor("first"), l.At); stone != nil {
		t.Fatal("not forgotten")
	}
	if _, stone := l.State().Why(fsmtest.Accessor("top"), l.At); stone == nil {
		t.Fatal("the last one is forgotten")
	}
	if err := fsm.CheckInvariants(l.State()); err != nil {
		t.Fatal(err)
	}
}
