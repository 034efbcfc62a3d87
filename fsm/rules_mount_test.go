package fsm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func TestMountPaths(t *testing.T) {
	tests := []struct {
		name, path string
		refuse     fsm.Reason
	}{
		{"a word", "people", 0},
		{"with slashes", "corp/eu/people", 0},
		{"a second one beside another", "up2", 0},
		{"beyond ASCII", "людИ", 0},
		{"longest", strings.Repeat("m", fsm.MaxMountBytes), 0},
		{"in use", "up", fsm.MountPathUsed},
		{"below one in use", "up/here", fsm.MountPathUsed},
		{"above one in use", "deep", fsm.MountPathUsed},
		{"far below one in use", "deep/er/x/y", fsm.MountPathUsed},
		{"the token method's", "token", fsm.MountPathUsed},
		{"below the token method", "token/x", fsm.MountPathUsed},
		{"empty", "", fsm.MountPathBad},
		{"slash before", "/x", fsm.MountPathBad},
		{"slash behind", "x/", fsm.MountPathBad},
		{"empty segment", "x//y", fsm.MountPathBad},
		{"dots", "x/../y", fsm.MountPathBad},
		{"a glob", "x*", fsm.MountPathBad},
		{"a wildcard", "x/+/y", fsm.MountPathBad},
		{"a blank", "x y", fsm.MountPathBad},
		{"a control character", "x\x00", fsm.MountPathBad},
		{"no UTF-8", "x\xff", fsm.MountPathBad},
		{"too long", strings.Repeat("m", fsm.MaxMountBytes+1), fsm.OutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := people(t)
			l.Must("root", enable("deep/er"))
			if len(tt.path) > fsm.MaxMountBytes { // no such command can be encoded
				if err := enable(tt.path).Validate(); err.(*fsm.Error).Reason != tt.refuse {
					t.Fatal(err)
				}
				return
			}
			if tt.refuse != 0 {
				l.Refused("root", enable(tt.path), tt.refuse)
				return
			}
			l.Must("root", enable(tt.path))
			if m, rest, ok := l.State().AuthMountOf("auth/" + tt.path + "/login/x"); !ok || m.Path != tt.path || rest != "login/x" {
				t.Fatalf("found %v %q %v", m, rest, ok)
			}
		})
	}
}

func TestMountKinds(t *testing.T) {
	l := people(t)
	l.Refused("root", enable("x", func(e *fsm.AuthEnable) { e.Type = "" }), fsm.MountTypeMissing)
	l.Refused("root", enable("x", func(e *fsm.AuthEnable) { e.Type = "ldap" }), fsm.MountTypeUnknown)
	l.Refused("root", enable("x", func(e *fsm.AuthEnable) { e.Type = fsm.MountToken }), fsm.TokenMountSingle)
	l.Refused("root", &fsm.AuthDisable{Path: "token"}, fsm.TokenMountFixed)
	l.Must("root", enable("zoo"))
	var paths []string
	for _, m := range l.State().AuthMounts() {
		paths = append(paths, m.Path)
	}
	if want := []string{"token", "up", "zoo"}; !slices.Equal(paths, want) {
		t.Fatalf("mounts %q, want %q", paths, want)
	}
}

// A mount needs sudo besides update, on the mount's own path.
func TestMountRights(t *testing.T) {
	l := people(t)
	l.Must("root", fsmtest.Policy("plain", fsmtest.Allow("*", policy.Create|policy.Read|policy.Update|policy.Delete|policy.List)))
	l.Must("root", fsmtest.Policy("mounts", fsmtest.Allow("sys/auth/corp*", policy.Update|policy.Delete|policy.Sudo)))
	l.Create("root", "plain", fsmtest.Policies("plain"), fsmtest.TTL(hour))
	l.Create("root", "mounts", fsmtest.Policies("mounts"), fsmtest.TTL(hour))
	for _, c := range []fsm.Command{enable("corp"), &fsm.AuthTune{Path: "up"}, &fsm.AuthTune{Path: "up", Endpoint: fsm.TuneMounts}, &fsm.AuthDisable{Path: "up"}} {
		l.Refused("plain", c, fsm.PermissionDenied)
	}
	l.Refused("mounts", enable("other"), fsm.PermissionDenied)
	l.Must("mounts", enable("corp"))
	l.Must("mounts", &fsm.AuthTune{Path: "corp"})
	l.Must("mounts", &fsm.AuthDisable{Path: "corp"})
}

