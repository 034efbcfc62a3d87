package fsm_test

import (
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func autopilotSample() *fsm.AutopilotSet {
	return &fsm.AutopilotSet{Given: fsm.GivenMinQuorum<<1 - 1, Config: fsm.Autopilot{
		CleanupDead: true, DeadAfter: hour, LastContact: 5 * time.Second, Stabilization: time.Minute, TrailingLogs: 500, MinQuorum: 3,
	}}
}

func TestAutopilot(t *testing.T) {
	l := fsmtest.New(t)
	if a := l.State().Autopilot(); a.CleanupDead || a.DeadAfter != 24*hour || a.MinQuorum != 0 {
		t.Errorf("before anybody has set it: %+v", a)
	}
	l.Must("root", autopilotSample())
	l.Must("root", &fsm.AutopilotSet{Given: fsm.GivenTrailingLogs, Config: fsm.Autopilot{TrailingLogs: 7}})
	want := autopilotSample().Config
	want.TrailingLogs = 7
	if a := l.State().Autopilot(); a != want {
		t.Errorf("%+v, want %+v", a, want)
	}
	archive := l.Archive()
	l.Must("root", &fsm.AutopilotSet{Given: fsm.GivenTrailingLogs, Config: fsm.Autopilot{TrailingLogs: 8}})
	l.MustRestore("root", archive)
	if a := l.State().Autopilot(); a.TrailingLogs != 8 {
		t.Errorf("a restore has brought back %+v", a)
	}
	l.Must("root", fsmtest.Policy("read", fsmtest.Allow("sys/storage/raft/autopilot/configuration", policy.Read)))
	l.Create("root", "reader", fsmtest.TTL(hour), fsmtest.Policies("read"))
	l.Refused("reader", autopilotSample(), fsm.PermissionDenied)
	sound(t, l)
}

func TestAutopilotBounds(t *testing.T) {
	for name, set := range map[string]func(*fsm.AutopilotSet){ // order: each stands alone
		"dead too soon":         func(a *fsm.AutopilotSet) { a.Config.DeadAfter = fsm.MinDeadAfter - 1 },
		"dead never":            func(a *fsm.AutopilotSet) { a.Config.DeadAfter = fsm.MaxAutopilotTime + 1 },
		"no contact":            func(a *fsm.AutopilotSet) { a.Config.LastContact = 0 },
		"stable before":         func(a *fsm.AutopilotSet) { a.Config.Stabilization = -1 },
		"too far behind":        func(a *fsm.AutopilotSet) { a.Config.TrailingLogs = fsm.MaxTrailingLogs + 1 },
		"nothing left":          func(a *fsm.AutopilotSet) { a.Config.MinQuorum = 2 },
		"more than there are":   func(a *fsm.AutopilotSet) { a.Config.MinQuorum = fsm.MaxMinQuorum + 1 },
		"fields nobody knows":   func(a *fsm.AutopilotSet) { a.Given++ },
		"cleaning up by halves": func(a *fsm.AutopilotSet) { a.Given = fsm.GivenCleanupDead },
	} {
		t.Run(name, func(t *testing.T) {
			l, a := fsmtest.New(t), autopilotSample()
			set(a)
			l.Refused("root", a, fsm.OutOfRange)
			if l.State().Autopilot().CleanupDead {
				t.Error("it holds all the same")
			}
		})
	}
	l, a := fsmtest.New(t), autopilotSample()
	a.Config.DeadAfter, a.Config.TrailingLogs, a.Config.MinQuorum = fsm.MinDeadAfter, fsm.MaxTrailingLogs, fsm.MaxMinQuorum
	l.Must("root", a)
}
