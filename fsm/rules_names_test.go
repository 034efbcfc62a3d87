package fsm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func TestDisplayName(t *testing.T) {
	for asked, want := range map[string]string{ // order: each stands alone
		"":              "token",
		"armon":         "token-armon",
		"foo_bar.baz!":  "token-foo-bar-baz",
		"a b/c_d!e":     "token-a-b-c-d-e",
		"--a--":         "token---a-",
		"-":             "token-",
		"ümlaut":        "token--mlaut",
		"日本":            "token--",
		"\xff\xfe":      "token--",
		"token-x":       "token-token-x",
		"ROOT":          "token-ROOT",
		"new\nline\x00": "token-new-line",
	} {
		t.Run(fmt.Sprintf("1.9.28 %q", asked), func(t *testing.T) {
			l := fsmtest.New(t)
			l.Create("root", "t", func(c *fsm.TokenCreate) { c.DisplayName = asked })
			if got := l.Token("t").DisplayName; got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		})
	}
}

func TestSourcePath(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci"}})
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "v", PathSuffix: "v1.2-x"}, Given: fsm.GivenPathSuffix})
	l.Create("root", "a")
	l.Create("root", "b", orphan)
	l.Create("root", "c", fsmtest.ByRole("ci"))
	l.Create("root", "d", fsmtest.ByRole("v"))
	for name, want := range map[string]string{ // order: each stands alone
		"root": "auth/token/root", "a": "auth/token/create", "b": "auth/token/create-orphan",
		"c": "auth/token/create/ci", "d": "auth/token/create/v/v1.2-x",
	} {
		if got := l.Token(name).Path; got != want {
			t.Errorf("1.9.29 %s made at %q, want %q", name, got, want)
		}
	}
	if got := l.Token("c").Role; got != "ci" {
		t.Errorf("role %q", got)
	}
}

func TestChosenID(t *testing.T) {
	chosen := func(c *fsm.TokenCreate) { c.ChosenID = true }
	l := makers(t)
	t.Run("root may choose", func(t *testing.T) { l.Create("root", "mine", chosen, fsmtest.TTL(hour)) })
	t.Run("nobody else may, not even with sudo", func(t *testing.T) {
		l.Refused("sudo", fsmtest.Create("other", chosen), fsm.RootRequired)
		l.Refused("plain", fsmtest.Create("other", chosen), fsm.RootRequired)
	})
	t.Run("an id in use is refused", func(t *testing.T) {
		c := fsmtest.Create("mine", chosen)
		c.Accessor = fsmtest.Accessor("another")
		if err := l.Refused("root", c, fsm.TokenExists); err.Code != fsm.Exists {
			t.Fatalf("code %d", err.Code)
		}
	})
	t.Run("so is an accessor in use", func(t *testing.T) {
		c := fsmtest.Create("other", chosen)
		c.Accessor = fsmtest.Accessor("mine")
		l.Refused("root", c, fsm.TokenExists)
	})
	t.Run("revoked by name the id is free again", func(t *testing.T) {
		l.Must("root", fsmtest.Revoke("mine"))
		l.Create("root", "mine", chosen, fsmtest.TTL(hour))
	})
	t.Run("but not for a token whose id was drawn", func(t *testing.T) {
		l.Must("root", fsmtest.Revoke("mine"))
		if err := l.Refused("root", fsmtest.Create("mine"), fsm.TokenBuried); err.Code != fsm.Exists {
			t.Fatalf("code %d", err.Code)
		}
	})
	t.Run("not while the revoked tree is swept", func(t *testing.T) {
		l.Create("root", "top", chosen, fsmtest.TTL(hour))
		l.Create("top", "leaf", fsmtest.TTL(hour))
		l.Must("root", fsmtest.Revoke("top"))
		l.Refused("root", fsmtest.Create("top", chosen), fsm.TokenExists)
		l.Clean(100)
		l.Refused("root", fsmtest.Create("leaf", chosen), fsm.TokenBuried) // died with its ancestor
		l.Create("root", "top", chosen, fsmtest.TTL(hour))
		if l.Alive("leaf") {
			t.Fatal("a reborn id revived a child of the dead one")
		}
	})
	t.Run("a spent id stays spent", func(t *testing.T) {
		l.Create("root", "once", chosen, fsmtest.Policies("default"), fsmtest.Uses(1))
		l.Must("once", fsmtest.LookupSelf())
		l.Must("root", fsmtest.Renew("sudo", 0))
		l.Refused("root", fsmtest.Create("once", chosen), fsm.TokenBuried)
	})
	t.Run("an expired id stays expired", func(t *testing.T) {
		l.Create("root", "brief", chosen, fsmtest.Policies("default"), fsmtest.TTL(time.Second))
		l.Wait(time.Second)
		l.Refused("root", fsmtest.Create("brief", chosen), fsm.TokenExists)
		l.Clean(100)
		l.Refused("root", fsmtest.Create("brief", chosen), fsm.TokenBuried)
	})
}

