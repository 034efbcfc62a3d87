package fsm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
)

func rateQuota(name, path string) *fsm.RateQuotaSet {
	return &fsm.RateQuotaSet{Name: name, Path: path, Rate: 5_000_000}
}

func leaseQuota(name, path string, most uint32) *fsm.LeaseQuotaSet {
	return &fsm.LeaseQuotaSet{Name: name, Path: path, Max: most}
}

func dropQuota(kind fsm.QuotaKind, name string) *fsm.QuotaDelete {
	return &fsm.QuotaDelete{Kind: kind, Name: name}
}

// quotaSamples is one command of each kind that quotas have.
func quotaSamples() []fsm.Command {
	return []fsm.Command{
		&fsm.RateQuotaSet{Name: "all", Rate: 500_000, Interval: time.Minute, Block: time.Hour, Inheritable: true},
		&fsm.LeaseQuotaSet{Name: "logins", Path: "auth/userpass", Max: 300},
		dropQuota(fsm.LeaseCount, "logins"),
		&fsm.QuotaConfigSet{
			Config: fsm.QuotaConfig{Exempt: []string{"sys/health", "sys/internal/*"}, Audit: true, Headers: true},
			Given:  fsm.GivenExemptPaths | fsm.GivenQuotaAudit | fsm.GivenQuotaHeaders,
		},
		&fsm.UserUnlock{Mount: "auth_userpass_0123", Name: "alice"},
	}
}

// addQuotas puts records of every kind that quotas have into a state.
func addQuotas(l *fsmtest.Lab) {
	l.Must("root", &fsm.RateQuotaSet{Name: "token", Path: "auth/token", Rate: 2_500_000, Block: time.Minute})
	l.Must("root", leaseQuota("create", "auth/token/create", 1000))
	l.Must("root", &fsm.QuotaConfigSet{Config: fsm.QuotaConfig{Headers: true}, Given: fsm.GivenQuotaHeaders})
}

