package fsm_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

func TestCertLoginToken(t *testing.T) {
	l := fsmtest.New(t)
	l.Must("root", enableCert("corp/tls"))
	set := cert("corp/tls", "web", fsm.TokenParams{
		Policies: []string{"ops", "Dev"}, TTL: min5, NumUses: 3, BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}, given)
	l.Must("root", set)
	for _, display := range []string{"web", "Shop front"} {
		c := certLogin(l, "corp/tls", "web", "c", display)
		made := l.Must("", c).(*fsm.TokenCreated)
		k := l.Token(display)
		if k.Path != "auth/corp/tls/login" || k.DisplayName != "corp-tls-"+display || !k.Parent.IsZero() || !made.Orphan ||
			!slices.Equal(k.Meta, c.Meta) || !slices.Equal(k.Policies, []string{"default", "dev", "ops"}) || k.TTL != min5 || k.NumUses != 3 {
			t.Fatalf("token %+v", k)
		}
		set.Cert.DisplayName, set.Given = "Shop front", fsm.GivenCertDisplayName
		l.Must("root", set)
	}
	c := certLogin(l, "corp/tls", "web", "c", "far")
	c.From = netip.MustParseAddr("192.0.2.1")
	l.Refused("", c, fsm.PermissionDenied)
}

// What the node verified has to be what the machine has, and log time decides.
func TestShownCertIsCompared(t *testing.T) {
	tests := []struct {
		name   string
		before fsm.Command // applied after the certificate was verified
		change func(*fsm.ShownCert, fsm.Instant)
		login  fsm.Reason
		renew  fsm.Reason
	}{
		{name: "nothing moved"},
		{name: "the record moved", before: cert("cert", "web", fsm.TokenParams{}, 0), login: fsm.CertMoved, renew: fsm.CertMoved},
		{name: "another record moved", before: cert("cert", "ops", fsm.TokenParams{}, 0)},
		{name: "the record went", before: &fsm.CertDelete{Mount: "cert", Name: "web"}, login: fsm.CertMoved, renew: fsm.CertGone},
		{name: "the mount went", before: &fsm.AuthDisable{Path: "cert"}, login: fsm.NoSuchMount, renew: fsm.TokenUnknown},
		{name: "it ends later", change: func(c *fsm.ShownCert, now fsm.Instant) { c.NotAfter = now + 1 }},
		{name: "it ends now", change: func(c *fsm.ShownCert, now fsm.Instant) { c.NotAfter = now }, login: fsm.CertExpired, renew: fsm.CertExpired},
		{name: "it begins now", change: func(c *fsm.ShownCert, now fsm.Instant) { c.NotBefore = now }},
		{name: "it begins later", change: func(c *fsm.ShownCert, now fsm.Instant) { c.NotBefore = now + 1 }, login: fsm.CertNotYet, renew: fsm.CertNotYet},
		{name: "it never ends", change: func(c *fsm.ShownCert, _ fsm.Instant) { c.NotAfter = fsm.Never }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := certified(t)
			l.Must("", certLogin(l, "cert", "web", "c", "old"))
			c, r := certLogin(l, "cert", "web", "c", "new"), certRenew(l, "cert", "web", "c", "old")
			if tt.before != nil {
				l.Must("root", tt.before)
			}
			if tt.change != nil {
				l.Wait(0)
				tt.change(&c.Shown, l.At)
				tt.change(&r.Shown, l.At)
			}
			for _, step := range []struct {
				caller  string
				command fsm.Command
				refuse  fsm.Reason
			}{{"", c, tt.login}, {"root", r, tt.renew}} {
				_, err := l.Do(step.caller, step.command)
				if (err != nil) != (step.refuse != 0) || err != nil && (err.Reason != step.refuse || (err.Code == fsm.Recheck) != (err.Reason == fsm.CertMoved)) {
					t.Errorf("%T: %v, want reason %d", step.command, err, step.refuse)
				}
			}
			if l.Alive("new") != (tt.login == 0) {
				t.Errorf("token made: %v", l.Alive("new"))
			}
		})
	}
}

