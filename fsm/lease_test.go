package fsm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func TestLeases(t *testing.T) {
	l := fsmtest.New(t)
	for _, r := range []string{"a", "a-b"} {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: r}})
		l.Create("root", r, fsmtest.ByRole(r), fsmtest.TTL(hour))
		l.Create(r, "child of "+r, fsmtest.TTL(hour))
	}
	keys := func(folder string) []string { return l.State().LeaseKeys(folder, l.At) }
	id := l.Token("a").LeaseID()
	t.Run("is named by source path and digest", func(t *testing.T) {
		if !strings.HasPrefix(id, "auth/token/create/a/h") || len(id) > fsm.MaxLeaseBytes {
			t.Fatalf("lease %q", id)
		}
		if k, ok := l.State().LiveLease(id, l.At); !ok || k.Digest != fsmtest.Digest("a") {
			t.Fatal("does not lead to its token")
		}
		if got := l.Token("root").LeaseID(); got != "" {
			t.Fatalf("the first root token has the lease %q", got)
		}
	})
	t.Run("is not found by a wrong name", func(t *testing.T) {
		for _, wrong := range []string{"", "x", id + "0", id[:len(id)-1], strings.Replace(id, "/a/", "/a-b/", 1), strings.ToUpper(id), id[:len(id)-1] + "z"} {
			if _, ok := l.State().LiveLease(wrong, l.At); ok {
				t.Fatalf("found by %q", wrong)
			}
		}
	})
	t.Run("is listed folder by folder", func(t *testing.T) {
		if got := keys("auth/token/create/"); !slices.Contains(got, "a/") || !slices.Contains(got, "a-b/") || len(got) != 4 || !slices.IsSorted(got) {
			t.Fatalf("keys %q", got)
		}
		if got := keys("auth/token/create/a/"); len(got) != 1 || "auth/token/create/a/"+got[0] != id {
			t.Fatalf("keys %q", got)
		}
		if got := keys(""); !slices.Equal(got, []string{"auth/"}) {
			t.Fatalf("keys %q", got)
		}
	})
	t.Run("1.9.25 ends with its token, and the token with it", func(t *testing.T) {
		revoked := l.Must("root", &fsm.LeaseRevoke{Lease: id}).(*fsm.TokenRevoked)
		if !revoked.Found || l.Alive("a") || l.Alive("child of a") || !l.Alive("a-b") {
			t.Fatal("wrong ones died")
		}
		if got := keys("auth/token/create/a/"); len(got) != 0 {
			t.Fatalf("keys %q", got)
		}
		if got := keys("auth/token/create/"); slices.Contains(got, "a/") {
			t.Fatalf("keys %q", got)
		}
		if again := l.Must("root", &fsm.LeaseRevoke{Lease: id}).(*fsm.TokenRevoked); again.Found {
			t.Fatal("ended twice")
		}
	})
	t.Run("the initial root has none to end", func(t *testing.T) {
		root := "auth/token/root/" + id[strings.LastIndexByte(id, '/')+1:]
		l.Must("root", &fsm.LeaseRevoke{Lease: root})
		if !l.Alive("root") {
			t.Fatal("root died")
		}
	})
}

func TestNextDeadline(t *testing.T) {
	l := fsmtest.New(t)
	if _, ok := l.State().NextDeadline(); ok {
		t.Fatal("a deadline of nobody")
	}
	l.Create("root", "t", fsmtest.TTL(hour))
	if next, ok := l.State().NextDeadline(); !ok || next != l.At.Add(hour) {
		t.Fatalf("next %d", next)
	}
	l.Wait(hour) // reached, not cleared
	if next, ok := l.State().NextDeadline(); ok {
		t.Fatalf("next %d after it was reached", next)
	}
	if l.State().NextExpiry() > l.At {
		t.Fatal("nothing to clear")
	}
}