func TestQuotaRefusals(t *testing.T) {
	tests := []struct {
		name string
		c    fsm.Command
		want fsm.Reason
	}{
		{"no name", rateQuota("", ""), fsm.QuotaNameBad},
		{"a name with a slash", rateQuota("a/b", ""), fsm.QuotaNameBad},
		{"a name that ends in a dot", leaseQuota("a.", "", 1), fsm.QuotaNameBad},
		{"a name too long", rateQuota(long(fsm.MaxQuotaNameBytes+1), ""), fsm.QuotaNameBad},
		{"a star", rateQuota("a", "auth/token/*"), fsm.QuotaPathBad},
		{"a slash first", rateQuota("a", "/auth/token"), fsm.QuotaPathBad},
		{"a slash last", rateQuota("a", "auth/token/"), fsm.QuotaPathBad},
		{"an empty segment", rateQuota("a", "auth//token"), fsm.QuotaPathBad},
		{"a control character", rateQuota("a", "auth/token/\x00"), fsm.QuotaPathBad},
		{"a path too long", rateQuota("a", "auth/token/"+long(fsm.MaxPathBytes)), fsm.OutOfRange},
		{"nothing is mounted there", rateQuota("a", "auth/nowhere"), fsm.QuotaNoMount},
		{"only part of a mount's path", leaseQuota("a", "auth", 1), fsm.QuotaNoMount},
		{"the start of a segment", leaseQuota("a", "auth/tok", 1), fsm.QuotaNoMount},
		{"inherited by nobody", &fsm.RateQuotaSet{Name: "a", Path: "auth/token", Rate: 1, Inheritable: true}, fsm.QuotaNotInherited},
		{"no rate", &fsm.RateQuotaSet{Name: "a"}, fsm.OutOfRange},
		{"too high a rate", &fsm.RateQuotaSet{Name: "a", Rate: fsm.MaxQuotaRate + 1}, fsm.OutOfRange},
		{"too short an interval", &fsm.RateQuotaSet{Name: "a", Rate: 1, Interval: time.Millisecond}, fsm.OutOfRange},
		{"too long a block", &fsm.RateQuotaSet{Name: "a", Rate: 1, Block: fsm.MaxTTL + 1}, fsm.OutOfRange},
		{"no leases", leaseQuota("a", "", 0), fsm.OutOfRange},
		{"another's path", rateQuota("b", "auth/token"), fsm.QuotaPathUsed},
		{"moving to another's path", leaseQuota("c", "cubbyhole", 1), fsm.QuotaPathUsed},
		{"no kind", dropQuota(0, "a"), fsm.OutOfRange},
		{"an unknown kind", dropQuota(3, "a"), fsm.OutOfRange},
		{"deleting no name", dropQuota(fsm.RateLimit, ""), fsm.QuotaNameBad},
		{"too many exempt paths", &fsm.QuotaConfigSet{Config: fsm.QuotaConfig{Exempt: names(fsm.MaxExemptPaths+1, 1)}}, fsm.OutOfRange},
		{"an empty exempt path", &fsm.QuotaConfigSet{Config: fsm.QuotaConfig{Exempt: []string{""}}}, fsm.OutOfRange},
		{"an exempt path too long", &fsm.QuotaConfigSet{Config: fsm.QuotaConfig{Exempt: []string{long(fsm.MaxPathBytes + 1)}}}, fsm.OutOfRange},
		{"an unknown setting", &fsm.QuotaConfigSet{Given: 8}, fsm.OutOfRange},
		{"unlocking somewhere else", &fsm.UserUnlock{Mount: "nowhere", Name: "a"}, fsm.NothingMounted},
		{"unlocking nobody", &fsm.UserUnlock{Mount: "token"}, fsm.UserNameBad},
		{"unlocking a name in capitals", &fsm.UserUnlock{Mount: "token", Name: "Alice"}, fsm.UserNameBad},
	}
	l := fsmtest.New(t)
	l.Must("root", rateQuota("taken", "auth/token"))
	l.Must("root", leaseQuota("taken", "cubbyhole", 1))
	l.Must("root", leaseQuota("c", "sys", 1))
	before := l.State()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			switch err, ok := tt.c.Validate().(*fsm.Error); {
			case !ok:
				l.Refused("root", tt.c, tt.want)
			case err.Reason != tt.want:
				t.Errorf("refused for %d %v, want %d", err.Reason, err, tt.want)
			}
		})
	}
	after := l.State()
	if !slices.Equal(before.RateQuotaNames(), after.RateQuotaNames()) || !slices.Equal(before.LeaseQuotaNames(), after.LeaseQuotaNames()) {
		t.Error("a refusal changed the quotas")
	}
	comesBack(t, l)
}

func TestQuotaRights(t *testing.T) {
	l := fsmtest.New(t)
	l.Create("root", "t", fsmtest.Policies("default"))
	for _, c := range quotaSamples() {
		l.Refused("t", c, fsm.PermissionDenied)
	}
}

// The most specific quota counts, by whole segments.
func TestQuotaOver(t *testing.T) {
	l := fsmtest.New(t)
	over := func(path string) string {
		if q, ok := l.State().RateQuotaOver(path); ok {
			return q.Name
		}
		return ""
	}
	if got := over("auth/token/create"); got != "" {
		t.Fatalf("quota %s counts, and there is none", got)
	}
	for name, path := range map[string]string{"token": "auth/token", "create": "auth/token/create", "ci": "auth/token/create/ci", "sys": "sys"} { // order: each stands alone
		l.Must("root", rateQuota(name, path))
	}
	tests := []struct{ path, want string }{
		{"auth/token/create", "create"}, {"auth/token/create/", "create"}, {"auth/token/create/ci", "ci"},
		{"auth/token/create/ci/v1", "ci"}, {"auth/token/create/cix", "create"}, {"auth/token/create-orphan", "token"},
		{"auth/token", "token"}, {"auth/tokens", ""}, {"auth", ""}, {"sys/auth/token", "sys"}, {"cubbyhole/x", ""}, {"", ""},
	}
	for _, tt := range tests {
		if got := over(tt.path); got != tt.want {
			t.Errorf("%s is under %q, want %q", tt.path, got, tt.want)
		}
	}
	l.Must("root", rateQuota("all", ""))
	if got := over("cubbyhole/x"); got != "all" {
		t.Errorf("without another the quota is %q, want the one for all", got)
	}
	l.Must("root", rateQuota("ci", "auth/token/create-orphan")) // moves
	if a, b := over("auth/token/create/ci"), over("auth/token/create-orphan"); a != "create" || b != "ci" {
		t.Errorf("after the move: %q and %q", a, b)
	}
	l.Must("root", dropQuota(fsm.RateLimit, "create"))
	l.Must("root", dropQuota(fsm.RateLimit, "create"))
	l.Must("root", dropQuota(fsm.LeaseCount, "token")) // of another kind
	if got := over("auth/token/create"); got != "token" {
		t.Errorf("after the end of one: %q", got)
	}
	comesBack(t, l)
}