func TestCertRenewal(t *testing.T) {
	given := given &^ (fsm.GivenTokenNumUses | fsm.GivenTokenBoundCIDRs)
	tests := []struct {
		name   string
		change fsm.Command
		record string // that the node verified with; empty: the token's own
		shows  string // empty: the token's own certificate
		bare   bool   // renewed without a certificate
		refuse fsm.Reason
		want   time.Duration
	}{
		{name: "by the record's ttl", want: 10 * time.Minute},
		{name: "no certificate", bare: true, refuse: fsm.CertUnshown},
		{name: "no certificate and no record", change: &fsm.CertDelete{Mount: "cert", Name: "bob"}, bare: true, refuse: fsm.CertGone},
		{name: "another certificate", shows: "another", refuse: fsm.CertOther},
		{name: "another record that takes it", record: "web", refuse: fsm.CertMoved},
		{name: "by the record's present ttl", change: cert("cert", "bob", fsm.TokenParams{TTL: min5}, fsm.GivenTokenTTL), want: min5},
		{name: "other policies", change: cert("cert", "bob", fsm.TokenParams{Policies: []string{"x"}}, fsm.GivenTokenPolicies), refuse: fsm.UserPoliciesMoved},
		{name: "the record is gone", change: &fsm.CertDelete{Mount: "cert", Name: "bob"}, refuse: fsm.CertGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := certified(t)
			l.Must("root", cert("cert", "bob", fsm.TokenParams{TTL: 10 * time.Minute, MaxTTL: 20 * time.Minute}, given))
			l.Must("", certLogin(l, "cert", "bob", "c", "his"))
			if tt.change != nil {
				l.Must("root", tt.change)
			}
			record, shows := "bob", "c"
			if tt.record != "" {
				record = tt.record
			}
			if tt.shows != "" {
				shows = tt.shows
			}
			var renew fsm.Command = certRenew(l, "cert", record, shows, "his")
			if tt.bare {
				renew = fsmtest.Renew("his", 0)
			}
			if tt.refuse != 0 {
				before := l.Token("his").Deadline
				l.Refused("root", renew, tt.refuse)
				if l.Token("his").Deadline != before {
					t.Error("the deadline moved")
				}
				return
			}
			if got := l.Must("root", renew).(*fsm.TokenRenewed).TTL; got != tt.want {
				t.Fatalf("renewed for %s, want %s", got, tt.want)
			}
		})
	}
	// who shows a certificate where none is wanted is not refused for it
	l := certified(t)
	l.Create("root", "plain", fsmtest.TTL(time.Hour))
	l.Must("root", certRenew(l, "cert", "web", "c", "plain"))
	// the right is that of a renewal
	l.Create("root", "clerk", fsmtest.Policies("default"), fsmtest.TTL(time.Hour))
	l.Must("", certLogin(l, "cert", "web", "c", "his"))
	l.Refused("clerk", certRenew(l, "cert", "web", "c", "his"), fsm.PermissionDenied)
}

func TestCertLoginShape(t *testing.T) {
	for name, change := range map[string]func(*fsm.CertLogin){
		"no name":                func(c *fsm.CertLogin) { c.Shown.Name = "" },
		"a name in capitals":     func(c *fsm.CertLogin) { c.Shown.Name, c.Meta[0].Value = "Web", "Web" },
		"another name told":      func(c *fsm.CertLogin) { c.Meta[0].Value = "ops" },
		"nothing told":           func(c *fsm.CertLogin) { c.Meta = nil },
		"no fingerprint":         func(c *fsm.CertLogin) { c.Shown.Fingerprint, c.Meta[1].Value = "", "" },
		"another fingerprint":    func(c *fsm.CertLogin) { c.Meta[1].Value = fingerprint("x") },
		"a fingerprint of words": func(c *fsm.CertLogin) { c.Shown.Fingerprint = strings.Repeat("x", 64) },
		"too much told": func(c *fsm.CertLogin) {
			c.Meta = append(c.Meta, fsm.MetaPair{Key: "x", Value: strings.Repeat("v", 4096)})
		},
		"no token":    func(c *fsm.CertLogin) { c.Token = fsm.Digest{} },
		"no accessor": func(c *fsm.CertLogin) { c.Accessor = "" },
		"no mount":    func(c *fsm.CertLogin) { c.Mount = "" },
	} {
		l := certified(t)
		c := certLogin(l, "cert", "web", "c", "new")
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(c)
		if err := c.Validate(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	l := certified(t)
	for name, change := range map[string]func(*fsm.CertRenew){
		"no fingerprint": func(c *fsm.CertRenew) { c.Shown.Fingerprint = "" },
		"no name":        func(c *fsm.CertRenew) { c.Shown.Name = "" },
		"no increment":   func(c *fsm.CertRenew) { c.Renew.Increment = -1 },
	} {
		c := certRenew(l, "cert", "web", "c", "new")
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(c)
		if err := c.Validate(); err == nil {
			t.Errorf("renewal with %s: accepted", name)
		}
	}
}

func TestCertRules(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fsm.CertSet)
		refuse fsm.Reason
	}{
		{"as it is", func(*fsm.CertSet) {}, 0},
		{"no certificate", func(c *fsm.CertSet) { c.Cert.Certificates = "" }, fsm.CertMissing},
		{"a blank certificate", func(c *fsm.CertSet) { c.Cert.Certificates = " \n" }, fsm.CertMissing},
		{"a certificate not given", func(c *fsm.CertSet) { c.Given = 0 }, fsm.CertMissing},
		{"a large certificate", func(c *fsm.CertSet) { c.Cert.Certificates = strings.Repeat("x", 32<<10+1) }, fsm.OutOfRange},
		{"a display name", func(c *fsm.CertSet) { c.Cert.DisplayName = strings.Repeat("x", 120) }, 0},
		{"a long display name", func(c *fsm.CertSet) { c.Cert.DisplayName = strings.Repeat("x", 121) }, fsm.OutOfRange},
		{"patterns", func(c *fsm.CertSet) { c.Cert.Emails = []string{"*@a.example"} }, 0},
		{"many patterns", func(c *fsm.CertSet) { c.Cert.URIs = slices.Repeat([]string{"a"}, 65) }, fsm.OutOfRange},
		{"an empty pattern", func(c *fsm.CertSet) { c.Cert.Units = []string{""} }, fsm.OutOfRange},
		{"a long pattern", func(c *fsm.CertSet) { c.Cert.Names = []string{strings.Repeat("x", 513)} }, fsm.OutOfRange},
		{"a large record", func(c *fsm.CertSet) {
			c.Cert.Names = slices.Repeat([]string{strings.Repeat("x", 512)}, 64)
			c.Cert.DNSNames = c.Cert.Names
		}, fsm.CertTooLarge},
		{"a ttl above its max", func(c *fsm.CertSet) { c.Cert.Params.TTL, c.Cert.Params.MaxTTL = hour, min5 }, fsm.TTLAboveMax},
		{"capitals", func(c *fsm.CertSet) { c.Cert.Name = "Web" }, fsm.CertNameBad},
		{"a name with a slash", func(c *fsm.CertSet) { c.Cert.Name = "a/b" }, fsm.CertNameBad},
		{"unknown fields", func(c *fsm.CertSet) { c.Given = fsm.AllCertFields + 1 }, fsm.OutOfRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := certified(t)
			c := cert("cert", "new", fsm.TokenParams{}, given)
			c.Given = fsm.AllCertFields
			tt.change(c)
			var err error = c.Validate()
			if err == nil {
				if _, no := l.Do("root", c); no != nil {
					err = no
				}
			}
			if no, _ := err.(*fsm.Error); (err != nil) != (tt.refuse != 0) || no != nil && no.Reason != tt.refuse {
				t.Fatalf("%v, want reason %d", err, tt.refuse)
			}
		})
	}
	l := people(t)
	l.Refused("root", cert("up", "x", fsm.TokenParams{}, 0), fsm.NoSuchMount)
	l.Refused("root", &fsm.CertDelete{Mount: "none", Name: "x"}, fsm.NoSuchMount)
	l.Refused("", certLogin(l, "up", "x", "c", "new"), fsm.NoSuchMount)
}

