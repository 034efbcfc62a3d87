package fsm_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func TestCreateBatch(t *testing.T) {
	l := makers(t)
	before := l.State().CountTokens()
	made := l.Create("plain", "b", fsmtest.Batch, fsmtest.TTL(hour), func(c *fsm.TokenCreate) {
		c.DisplayName, c.Meta = "me", []fsm.MetaPair{{Key: "k", Value: "v"}}
	})
	if made.Renewable || made.Orphan || made.TTL != hour || made.NumUses != 0 {
		t.Fatalf("made %+v", made)
	}
	if n := l.State().CountTokens(); n != before {
		t.Fatalf("%d records: a batch token has none", n)
	}
	b, k := l.BatchToken("b"), l.Token("b")
	if b.KeyID != "b1" || b.Path != "auth/token/create" || b.DisplayName != "token-me" || b.Serial == 0 ||
		b.Parent != fsmtest.Digest("plain") || b.CreatedAt != l.At || b.TTL != hour || b.Meta[0].Value != "v" {
		t.Fatalf("says %+v", b)
	}
	if !k.IsBatch() || k.IsRoot() || k.Counted() || k.Renewable || k.Deadline != l.At.Add(hour) {
		t.Fatalf("acts as %+v", k)
	}
	if l.State().BatchUntil != k.Deadline {
		t.Fatalf("batch tokens until %d", l.State().BatchUntil)
	}
	alive(t, l, "b", "b")
}

func TestBatchRefused(t *testing.T) {
	l := makers(t)
	uses := fsm.Role{Name: "uses", NumUses: 2}
	l.Must("root", &fsm.RoleSet{Role: uses, Given: fsm.GivenNumUses})
	for _, tt := range []struct {
		rule   string
		change func(*fsm.TokenCreate)
		want   fsm.Reason
	}{
		{"1.9.31 explicit max", func(c *fsm.TokenCreate) { c.ExplicitMaxTTL = hour }, fsm.BatchCannotHave},
		{"1.9.13 uses", fsmtest.Uses(2), fsm.BatchCannotHave},
		{"1.9.31 period", func(c *fsm.TokenCreate) { c.Period = hour }, fsm.BatchCannotHave},
		{"a chosen id", func(c *fsm.TokenCreate) { c.ChosenID = true }, fsm.BatchCannotHave},
		{"1.9.13 uses of its role", fsmtest.ByRole("uses"), fsm.BatchCannotHave},
		{"root", fsmtest.Policies("root"), fsm.BatchRoot},
		{"root by its parent", func(c *fsm.TokenCreate) { c.Policies = nil }, fsm.BatchRoot},
		{"more than fits", func(c *fsm.TokenCreate) { c.Meta = pairs(1, fsm.MaxBatchBytes) }, fsm.BatchTooLarge},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			before := l.State().BatchUntil
			l.Refused("root", fsmtest.Create("b", fsmtest.Policies("web"), fsmtest.Batch, tt.change), tt.want)
			if l.State().BatchUntil != before {
				t.Fatal("a refused token is counted on")
			}
		})
	}
}

// The type follows from the request and the role: a role that says service or
// batch decides.
func TestBatchByRole(t *testing.T) {
	l := makers(t)
	for name, kind := range map[string]fsm.TokenType{ // order: each stands alone
		"service": fsm.TypeService, "default-service": fsm.TypeDefaultService, "default-batch": fsm.TypeDefaultBatch,
	} {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: name, TokenType: kind, Period: min5}, Given: fsm.GivenTokenType | fsm.GivenPeriod})
	}
	l.Must("root", &fsm.RoleSet{Given: fsm.GivenTokenType | fsm.GivenOrphan | fsm.GivenRenewable,
		Role: fsm.Role{Name: "batch", TokenType: fsm.TypeBatch, Orphan: true}})
	for _, tt := range []struct {
		role  string
		asked fsm.TokenType
		batch bool
	}{
		{"service", fsm.TypeBatch, false},
		{"default-service", fsm.TypeUnset, false},
		{"default-service", fsm.TypeBatch, true},
		{"default-batch", fsm.TypeUnset, true},
		{"default-batch", fsm.TypeService, false},
		{"batch", fsm.TypeService, true},
	} {
		name := tt.role + string(rune('0'+tt.asked))
		made := l.Create("root", name, fsmtest.Policies("web"), fsmtest.ByRole(tt.role), func(c *fsm.TokenCreate) { c.Type = tt.asked })
		switch {
		case (made.Batch != nil) != tt.batch:
			t.Errorf("role %s asked for %d: batch %v", tt.role, tt.asked, !tt.batch)
		case !tt.batch:
		case made.Batch.Role != tt.role || made.Period != 0 || tt.role == "default-batch" && made.TTL != min5:
			// A role's period is the term of a batch token, which is not renewed.
			t.Errorf("role %s: %+v", tt.role, made.Batch)
		}
	}
}