func TestDisableEndsAllInOneEntry(t *testing.T) {
	l := people(t)
	l.Must("root", enable("up-2"))
	l.Must("root", user("up-2", "alice", fsm.TokenParams{}, 0))
	for i := range 10 {
		l.Must("root", user("up", fmt.Sprint("u", i), fsm.TokenParams{}, 0))
	}
	l.Must("root", fsmtest.Policy("dev", fsmtest.Allow("auth/token/create", policy.Update)))
	l.Must("", login(l, "up", "alice", "hers"))
	l.Must("", login(l, "up-2", "alice", "other"))
	l.Create("hers", "child", fsmtest.TTL(time.Minute))
	l.Must("", blame(l, "up", "u3"))

	l.Must("root", &fsm.AuthDisable{Path: "up"})
	if l.Alive("hers") || l.Alive("child") {
		t.Fatal("a token outlived its mount")
	}
	if !l.Alive("other") {
		t.Fatal("a token of a mount with a like name died")
	}
	if _, err := l.Do("", login(l, "up", "alice", "late")); err == nil || err.Code != fsm.NotFound {
		t.Fatalf("login at what is gone: %v", err)
	}
	l.Must("root", enable("up"))
	m, _ := l.State().AuthMount("up")
	if names := l.State().UserNames(m); len(names) != 0 {
		t.Fatalf("the new mount has users %q", names)
	}
	l.Must("root", user("up", "alice", fsm.TokenParams{}, 0))
	l.Must("", login(l, "up", "alice", "new"))
	l.Clean(2)
	if !l.Alive("new") || l.Alive("hers") {
		t.Fatal("the sweep made a difference to who lives")
	}
	if n, locked := fsm.CountUsers(l.State()), fsm.CountLockouts(l.State()); n != 2 || locked != 0 {
		t.Fatalf("%d users and %d lockouts are left, want 2 and 0", n, locked)
	}
	l.Must("root", &fsm.AuthDisable{Path: "nothing/here"}) // as in Vault
	comesBack(t, l)
}

func TestTune(t *testing.T) {
	l := people(t)
	tune := func(path string, given fsm.MountFields, cfg fsm.MountConfig) *fsm.AuthTune {
		return &fsm.AuthTune{Path: path, Given: given, Config: cfg}
	}
	const ttls = fsm.GivenDefaultTTL | fsm.GivenMaxTTL
	l.Must("root", tune("up", ttls, fsm.MountConfig{DefaultTTL: 10 * time.Minute, MaxTTL: 30*time.Minute + time.Millisecond}))
	l.Refused("root", tune("up", fsm.GivenMaxTTL, fsm.MountConfig{MaxTTL: time.Minute}), fsm.DefaultAboveMax)
	l.Refused("root", tune("up", fsm.GivenDefaultTTL, fsm.MountConfig{DefaultTTL: time.Hour}), fsm.DefaultAboveMax)
	l.Refused("root", tune("token", fsm.GivenDefaultTTL, fsm.MountConfig{DefaultTTL: 769 * time.Hour}), fsm.DefaultAboveMax)
	l.Refused("root", tune("token", fsm.GivenMountTokenType, fsm.MountConfig{TokenType: fsm.TypeService}), fsm.TokenMountSetting)
	l.Refused("root", tune("none", ttls, fsm.MountConfig{}), fsm.NothingMounted)

	if got := l.Must("", login(l, "up", "alice", "a")).(*fsm.TokenCreated).TTL; got != 10*time.Minute {
		t.Fatalf("login gives %s, want the mount's default", got)
	}
	renewed := l.Must("root", fsmtest.Renew("a", time.Hour)).(*fsm.TokenRenewed)
	if renewed.TTL != 30*time.Minute || len(renewed.Warnings) != 1 {
		t.Fatalf("renewed for %s, warnings %v: want the mount's maximum and a warning", renewed.TTL, renewed.Warnings)
	}
	l.Must("root", tune("up", ttls, fsm.MountConfig{DefaultTTL: time.Minute, MaxTTL: 5 * time.Minute}))
	if got := l.Must("root", fsmtest.Renew("a", time.Hour)).(*fsm.TokenRenewed).TTL; got != 5*time.Minute {
		t.Fatalf("renewed for %s, want the mount's present maximum", got)
	}

	accessor := l.State().AuthMounts()[0].Accessor
	l.Must("root", &fsm.AuthTune{Path: "token", Given: ttls | fsm.GivenDescription, Description: "mine",
		Config: fsm.MountConfig{DefaultTTL: time.Hour, MaxTTL: 2 * time.Hour}})
	if got := l.Create("root", "c", fsmtest.Policies("x")).TTL; got != time.Hour {
		t.Fatalf("create gives %s, want the token mount's default", got)
	}
	if got := l.Create("root", "d", fsmtest.Policies("x"), fsmtest.TTL(9*time.Hour)).TTL; got != 2*time.Hour {
		t.Fatalf("create gives %s, want the token mount's maximum", got)
	}
	l.Must("root", tune("token", fsm.GivenMaxTTL, fsm.MountConfig{MaxTTL: 3 * time.Hour}))
	if got := l.Must("root", fsmtest.Renew("d", 9*time.Hour)).(*fsm.TokenRenewed).TTL; got != 3*time.Hour {
		t.Fatalf("renewed for %s, want the token mount's present maximum", got)
	}
	m := l.State().AuthMounts()[0]
	if m.Accessor != accessor || m.Description != "mine" || m.Config.DefaultTTL != time.Hour {
		t.Fatalf("tuning left %+v", m)
	}
	l.Refused("root", enable("token/x"), fsm.MountPathUsed)
	comesBack(t, l)
}