func TestCertRights(t *testing.T) {
	l := certified(t)
	l.Must("root", fsmtest.Policy("clerk", fsmtest.Allow("auth/cert/certs/new", policy.Create)))
	l.Create("root", "clerk", fsmtest.Policies("clerk"), fsmtest.TTL(hour))
	l.Must("clerk", cert("cert", "new", fsm.TokenParams{}, 0))
	l.Refused("clerk", cert("cert", "new", fsm.TokenParams{}, 0), fsm.PermissionDenied) // an update by now
	l.Refused("clerk", cert("cert", "web", fsm.TokenParams{}, 0), fsm.PermissionDenied)
	l.Refused("clerk", &fsm.CertDelete{Mount: "cert", Name: "new"}, fsm.PermissionDenied)
}

// What a node asks before it renews a token.
func TestCertOf(t *testing.T) {
	l := certified(t)
	l.Must("", certLogin(l, "cert", "web", "c", "his"))
	l.Create("root", "plain", fsmtest.TTL(hour))
	self, his := fsm.Target{}, fsm.Target{By: fsm.ByAccessor, Accessor: fsmtest.Accessor("his")}
	for _, tt := range []struct {
		name                   string
		target                 fsm.Target
		caller                 string
		record, wanted, before bool
	}{
		{"self", self, "his", true, true, true},
		{"by accessor", his, "root", true, true, true},
		{"a plain one", fsm.Target{By: fsm.ByToken, Token: fsmtest.Digest("plain")}, "his", false, false, true},
		{"an unknown one", self, "nobody", false, false, false},
		{"no accessor", fsm.Target{By: fsm.ByAccessor}, "his", false, false, false},
	} {
		record, wanted, found := l.State().CertOf(tt.target, fsmtest.Digest(tt.caller))
		if (record != nil) != tt.record || wanted != tt.wanted || found != tt.before {
			t.Errorf("%s: %v, %v, %v", tt.name, record, wanted, found)
		}
	}
	l.Must("root", &fsm.CertDelete{Mount: "cert", Name: "web"})
	if record, wanted, found := l.State().CertOf(his, fsm.Digest{}); record != nil || !wanted || !found {
		t.Errorf("of a record that is gone: %v, %v, %v", record, wanted, found)
	}
}