func TestLeaseQuota(t *testing.T) {
	l := people(t)
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci"}})
	l.Must("root", leaseQuota("all", "", 5))
	l.Must("root", leaseQuota("ci", "auth/token/create/ci", 2))
	l.Must("root", leaseQuota("up", "auth/up", 1))
	token := func(name string, changes ...func(*fsm.TokenCreate)) *fsm.TokenCreate {
		return fsmtest.Create(name, append(changes, fsmtest.TTL(hour))...)
	}
	ci := fsmtest.ByRole("ci")
	l.Must("root", token("a", ci))
	l.Must("root", token("b", ci))
	l.Refused("root", token("c", ci), fsm.LeaseQuotaFull)
	l.Must("", login(l, "up", "alice", "alice"))
	l.Refused("", login(l, "up", "alice", "again"), fsm.LeaseQuotaFull)
	l.Must("root", token("d"))
	l.Must("root", token("e"))
	if err := l.Refused("root", token("f"), fsm.LeaseQuotaFull); err.Code != fsm.Limit {
		t.Fatalf("code %d", err.Code)
	}
	// A more specific quota counts alone: there is room under it, though not in all.
	l.Must("root", leaseQuota("ci", "auth/token/create/ci", 3))
	l.Must("root", token("g", ci))
	if n := l.State().LeasesUnder(""); n != 6 {
		t.Fatalf("%d leases, want 6: the first root token has none", n)
	}
	l.Must("", fsmtest.Wrap("w")) // an answer that was made has to go somewhere
	l.Must("root", fsmtest.Revoke("a"))
	l.Must("root", token("h", ci))
	// What waits for its sweep counts until then.
	l.Must("root", dropQuota(fsm.LeaseCount, "all"))
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/ci"})
	l.Refused("root", token("j", ci), fsm.LeaseQuotaFull)
	l.Clean(2)
	l.Must("root", token("j", ci))
	comesBack(t, l)
}

// What is counted by position is what there is, wherever the path stands among
// its neighbours.
func TestLeasesUnder(t *testing.T) {
	l := fsmtest.New(t)
	for _, role := range []string{"a", "a-b", "a.b", "a0", "b"} {
		l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: role}})
		for i := range 20 {
			l.Create("root", fmt.Sprint(role, i), fsmtest.TTL(hour), fsmtest.ByRole(role))
		}
	}
	for i := range 30 {
		l.Create("root", fmt.Sprint(i), fsmtest.TTL(hour))
	}
	for _, role := range []string{"a", "a-b", "a0"} {
		l.AddRole(role, hour, hour)
		for i := range 10 {
			l.Lease("root", role, fmt.Sprint(role, "s", i))
		}
	}
	s := l.State()
	for _, path := range []string{
		"db", "db/creds", "db/creds/a", "db/creds/a-b", "db/creds/a/b", "db/cred", "d", "dc", "", "auth", "auth/token", "auth/token/create", "auth/token/create/a", "auth/token/create/a-b", "auth/token/create/a0",
		"auth/token/create/c", "auth/token/root", "auth/toke", "zzz",
	} {
		if got, want := s.LeasesUnder(path), fsm.CountLeases(s, path); got != want {
			t.Errorf("%d leases under %q, want %d", got, path, want)
		}
	}
	if n := s.LeasesUnder("auth/token/create/a"); n != 20 {
		t.Errorf("%d leases of a role, want 20", n)
	}
	if n := s.LeasesUnder("db/creds/a"); n != 10 {
		t.Errorf("%d leases of an engine's role, want 10", n)
	}
}

