package fsm_test

import (
	"math"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// foreign is a login of the default user that a key has signed elsewhere.
func foreign(key string, issued, until fsm.Instant) fsm.SignedToken {
	return fsm.SignedToken{KeyID: key, Kind: fsm.SignedLogin, User: fsm.DefaultSignedUser, Issued: issued, ValidUntil: until}
}

// A token is good in all of the last instant that it names. A time of nothing is 1970.
func TestSignedExpiry(t *testing.T) {
	l := waypoint(t)
	l.Must("carol", fsmtest.Login("x", fsmtest.Term(time.Minute)))
	k := l.Token("x")
	if k.TTL != time.Minute || k.Deadline != l.At.Add(time.Minute+1) || k.CreatedAt != l.At {
		t.Fatalf("%+v", k)
	}
	l.Wait(time.Minute)
	l.Must("x", fsmtest.LookupSelf())
	c := l.Caller("x")
	if end := c.End(); end != l.At+1 {
		t.Errorf("ends at %d", end)
	}
	l.Wait(1)
	err := l.Refused("x", fsmtest.LookupSelf(), fsm.SignedExpired)
	if err.Code != fsm.Unauthenticated || err.Error() != "the token has expired: it was valid until 2023-11-14T22:14:20Z" {
		t.Errorf("%v, code %d", err, err.Code)
	}
	l.Show("1970", foreign("w1", l.At, 0))
	l.Refused("1970", fsmtest.LookupSelf(), fsm.SignedExpired)
}

// The times of a foreign token can be any. None may overflow into a right, or break
// anything.
func TestSignedTimesOfOthers(t *testing.T) {
	at := fsmtest.Start
	for _, tt := range []struct {
		issued, until fsm.Instant
		alive         bool
		refreshed     time.Duration // term of another like it; 0: no end, -1: there is none
	}{
		{at, fsm.Never, true, 0},
		{0, fsm.Never, true, 0},
		{math.MinInt64, fsm.Never, true, 0},
		{fsm.Never, fsm.Never, true, 0},
		{at - 1, at.Add(time.Hour), true, time.Hour + 1},
		{at.Add(time.Hour), at.Add(3 * time.Hour), true, 2 * time.Hour}, // a clock that was ahead
		{1, at.Add(time.Hour), true, fsm.MaxTTL},
		{at, fsm.Never - 1, true, fsm.MaxTTL},
		{1, fsm.Never - 1, true, fsm.MaxTTL},
		{0, at.Add(time.Hour), true, -1},
		{-1, at.Add(time.Hour), true, -1},
		{math.MinInt64, at.Add(time.Hour), true, -1},
		{math.MinInt64, fsm.Never - 1, true, -1},
		{fsm.Never, at.Add(time.Hour), true, -1},
		{at.Add(time.Hour), at.Add(time.Hour), true, -1},
		{at, at, true, -1},
		{at, at - 1, false, 0},
		{at, 0, false, 0},
		{at, math.MinInt64, false, 0},
		{math.MaxInt64, math.MinInt64, false, 0},
		{math.MinInt64, math.MinInt64, false, 0},
	} {
		l := waypoint(t)
		l.Show("x", foreign("w1", tt.issued, tt.until))
		if l.Alive("x") != tt.alive {
			t.Errorf("%d to %d: alive %v", tt.issued, tt.until, !tt.alive)
		}
		if !tt.alive {
			l.Refused("x", fsmtest.LookupSelf(), fsm.SignedExpired)
			continue
		}
		if k := l.Token("x"); k.TTL < 0 {
			t.Errorf("%d to %d: ttl %d", tt.issued, tt.until, k.TTL)
		}
		refresh := &fsm.SignedRefresh{Accessor: fsmtest.Accessor("y")}
		if tt.refreshed < 0 {
			l.Refused("x", refresh, fsm.SignedTermUnknown)
			continue
		}
		made, end := l.Must("x", refresh).(*fsm.SignedMade).Token, fsm.Never
		if tt.refreshed > 0 {
			end = l.At.Add(tt.refreshed)
		}
		if made.Issued != l.At || made.ValidUntil != end {
			t.Errorf("%d to %d: refreshed %d to %d", tt.issued, tt.until, made.Issued, made.ValidUntil)
		}
		l.Must("x", &fsm.TokenRevoke{})
		alive(t, l, "y", "x", "y")
	}
}

func TestUnknownAndRetiredKeys(t *testing.T) {
	l := waypoint(t)
	l.Show("x", foreign("w0", l.At, fsm.Never))
	if err := l.Refused("x", fsmtest.LookupSelf(), fsm.SignedKeyUnknown); err.Code != fsm.Unauthenticated {
		t.Errorf("code %d", err.Code)
	}
	l.Show("batch", foreign("b1", l.At, fsm.Never)) // a key, but of another purpose
	l.Refused("batch", fsmtest.LookupSelf(), fsm.SignedKeyUnknown)
	l.Refused("root", &fsm.KeyRetire{ID: "w1"}, fsm.KeyInUse)
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w2")}})
	l.Must("root", &fsm.KeyRetire{ID: "w1"})
	l.Must("root", &fsm.KeyRetire{ID: "W1"}) // once more changes nothing
	if err := l.Refused("carol", fsmtest.LookupSelf(), fsm.SignedKeyRetired); err.Code != fsm.Unauthenticated {
		t.Errorf("code %d", err.Code)
	}
	l.Refused("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}}, fsm.DataKeyExists)
	upper := &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("W3")}}
	if err, ok := upper.Validate().(*fsm.Error); !ok || err.Reason != fsm.OutOfRange {
		t.Errorf("an id that no token can name: %v", err)
	}
}