func TestBatchByLogin(t *testing.T) {
	for _, tt := range []struct {
		mount, user fsm.TokenType
		batch       bool
	}{
		{fsm.TypeUnset, fsm.TypeUnset, false},
		{fsm.TypeUnset, fsm.TypeBatch, true},
		{fsm.TypeDefaultService, fsm.TypeDefaultBatch, true},
		{fsm.TypeDefaultBatch, fsm.TypeUnset, true},
		{fsm.TypeDefaultBatch, fsm.TypeService, false},
		{fsm.TypeService, fsm.TypeBatch, false},
		{fsm.TypeBatch, fsm.TypeService, true},
	} {
		l := people(t)
		l.Must("root", &fsm.AuthTune{Path: "up", Given: fsm.GivenMountTokenType, Config: fsm.MountConfig{TokenType: tt.mount}})
		l.Must("root", user("up", "alice", fsm.TokenParams{Type: tt.user, TTL: min5}, fsm.GivenTokenTokenType|fsm.GivenTokenTTL))
		made := l.Must("", login(l, "up", "alice", "a")).(*fsm.TokenCreated)
		if (made.Batch != nil) != tt.batch {
			t.Errorf("mount %d, user %d: batch %v", tt.mount, tt.user, !tt.batch)
		}
		if b := made.Batch; b != nil && (b.Path != "auth/up/login/alice" || !made.Orphan || made.Renewable || b.TTL != min5) {
			t.Errorf("says %+v", b)
		}
		alive(t, l, "a", "a")
	}
}

// A mount that makes every token a batch token must not make counted ones free.
func TestBatchLoginIsNotCounted(t *testing.T) {
	l := people(t)
	l.Must("root", &fsm.AuthTune{Path: "up", Given: fsm.GivenMountTokenType, Config: fsm.MountConfig{TokenType: fsm.TypeBatch}})
	l.Must("root", user("up", "alice", fsm.TokenParams{NumUses: 1}, fsm.GivenTokenNumUses))
	l.Refused("", login(l, "up", "alice", "a"), fsm.BatchCannotHave)
}

// 1.9.31: what a batch token can not do, and what it can.
func TestBatchActs(t *testing.T) {
	l := makers(t)
	l.Must("root", fsmtest.Policy("all", fsmtest.Allow("*", policy.Create|policy.Read|policy.Update|policy.Delete|policy.Sudo)))
	l.Create("root", "b", fsmtest.Batch, fsmtest.Policies("all"))
	l.Refused("b", fsmtest.Create("c"), fsm.BatchParent)
	l.Refused("b", fsmtest.Create("c", fsmtest.Batch, orphan), fsm.BatchParent)
	l.Refused("b", &fsm.TokenRenew{}, fsm.BatchNotRenewable)
	l.Refused("b", &fsm.TokenRevoke{}, fsm.BatchNotRevocable)
	l.Refused("b", &fsm.CubbyholeSet{Path: "a", Value: []byte("x")}, fsm.BatchCubbyhole)
	l.Refused("b", &fsm.CubbyholeDelete{Path: "a"}, fsm.BatchCubbyhole)
	l.Refused("b", &fsm.Unwrap{}, fsm.WrappingUnknown)
	l.Must("b", fsmtest.LookupSelf())
	l.Must("b", fsmtest.Policy("new"))
	l.Create("root", "k", fsmtest.Policies("web"))
	l.Must("b", fsmtest.Revoke("k"))
	if stone, ok := l.State().Tombstone(fsmtest.Digest("k")); !ok || stone.Death.Actor != fsmtest.Accessor("b") {
		t.Fatalf("the death of k is signed %+v", stone)
	}
	alive(t, l, "b", "b")
}