// A secret's lease counts at the path of its request, whoever asks for it, from the
// intent on until it is gone outside.
func TestLeaseQuotaOfSecrets(t *testing.T) {
	l := databases(t)
	l.AddRole("rw", hour, hour)
	l.Must("root", leaseQuota("db", "db", 3))
	l.Must("root", leaseQuota("ro", "db/creds/ro", 2))
	l.Create("app", "b", fsmtest.Batch, fsmtest.Policies("db"), fsmtest.TTL(20*time.Minute))
	l.Lease("app", "ro", "a")
	l.Must("b", l.Issue("ro", "b"))
	l.Refused("app", l.Issue("ro", "c"), fsm.LeaseQuotaFull)
	if err := l.Refused("b", l.Issue("ro", "c"), fsm.LeaseQuotaFull); err.Code != fsm.Limit {
		t.Fatalf("code %d", err.Code)
	}
	wantPhase(t, l, "c", 0)
	// What stands over one role counts alone for it; the mount's counts all of the mount.
	l.Lease("app", "rw", "d")
	l.Refused("app", l.Issue("rw", "e"), fsm.LeaseQuotaFull)
	l.Create("root", "other", fsmtest.TTL(hour)) // made elsewhere
	// What has ended counts until it is gone.
	l.Must("root", &fsm.LeaseRevoke{Lease: id("a")})
	l.Refused("app", l.Issue("ro", "c"), fsm.LeaseQuotaFull)
	settle(l, "no connection", 0)
	l.Refused("app", l.Issue("ro", "c"), fsm.LeaseQuotaFull)
	settle(l, "", 0)
	l.Lease("app", "ro", "c")
	// A use is charged whatever comes of it.
	l.Create("root", "few", fsmtest.Policies("default", "db"), fsmtest.Uses(2))
	l.Refused("few", l.Issue("ro", "f"), fsm.LeaseQuotaFull)
	if got := uses(l, "few"); got != 1 {
		t.Fatalf("%d uses left, want 1", got)
	}
	// Renewals are no new leases.
	l.Must("root", &fsm.LeaseRenew{Lease: id("c")})
	comesBack(t, l)
	// The quotas go with their mount, and what waits for its revocation counts at the path still.
	l.Must("root", &fsm.SecretDisable{Path: "db"})
	if names := l.State().LeaseQuotaNames(); len(names) != 0 {
		t.Fatalf("left are %q", names)
	}
	l.AddRole("ro", hour, hour)
	l.Must("root", leaseQuota("again", "db", 3))
	l.Refused("app", l.Issue("ro", "g"), fsm.LeaseQuotaFull)
	l.Wait(time.Minute) // a node may be at one of them
	l.Clean(2)
	settle(l, "", 0)
	l.Lease("app", "ro", "g")
	comesBack(t, l)
}

// The quotas of a mount go with it, and no others.
func TestQuotasGoWithTheirMount(t *testing.T) {
	l := fsmtest.New(t)
	for _, path := range []string{"a", "a-b", "b/c"} {
		l.Must("root", enable(path))
		l.Must("root", rateQuota("rate-"+strings.ReplaceAll(path, "/", "."), "auth/"+path))
		l.Must("root", leaseQuota("login-"+strings.ReplaceAll(path, "/", "."), "auth/"+path+"/login", 9))
	}
	l.Must("root", &fsm.AuthDisable{Path: "a"})
	l.Must("root", &fsm.AuthDisable{Path: "b/c"})
	if rate, lease := l.State().RateQuotaNames(), l.State().LeaseQuotaNames(); !slices.Equal(rate, []string{"rate-a-b"}) || !slices.Equal(lease, []string{"login-a-b"}) {
		t.Fatalf("left are %q and %q", rate, lease)
	}
	l.Must("root", enable("a"))
	if q, ok := l.State().RateQuotaOver("auth/a/login/x"); ok {
		t.Fatalf("quota %s is back", q.Name)
	}
	comesBack(t, l)
}

func TestQuotasAreBounded(t *testing.T) {
	l := fsmtest.New(t)
	for i := range fsm.MaxQuotas {
		l.Must("root", rateQuota(fmt.Sprint("q", i), fmt.Sprint("sys/", i)))
	}
	l.Refused("root", rateQuota("more", "sys/more"), fsm.TooManyQuotas)
	l.Must("root", rateQuota("q0", "sys/more"))
	l.Must("root", leaseQuota("q0", "sys/more", 1)) // of another kind
	l.Must("root", dropQuota(fsm.RateLimit, "q7"))
	l.Must("root", rateQuota("more", "sys/7"))
}

