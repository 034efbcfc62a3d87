package postgres

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/http/engine"
)

func TestAccountName(t *testing.T) {
	at := time.Unix(1795363200, 0)
	tests := []struct{ who, role, want string }{
		{"token-ci", "reader", "v-token-ci-reader-"},
		{"corp-people-alice", "much-too-long-a-name", "v-corp-peo-much-too-"},
		{`a"b'c;d\e é☃`, "x y.z", "v-abcde-xyz-"},
		{"", "", "v---"},
	}
	for _, tt := range tests {
		got := accountName(tt.who, tt.role, at)
		if ok, _ := regexp.MatchString("^"+tt.want+"[0-9A-Za-z]{20}-1795363200$", got); !ok || !isAccountName(got) || len(got) > 63 {
			t.Errorf("%q, %q: %s", tt.who, tt.role, got)
		}
	}
	for _, bad := range []string{"", "postgres", `v-"; DROP`, "v-" + strings.Repeat("x", 62), "v-a b", "v-é"} {
		if isAccountName(bad) {
			t.Errorf("%q is taken for a name of ours", bad)
		}
	}
}

func TestDrawPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		p := drawPassword()
		if len(p) != passwordChars+1 || p[4] != '-' || seen[p] ||
			!strings.ContainsAny(p, "0123456789") || strings.ToUpper(p) == p || strings.ToLower(p) == p {
			t.Fatalf("drew %q", p)
		}
		seen[p] = true
	}
}

// The salt and the password are those of RFC 7677, section 3; the keys are what
// PostgreSQL keeps for them.
func TestScramVerifier(t *testing.T) {
	salt := []byte{0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81}
	got, err := scramVerifier("pencil", salt)
	want := "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if err != nil || got != want {
		t.Errorf("got %s, want %s (%v)", got, want, err)
	}
}

func TestFill(t *testing.T) {
	m := &marks{name: "v-a", password: "p-w", deadline: time.Date(2026, 11, 22, 18, 59, 58, 0, time.FixedZone("", 3600))}
	tests := []struct{ in, want string }{
		{`CREATE ROLE "{{name}}" PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`, `CREATE ROLE "v-a" PASSWORD 'p-w' VALID UNTIL '2026-11-22 18:00:03+0000'`},
		{"{{username}}{{name}}", "v-av-a"},
		{"{{ name }} {name} {{", "{{ name }} {name} {{"},
	}
	for _, tt := range tests {
		if got := m.fill(tt.in); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestRoleCheck(t *testing.T) {
	good := Role{DBName: "shop", CreationStatements: []string{`CREATE ROLE "{{name}}"`}}
	long := strings.Repeat("x", maxRevocationBytes)
	tests := []struct {
		name   string
		change func(*Role)
		field  string
	}{
		{"as it should be", func(*Role) {}, ""},
		{"no database", func(r *Role) { r.DBName = "" }, "db_name"},
		{"no statements", func(r *Role) { r.CreationStatements = nil }, "creation_statements"},
		{"too many", func(r *Role) { r.RenewStatements = make([]string, MaxStatements+1) }, "renew_statements"},
		{"too long", func(r *Role) { r.CreationStatements = []string{long, long, long} }, "creation_statements"},
		{"too long for a lease", func(r *Role) { r.RevocationStatements = []string{long} }, "revocation_statements"},
		{"too long once it is JSON", func(r *Role) { r.RevocationStatements = []string{strings.Repeat("\x01", maxRevocationBytes/2)} }, "revocation_statements"},
		{"an unknown mark", func(r *Role) { r.RollbackStatements = []string{"{{name}} {{user}}"} }, "rollback_statements"},
	}
	for _, tt := range tests {
		r := good
		tt.change(&r)
		err := r.Check()
		if tt.field == "" && err != nil || tt.field != "" && (err == nil || !strings.HasPrefix(err.Error(), `field "`+tt.field+`"`)) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// What a lease keeps fits, whatever the role is.
func TestDataFits(t *testing.T) {
	r := Role{DBName: strings.Repeat("d", 256), CreationStatements: []string{"x"}, RevocationStatements: []string{strings.Repeat(`"`, maxRevocationBytes/2-8)}}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	body, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	config, err := validConfig().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	o := &engine.Order{DisplayName: strings.Repeat("w", 512), Config: &engine.Item{Body: config}, Role: &engine.Item{Path: "roles/" + strings.Repeat("r", 256), Body: body}}
	text, err := New().Plan(o)
	if err != nil || len(text) > engine.MaxDataBytes {
		t.Fatalf("%d bytes: %v", len(text), err)
	}
	if path, err := New().ConfigPath(nil, text); err != nil || path != "config/"+r.DBName {
		t.Errorf("%s: %v", path, err)
	}
}

func TestSharesPart(t *testing.T) {
	tests := []struct {
		text, secret string
		want         bool
	}{
		{"role does not exist", "Xy12-9zQa", false}, {`near "y12-"`, "Xy12-9zQa", true}, {"Xy1", "Xy12-9zQa", false}, {"anything", "", false}, {"abc", "abc", false},
	}
	for _, tt := range tests {
		if got := sharesPart(tt.text, []string{"", tt.secret}); got != tt.want {
			t.Errorf("%q of %q: %v", tt.text, tt.secret, got)
		}
	}
}

// An order that the log brought back in another shape is refused, not put into SQL.
func TestStrangeData(t *testing.T) {
	for _, text := range []string{"", "{}", `{"name":"postgres"}`, `{"name":"v-a\"; DROP ROLE x"}`, `{"name":5}`, "null"} {
		if d, err := decodeData([]byte(text)); err == nil {
			t.Errorf("%s was read as %s", text, fmt.Sprint(d))
		}
	}
}