func TestBatchIdempotencyKey(t *testing.T) {
	l := makers(t)
	first := l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("b", fsmtest.Policies("web"), fsmtest.Batch)))[0]
	second := l.Entry(keyed(l, "root", "k", "body", fsmtest.Create("c", fsmtest.Policies("web"), fsmtest.Batch)))[0]
	if !second.Replayed || string(second.Result.(*fsm.TokenCreated).Batch.Contents()) != string(first.Result.(*fsm.TokenCreated).Batch.Contents()) {
		t.Fatalf("replayed %v: %+v", second.Replayed, second.Result)
	}
}

func TestBatchEnds(t *testing.T) {
	batch := func(changes ...func(*fsm.TokenCreate)) []func(*fsm.TokenCreate) {
		return append([]func(*fsm.TokenCreate){fsmtest.Policies("web"), fsmtest.Batch, fsmtest.TTL(hour)}, changes...)
	}
	for _, tt := range []struct {
		rule string
		do   func(*fsmtest.Lab)
		want string
	}{
		{"nothing happened", func(l *fsmtest.Lab) {}, "bcdro"},
		{"it expires by log time", func(l *fsmtest.Lab) { l.Wait(hour) }, ""},
		{"1.9.31 its parent is revoked", func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("p")) }, "bdro"},
		{"its parent is revoked and swept", func(l *fsmtest.Lab) {
			l.Must("root", fsmtest.Revoke("p"))
			l.Clean(10)
		}, "bdro"},
		{"its parent is cut: Vault has no orphaned batch tokens", func(l *fsmtest.Lab) {
			l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("p")})
		}, "bdro"},
		{"its parent was swept and its chosen id chosen anew", func(l *fsmtest.Lab) {
			l.Must("root", fsmtest.Revoke("p"))
			l.Clean(10)
			l.Create("root", "p", fsmtest.Policies("web"), func(c *fsm.TokenCreate) { c.ChosenID, c.Accessor = true, fsmtest.Accessor("again") })
		}, "bdro"},
		{"an ancestor is revoked", func(l *fsmtest.Lab) { l.Must("root", fsmtest.Revoke("g")) }, "bcro"},
		{"its path is revoked", func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/ci"}) }, "bcdo"},
		{"its path is revoked and swept", func(l *fsmtest.Lab) {
			l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create"})
			l.Clean(10)
		}, "o"},
		{"what only begins like its path is revoked", func(l *fsmtest.Lab) { l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/crea"}) }, "bcdro"},
		{"the key is rotated", func(l *fsmtest.Lab) {
			l.Must("root", &fsm.KeyRotate{Keys: []fsm.NewKey{newKey(fsm.KeyBatch, "b2")}})
		}, "bcdro"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			l := makers(t)
			l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci"}})
			l.Create("root", "p", fsmtest.Policies("web", "mk"), func(c *fsm.TokenCreate) { c.Endpoint, c.ChosenID = fsm.CreateOrphan, true })
			l.Create("root", "g", fsmtest.Policies("web", "mk"), orphan)
			l.Create("g", "h")
			l.Create("root", "b", batch()...)
			l.Create("p", "c", batch()...)
			l.Create("h", "d", batch()...)
			l.Create("root", "r", batch(fsmtest.ByRole("ci"))...)
			l.Create("root", "o", batch(orphan)...)
			tt.do(l)
			alive(t, l, tt.want, "b", "c", "d", "r", "o")
			for _, name := range []string{"b", "c", "d", "r", "o"} {
				if _, err := l.Do(name, fsmtest.LookupSelf()); (err == nil || err.Reason != fsm.PermissionDenied) != l.Alive(name) {
					t.Errorf("%s lives: %v; it is answered %v", name, l.Alive(name), err)
				}
			}
			l.Create("root", "n", batch(fsmtest.ByRole("ci"))...) // later ones are not touched
			alive(t, l, "n", "n")
		})
	}
}