func TestQuotaConfig(t *testing.T) {
	l := fsmtest.New(t)
	if q := l.State().QuotaConfig(); !q.Exempts("sys/health") || !q.Exempts("sys/seal-status/") || q.Exempts("sys/healthy") || q.Headers || q.Audit {
		t.Fatalf("at first %+v", q)
	}
	l.Must("root", &fsm.QuotaConfigSet{Config: fsm.QuotaConfig{Headers: true}, Given: fsm.GivenQuotaHeaders})
	if q := l.State().QuotaConfig(); !q.Headers || !q.Exempts("sys/health") {
		t.Fatalf("one setting changed others: %+v", q)
	}
	l.Must("root", &fsm.QuotaConfigSet{Config: fsm.QuotaConfig{Exempt: []string{"sys/a*", "auth/b/"}}, Given: fsm.GivenExemptPaths})
	q := l.State().QuotaConfig()
	for path, want := range map[string]bool{"sys/a": true, "sys/ab/c": true, "sys/b": false, "auth/b": true, "auth/b/c": false, "sys/health": false} { // order: each stands alone
		if q.Exempts(path) != want {
			t.Errorf("%s is exempt: %v", path, !want)
		}
	}
	l.Must("root", &fsm.QuotaConfigSet{Given: fsm.GivenExemptPaths})
	if q := l.State().QuotaConfig(); len(q.Exempt) != 0 || !q.Headers {
		t.Fatalf("nothing is to be exempt: %+v", q)
	}
	comesBack(t, l)
}

func TestUserUnlock(t *testing.T) {
	for _, mount := range []string{"up", "auth_userpass_0123"} {
		l := people(t)
		guess(l, 5)
		var got []string
		l.State().LockedUsers(l.At, func(m *fsm.AuthMount, k *fsm.Lockout) bool {
			got = append(got, m.Path+" "+k.Name)
			return true
		})
		if !locked(l) || !slices.Equal(got, []string{"up alice"}) {
			t.Fatalf("locked out are %q", got)
		}
		l.Must("root", &fsm.UserUnlock{Mount: mount, Name: "alice"})
		l.Must("root", &fsm.UserUnlock{Mount: mount, Name: "nobody"})
		if locked(l) {
			t.Fatalf("still locked out after unlocking by %s", mount)
		}
		l.Must("", login(l, "up", "alice", "t"))
	}
}

func TestLockedUsersAreThoseWhoAre(t *testing.T) {
	l := people(t)
	count := func() (n int) {
		l.State().LockedUsers(l.At, func(*fsm.AuthMount, *fsm.Lockout) bool { n++; return true })
		return n
	}
	guess(l, 4)
	if count() != 0 {
		t.Error("four failures lock nobody out")
	}
	guess(l, 1)
	l.Wait(15 * time.Minute)
	if count() != 0 {
		t.Error("a lockout that is over is listed")
	}
}

// Policies and roles are bounded; one that is there can be changed at the bound.
func TestPoliciesAndRolesAreBounded(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("writes fifty thousand records")
	}
	l := fsmtest.New(t)
	var batch []*fsm.Envelope
	flush := func() {
		for _, o := range l.Entry(batch...) {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
		}
		batch = batch[:0]
	}
	add := func(c fsm.Command) {
		if batch = append(batch, l.Envelope("root", c)); len(batch) == fsm.MaxEntryCommands {
			flush()
		}
	}
	for i := range fsm.MaxStoredPolicies - len(l.State().PolicyNames()) {
		add(fsmtest.Policy(fmt.Sprint("p", i)))
	}
	for i := range fsm.MaxRoles {
		add(&fsm.RoleSet{Role: fsm.Role{Name: fmt.Sprint("r", i)}})
	}
	flush()
	l.Refused("root", fsmtest.Policy("more"), fsm.TooManyPolicies)
	l.Refused("root", &fsm.RoleSet{Role: fsm.Role{Name: "more"}}, fsm.TooManyRoles)
	l.Must("root", fsmtest.Policy("p0"))
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "r0", Orphan: true}, Given: fsm.GivenOrphan})
	l.Must("root", &fsm.PolicyDelete{Name: "p1"})
	l.Must("root", fsmtest.Policy("more"))
}
