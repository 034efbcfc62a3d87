package fsm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

// change is what a request by Waypoint's path writes of a user.
func change(u fsm.UserRef, given fsm.SignedUserFields, to fsm.SignedUser) *fsm.SignedUserSet {
	return &fsm.SignedUserSet{User: u, Given: given, New: to}
}

func byAdmin(c *fsm.SignedUserSet) *fsm.SignedUserSet {
	c.Admin = true
	return c
}

func TestSignedUserNames(t *testing.T) {
	for _, name := range []string{"ab", "a_b", "a--b", "1a", "A9", long(38)} {
		l := waypoint(t)
		l.Must("root", fsmtest.NewUser(name))
	}
	for _, name := range []string{"", "a", "1", "-ab", "ab-", "_ab", "ab_", "a b", "a.b", "aé", "ab\n", long(39)} {
		c := fsmtest.NewUser("x1")
		c.New.Username = name
		if err, ok := c.Validate().(*fsm.Error); !ok || err.Reason != fsm.SignedNameBad {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestSignedUserSet(t *testing.T) {
	const name, display, email, policies = fsm.GivenUsername, fsm.GivenDisplay, fsm.GivenEmail, fsm.GivenUserPolicies
	whole := fsm.SignedUser{Username: "Caroline", Display: "C.", Email: "c@example.com", Policies: []string{"ops"}}
	for _, tt := range []struct {
		rule string
		by   string
		do   *fsm.SignedUserSet
		want string // name, display, email, policies of carol
	}{
		{"nothing", "dave", change(fsmtest.ByID("u-carol"), 0, whole), "carol   [web]"},
		{"name and display", "dave", change(fsmtest.ByID("u-carol"), name|display, whole), "Caroline C.  [web]"},
		{"an empty display clears it", "dave", change(fsmtest.ByID("U-Carol"), display, fsm.SignedUser{}), "carol   [web]"},
		{"the name in other letter case", "dave", change(fsmtest.ByName("CAROL"), name, fsm.SignedUser{Username: "Carol"}), "Carol   [web]"},
		{"oneself", "carol", change(fsm.UserRef{}, name, whole), "Caroline   [web]"},
		{"all of it", "root", byAdmin(change(fsm.UserRef{By: fsm.UserByAny, Text: "carol"}, name|display|email|policies, whole)), "Caroline C. c@example.com [ops]"},
		{"no policies", "root", byAdmin(change(fsmtest.ByName("carol"), policies, fsm.SignedUser{})), "carol   []"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := waypoint(t)
			stored := l.Must(tt.by, tt.do).(*fsm.SignedUserStored).User
			u, _ := l.State().SignedUserByID("u-carol")
			got := fmt.Sprintf("%s %s %s %s", u.Username, u.Display, u.Email, u.Policies)
			if got != tt.want || stored.ID != u.ID || stored.Username != u.Username {
				t.Errorf("%q, want %q; stored %+v", got, tt.want, stored)
			}
			for _, n := range []string{u.Username, strings.ToUpper(u.Username)} {
				if found, ok := l.State().SignedUser(fsmtest.ByName(n), nil); !ok || found.ID != "u-carol" {
					t.Errorf("by name %q: %+v", n, found)
				}
			}
			if _, ok := l.State().SignedUser(fsmtest.ByName("carol"), nil); ok != strings.EqualFold(u.Username, "carol") {
				t.Error("the old name is not free")
			}
			alive(t, l, "carol", "carol") // a token is of an id, whatever the name
		})
	}
}

func TestSignedUserRefused(t *testing.T) {
	l := waypoint(t)
	carol := fsmtest.ByID("u-carol")
	set := func(c func(*fsm.SignedUserSet)) *fsm.SignedUserSet {
		n := fsmtest.NewUser("erin")
		c(n)
		return n
	}
	for _, tt := range []struct {
		rule string
		by   string
		do   fsm.Command
		want fsm.Reason
	}{
		{"another's name", "dave", change(carol, fsm.GivenUsername, fsm.SignedUser{Username: "Dave"}), fsm.SignedNameTaken},
		{"a new one with another's name", "root", set(func(n *fsm.SignedUserSet) { n.New.Username = "WAYPOINT" }), fsm.SignedNameTaken},
		{"a new one with another's id", "root", set(func(n *fsm.SignedUserSet) { n.New.ID = "U-CAROL" }), fsm.SignedUserExists},
		{"an unknown one", "dave", change(fsmtest.ByID("nobody"), fsm.GivenDisplay, fsm.SignedUser{}), fsm.SignedUserUnknown},
		{"root itself", "root", change(fsm.UserRef{}, fsm.GivenDisplay, fsm.SignedUser{}), fsm.SignedUserUnknown},
		{"a bad name", "dave", change(carol, fsm.GivenUsername, fsm.SignedUser{Username: "x"}), fsm.SignedNameBad},
		{"no name", "root", set(func(n *fsm.SignedUserSet) { n.Given = 0 }), fsm.SignedNameBad},
		{"a bad id", "root", set(func(n *fsm.SignedUserSet) { n.New.ID = "a/b" }), fsm.OutOfRange},
		{"no id", "root", set(func(n *fsm.SignedUserSet) { n.New.ID = "" }), fsm.OutOfRange},
		{"policies by Waypoint's path", "root", change(carol, fsm.GivenUserPolicies, fsm.SignedUser{Policies: []string{"ops"}}), fsm.OutOfRange},
		{"an e-mail by Waypoint's path", "root", change(carol, fsm.GivenEmail, fsm.SignedUser{}), fsm.OutOfRange},
		{"making by Waypoint's path", "root", set(func(n *fsm.SignedUserSet) { n.Admin = false }), fsm.OutOfRange},
		{"fields that are none", "root", byAdmin(change(carol, 128, fsm.SignedUser{})), fsm.OutOfRange},
		{"root", "root", fsmtest.NewUser("erin", "root"), fsm.PolicyUnassignable},
		{"root among others", "root", fsmtest.NewUser("erin", "ops", "root"), fsm.PolicyUnassignable},
		{"root out of order", "root", fsmtest.NewUser("erin", "root", "abc", "web"), fsm.OutOfRange},
		{"root in upper case", "root", fsmtest.NewUser("erin", "Root"), fsm.OutOfRange},
		{"response-wrapping", "root", fsmtest.NewUser("erin", "response-wrapping"), fsm.PolicyUnassignable},
		{"making without a right to", "dave", fsmtest.NewUser("erin"), fsm.PermissionDenied},
		{"policies without a right to", "carol", byAdmin(change(carol, fsm.GivenUserPolicies, fsm.SignedUser{Policies: []string{"ops"}})), fsm.PermissionDenied},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l.Refused(tt.by, tt.do, tt.want)
			alive(t, l, "carol", "carol")
			if l.State().CountSignedUsers() != 3 {
				t.Fatal("there is another user")
			}
		})
	}
}

