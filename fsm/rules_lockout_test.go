package fsm_test

import (
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

// guess has so many wrong passwords tried for alice.
func guess(l *fsmtest.Lab, times int) {
	for range times {
		l.Must("", blame(l, "up", "alice"))
	}
}

func locked(l *fsmtest.Lab) bool {
	m, _ := l.State().AuthMount("up")
	u, _ := l.State().User(m, "alice")
	return l.State().LockedOut(m, u, l.At)
}

func TestLockout(t *testing.T) {
	lockout := func(c fsm.LockoutConfig, given fsm.MountFields) *fsm.AuthTune {
		return &fsm.AuthTune{Path: "up", Given: given, Config: fsm.MountConfig{Lockout: c}}
	}
	tests := []struct {
		name string
		do   func(l *fsmtest.Lab)
		want bool
	}{
		{"four failures", func(l *fsmtest.Lab) { guess(l, 4) }, false},
		{"five failures", func(l *fsmtest.Lab) { guess(l, 5) }, true},
		{"almost a quarter of an hour later", func(l *fsmtest.Lab) { guess(l, 5); l.Wait(15*time.Minute - 1) }, true},
		{"a quarter of an hour later", func(l *fsmtest.Lab) { guess(l, 5); l.Wait(15 * time.Minute) }, false},
		{"more failures do not prolong it", func(l *fsmtest.Lab) { guess(l, 5); l.Wait(10 * time.Minute); guess(l, 3); l.Wait(5 * time.Minute) }, false},
		{"afterwards counting begins anew", func(l *fsmtest.Lab) { guess(l, 5); l.Wait(15 * time.Minute); guess(l, 4) }, false},
		{"and locks again", func(l *fsmtest.Lab) { guess(l, 5); l.Wait(15 * time.Minute); guess(l, 5) }, true},
		{"failures far apart", func(l *fsmtest.Lab) { guess(l, 4); l.Wait(15 * time.Minute); guess(l, 4) }, false},
		{"failures not quite so far apart", func(l *fsmtest.Lab) { guess(l, 4); l.Wait(15*time.Minute - 1); guess(l, 1) }, true},
		{"a login between", func(l *fsmtest.Lab) { guess(l, 4); l.Must("", login(l, "up", "alice", "t")); guess(l, 4) }, false},
		{"a new password forgives", func(l *fsmtest.Lab) { guess(l, 5); l.Must("root", user("up", "alice", fsm.TokenParams{}, 0)) }, false},
		{"new policies do not", func(l *fsmtest.Lab) {
			guess(l, 5)
			l.Must("root", &fsm.UserSet{Endpoint: fsm.UserPolicies, Mount: "up", Name: "alice", Given: fsm.GivenTokenPolicies})
		}, true},
		{"failures of the password before", func(l *fsmtest.Lab) {
			stale := blame(l, "up", "alice")
			l.Must("root", user("up", "alice", fsm.TokenParams{}, 0))
			for range 5 {
				l.Must("", stale)
			}
		}, false},
		{"a mount's own threshold", func(l *fsmtest.Lab) {
			l.Must("root", lockout(fsm.LockoutConfig{Threshold: 2}, fsm.GivenLockoutThreshold))
			guess(l, 2)
		}, true},
		{"a mount's own duration", func(l *fsmtest.Lab) {
			l.Must("root", lockout(fsm.LockoutConfig{Duration: time.Minute}, fsm.GivenLockoutDuration))
			guess(l, 5)
			l.Wait(time.Minute)
		}, false},
		{"turned off", func(l *fsmtest.Lab) {
			l.Must("root", lockout(fsm.LockoutConfig{Off: true}, fsm.GivenLockoutOff))
			guess(l, 9)
		}, false},
		{"turned off afterwards", func(l *fsmtest.Lab) {
			guess(l, 5)
			l.Must("root", lockout(fsm.LockoutConfig{Off: true}, fsm.GivenLockoutOff))
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := people(t)
			tt.do(l)
			if got := locked(l); got != tt.want {
				t.Fatalf("locked out: %v", got)
			}
			if tt.want {
				l.Refused("", login(l, "up", "alice", "new"), fsm.PermissionDenied)
			} else {
				l.Must("", login(l, "up", "alice", "new"))
			}
			comesBack(t, l)
		})
	}
}

func TestLockoutsAreForgotten(t *testing.T) {
	l := people(t)
	guess(l, 2)
	if next := l.State().NextExpiry(); next != l.At.Add(15*time.Minute) {
		t.Fatalf("next expiry in %s", next.Sub(l.At))
	}
	l.Wait(15 * time.Minute)
	l.Clean(1)
	if n := fsm.CountLockouts(l.State()); n != 0 {
		t.Fatalf("%d lockouts are left", n)
	}
	guess(l, 5)
	l.Must("root", &fsm.UserDelete{Mount: "up", Name: "alice"})
	if n := fsm.CountLockouts(l.State()); n != 0 {
		t.Fatalf("%d lockouts outlived their user", n)
	}
}