func TestBatchBoundToAddress(t *testing.T) {
	l := makers(t)
	l.Must("root", &fsm.RoleSet{Given: fsm.GivenBoundCIDRs,
		Role: fsm.Role{Name: "near", BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}})
	l.Create("root", "b", fsmtest.Policies("default"), fsmtest.ByRole("near"), fsmtest.Batch)
	l.Refused("b", fsmtest.LookupSelf(), fsm.PermissionDenied)
	c := l.Caller("b")
	c.Addr = netip.MustParseAddr("192.0.2.7")
	if _, err := l.State().Resolve(c, l.At); err != nil {
		t.Fatal(err)
	}
}

// Fences go when the last token that they could hit has expired, and none is
// written when there is none.
func TestFencesGo(t *testing.T) {
	l := makers(t)
	prefix := &fsm.PrefixRevoke{Prefix: "auth/token/create"}
	l.Must("root", prefix)
	if n := len(l.State().Fences()); n != 0 {
		t.Fatalf("%d fences before the first batch token", n)
	}
	l.Create("root", "b", fsmtest.Policies("web"), fsmtest.Batch, fsmtest.TTL(min5))
	l.Must("root", prefix)
	l.Create("root", "c", fsmtest.Policies("web"), fsmtest.Batch, fsmtest.TTL(hour))
	l.Wait(min5 - time.Second)
	l.Clean(10)
	if n := len(l.State().Fences()); n != 1 {
		t.Fatalf("%d fences while the token it hits lives", n)
	}
	l.Wait(time.Second)
	if at := l.State().NextExpiry(); at != l.At {
		t.Fatalf("next expiry in %v", at.Sub(l.At))
	}
	l.Clean(10)
	if n := len(l.State().Fences()); n != 0 {
		t.Fatalf("%d fences with nothing left to hit", n)
	}
	alive(t, l, "c", "b", "c")
	l.Must("root", prefix) // and once more: the earlier one counts for nothing
	alive(t, l, "", "b", "c")
}

func TestBatchRevoked(t *testing.T) {
	l := makers(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci"}})
	ended := &fsm.BatchRevoke{Accessor: fsmtest.Accessor("b")}
	if done := l.Must("root", ended).(*fsm.Fenced); done.Marked {
		t.Errorf("marked without a batch token about: %+v", done)
	}
	for _, tt := range []struct {
		do   fsm.Command
		want string
	}{
		{ended, "cr"},
		{&fsm.BatchRevoke{Accessor: fsmtest.Accessor("b"), Until: l.At.Add(2 * hour)}, "cr"},
		{&fsm.NotBefore{Scope: fsm.FenceRole, Name: "ci"}, "bc"},
		{&fsm.NotBefore{Scope: fsm.FencePath, Name: "auth/token/create/ci"}, "bc"},
		{&fsm.NotBefore{Scope: fsm.FenceKey, Name: "b1"}, ""},
		{&fsm.NotBefore{Scope: fsm.FenceCluster}, ""},
	} {
		before := l.State()
		for _, name := range []string{"b", "c"} {
			l.Create("root", name, fsmtest.Batch, fsmtest.Policies("web"), fsmtest.TTL(min5))
		}
		l.Create("root", "r", fsmtest.Batch, fsmtest.Policies("web"), fsmtest.TTL(min5), fsmtest.ByRole("ci"))
		done := l.Must("root", tt.do).(*fsm.Fenced)
		if !done.Marked || done.Until != l.At.Add(min5) || done.Serial <= before.Serial {
			t.Errorf("%s: %+v", fsm.Name(tt.do), done)
		}
		alive(t, l, tt.want, "b", "c", "r")
		l.Wait(min5)
		l.Clean(10)
		if n := fsm.CountFences(l.State()); n != 0 {
			t.Errorf("%d fences with nothing left to hit", n)
		}
	}
	l.Refused("root", &fsm.NotBefore{Scope: fsm.FenceKey, Name: "none"}, fsm.KeyNotFound)
	l.Refused("plain", ended, fsm.PermissionDenied)
}