func TestPrefixRevocation(t *testing.T) {
	lab := func(t *testing.T) *fsmtest.Lab {
		l := fsmtest.New(t)
		for _, r := range []string{"p1", "p1x", "p2"} {
			l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: r}})
			l.Create("root", r, fsmtest.ByRole(r))
			l.Create(r, "under "+r, orphan)
			l.Create(r, "child of "+r)
		}
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "p1", PathSuffix: "v2"}, Given: fsm.GivenPathSuffix})
		l.Create("root", "p1v2", fsmtest.ByRole("p1"))
		return l
	}
	names := []string{"root", "p1", "p1x", "p2", "p1v2", "under p1", "child of p1"}
	revoke := func(prefix string) *fsm.PrefixRevoke { return &fsm.PrefixRevoke{Prefix: prefix} }
	t.Run("1.9.30 by path segments, descendants included", func(t *testing.T) {
		l := lab(t)
		l.Must("root", revoke("auth/token/create/p1"))
		alive(t, l, "rootp1xp2under p1", names...)
		l.Clean(1)
		alive(t, l, "rootp1xp2under p1", names...)
		if n := l.State().CountTokens(); n != 8 {
			t.Fatalf("%d records left, want 8", n)
		}
	})
	t.Run("1.9.30 the first root token is out of reach", func(t *testing.T) {
		l := lab(t)
		l.Must("root", revoke("auth"))
		alive(t, l, "root", names...)
		l.Clean(3)
		alive(t, l, "root", names...)
		l.Must("root", revoke("auth/token/root"))
		if l.State().SweepPending() {
			t.Fatal("a mark that hits nobody")
		}
		alive(t, l, "root", names...)
	})
	t.Run("later tokens of the path are not touched", func(t *testing.T) {
		l := lab(t)
		l.Must("root", revoke("auth/token/create/p2"))
		l.Create("root", "new", fsmtest.ByRole("p2"))
		alive(t, l, "new", "p2", "new")
		l.Clean(1)
		alive(t, l, "new", "p2", "new")
	})
	t.Run("a second revocation of the path takes those too", func(t *testing.T) {
		l := lab(t)
		l.Must("root", revoke("auth/token/create/p2"))
		l.Create("root", "new", fsmtest.ByRole("p2"))
		l.Must("root", revoke("auth/token/create/p2"))
		alive(t, l, "", "p2", "new")
		l.Clean(1)
		alive(t, l, "", "p2", "new")
	})
	t.Run("one exact lease first", func(t *testing.T) {
		l := lab(t)
		l.Must("root", revoke(l.Token("p1").LeaseID()))
		alive(t, l, "rootp1xp2p1v2under p1", names...)
	})
	t.Run("needs sudo", func(t *testing.T) {
		l := makers(t)
		l.Refused("plain", revoke("auth"), fsm.PermissionDenied)
	})
	for _, bad := range []string{"", "/", "/a", "a/", strings.Repeat("a", fsm.MaxPathBytes+1)} {
		t.Run(fmt.Sprintf("bad prefix of %d bytes", len(bad)), func(t *testing.T) {
			if err := revoke(bad).Validate(); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}