// What an id is comes before what a name is, so that nobody is found under a name
// that is another's id.
func TestSignedUserByAny(t *testing.T) {
	l := waypoint(t)
	l.Must("dave", change(fsm.UserRef{}, fsm.GivenUsername, fsm.SignedUser{Username: "u-carol"}))
	for _, tt := range []struct {
		by   fsm.UserRefBy
		text string
		want string
	}{
		{fsm.UserByAny, "u-carol", "u-carol"},
		{fsm.UserByName, "u-carol", "u-dave"},
		{fsm.UserByID, "u-carol", "u-carol"},
		{fsm.UserByAny, "waypoint", fsm.DefaultSignedUser},
		{fsm.UserByAny, "dave", ""},
		{fsm.UserByAny, "", ""},
	} {
		u, ok := l.State().SignedUser(fsm.UserRef{By: tt.by, Text: tt.text}, nil)
		if ok != (tt.want != "") || ok && u.ID != tt.want {
			t.Errorf("%q by %d is %+v, want %q", tt.text, tt.by, u, tt.want)
		}
	}
}

func TestSignedUserDelete(t *testing.T) {
	l := waypoint(t)
	l.Must("carol", fsmtest.Invite("i", fsmtest.ToDeploy("d1")))
	l.Must("", l.Exchange("i", "entrypoint"))
	l.Must("carol", fsmtest.RunnerToken("runner", "", 0))
	l.Refused("dave", &fsm.SignedUserDelete{Admin: true, User: fsmtest.ByName("carol")}, fsm.PermissionDenied)
	l.Must("dave", &fsm.SignedUserDelete{User: fsmtest.ByName("nobody")})
	l.Must("dave", &fsm.SignedUserDelete{User: fsmtest.ByName("CAROL")})
	if err := l.Refused("carol", fsmtest.LookupSelf(), fsm.SignedUserGone); err.Code != fsm.Unauthenticated {
		t.Errorf("code %d", err.Code)
	}
	l.Refused("entrypoint", fsmtest.LookupSelf(), fsm.SignedUserGone)
	alive(t, l, "runner", "carol", "entrypoint", "runner") // which is of nobody
	l.Must("dave", &fsm.SignedUserDelete{User: fsmtest.ByID(fsm.DefaultSignedUser)})
	l.Refused("admin", fsmtest.LookupSelf(), fsm.SignedUserGone)
	l.Refused("dave", &fsm.SignedUserDelete{User: fsm.UserRef{}}, fsm.SignedUserLast)
	l.Refused("root", &fsm.SignedUserDelete{Admin: true, User: fsm.UserRef{By: fsm.UserByAny, Text: "u-dave"}}, fsm.SignedUserLast)
	alive(t, l, "dave", "admin", "dave")
	l.Must("root", fsmtest.NewUser("carol")) // the id anew: its tokens are good again
	alive(t, l, "carol", "admin", "carol")
	l.Must("carol", &fsm.SignedUserDelete{User: fsm.UserRef{}})
	alive(t, l, "dave", "carol", "dave")
}

// What a login is to the rest of the machine.
func TestSignedUserActs(t *testing.T) {
	l := waypoint(t)
	k := l.Token("carol")
	if fmt.Sprint(k.Policies) != "[default web]" || k.DisplayName != "carol" || k.Path != "token/login" || k.Accessor() != fsmtest.Accessor("carol") ||
		fmt.Sprint(k.Meta) != "[{user_id u-carol} {username carol}]" || k.TTL != 0 || k.Deadline != fsm.Never || k.HasRecord() || k.IsBatch() || k.Signed() == nil {
		t.Fatalf("acts as %+v", k)
	}
	if got := l.State().CapabilitiesOf(k, "web/x"); fmt.Sprint(got) != "[read]" {
		t.Errorf("on web/x: %v", got)
	}
	if err := admits(l, "carol", "web/x", policy.Read); err != nil {
		t.Error(err)
	}
	l.Must("root", byAdmin(change(fsmtest.ByName("carol"), fsm.GivenUserPolicies, fsm.SignedUser{})))
	if err := admits(l, "carol", "web/x", policy.Read); err == nil {
		t.Error("a policy that was taken from the user goes on giving")
	}
}