// A retired key goes when the last token that it can have signed has expired.
func TestRetiredSigningKeyGoes(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}})
	l.Must("root", fsmtest.NewUser("carol"))
	l.Must("root", fsmtest.Login("x", fsmtest.For(fsmtest.ByName("carol")), fsmtest.Term(min5)))
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w2")}})
	l.Must("root", &fsm.KeyRetire{ID: "w1"})
	l.Wait(min5)
	l.Clean(10)
	l.Refused("x", fsmtest.LookupSelf(), fsm.SignedKeyRetired)
	l.Wait(1)
	l.Clean(10)
	l.Refused("x", fsmtest.LookupSelf(), fsm.SignedKeyUnknown)
	l.Must("root", fsmtest.RunnerToken("r", "", 0)) // for ever
	l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w3")}})
	l.Must("root", &fsm.KeyRetire{ID: "w2"})
	l.Clean(10)
	l.Refused("r", fsmtest.LookupSelf(), fsm.SignedKeyRetired)
}

func keyImport(key, fresh string) *fsm.SignedKeyImport {
	return &fsm.SignedKeyImport{Key: fsmtest.SigningKey(key), Fresh: fsmtest.SigningKey(fresh), Cookie: fsmtest.Cookie()}
}

// An imported key verifies and never signs, whichever came first.
func TestImportedKeys(t *testing.T) {
	for _, tt := range []struct {
		rule   string
		do     []fsm.Command
		signs  string
		number int
	}{
		{"into nothing", []fsm.Command{keyImport("k1", "f1")}, "f1", 2},
		{"beside our own", []fsm.Command{&fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}}, keyImport("k1", "f1")}, "w1", 2},
		{"two", []fsm.Command{keyImport("k1", "f1"), keyImport("k2", "f2")}, "f1", 3},
		{"and then a new one of ours", []fsm.Command{keyImport("k1", "f1"), &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}}}, "w1", 3},
		{"and our older one retired", []fsm.Command{keyImport("k1", "f1"), &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}},
			keyImport("k2", "f2"), &fsm.KeyRetire{ID: "f1"}}, "w1", 4},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := fsmtest.New(t)
			user := fsmtest.NewUser("waypoint")
			user.New.ID = fsm.DefaultSignedUser
			l.Must("root", user)
			for _, c := range tt.do {
				l.Must("root", c)
			}
			if n := len(l.State().DataKeys(fsm.KeyWaypoint)); n != tt.number || l.State().SignedUntil != fsm.Never {
				t.Errorf("%d keys, tokens until %d", n, l.State().SignedUntil)
			}
			l.Show("old", foreign("k1", 0, fsm.Never))
			l.Must("old", fsmtest.Login("new"))
			if got := l.Signed("new").KeyID; got != tt.signs {
				t.Errorf("signed with %s, want %s", got, tt.signs)
			}
			l.Must("old", &fsm.SignedRefresh{Accessor: fsmtest.Accessor("again")})
			l.Must("root", &fsm.KeyRetire{ID: "k1"}) // though it may be the newest
			alive(t, l, "newagain", "old", "new", "again")
			if err := fsm.CheckInvariants(l.State()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestKeyImportRefused(t *testing.T) {
	l := waypoint(t)
	l.Refused("root", keyImport("w1", "f1"), fsm.DataKeyExists)
	l.Refused("carol", keyImport("k1", "f1"), fsm.PermissionDenied)
	for what, c := range map[string]*fsm.SignedKeyImport{ // order: each stands alone
		"upper case":          keyImport("K1", "f1"),
		"upper case of fresh": keyImport("k1", "F1"),
		"the same id":         keyImport("k1", "k1"),
		"no id":               keyImport("", "f1"),
		"no cookie":           {Key: fsmtest.SigningKey("k1"), Fresh: fsmtest.SigningKey("f1")},
		"another purpose":     {Key: newKey(fsm.KeyBatch, "k1"), Fresh: fsmtest.SigningKey("f1"), Cookie: fsmtest.Cookie()},
	} {
		if err, ok := c.Validate().(*fsm.Error); !ok || err.Reason != fsm.OutOfRange {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A fresh key is made or none is: a clash of its id leaves nothing behind.
	empty := fsmtest.New(t)
	empty.Must("root", keyImport("k1", "f1"))
	empty.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{fsmtest.SigningKey("w1")}})
	empty.Must("root", keyImport("k2", "f1")) // not asked for
	if n := len(empty.State().DataKeys(fsm.KeyWaypoint)); n != 4 {
		t.Errorf("%d keys", n)
	}
}
