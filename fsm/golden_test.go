package fsm_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// samples is one command of each kind with every field set.
func samples() []fsm.Command {
	token, accessor := fsmtest.Digest("t"), fsmtest.Accessor("t")
	set := fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read|policy.List), fsmtest.Allow("web/+/x", policy.Deny))
	set.Legacy = true
	return append(slices.Concat(
		loginSamples(),
		auditSamples(),
		approleSamples(),
		jwtSamples(),
		certSamples(),
		quotaSamples(),
		leaseSamples(),
		restoreSamples(),
		snapshotSamples(),
		signedSamples(),
	), []fsm.Command{
		fsmtest.Bootstrap(),
		&fsm.SessionOpen{Session: 1<<64 - 1},
		&fsm.LevelRaise{Level: 1},
		&fsm.Tick{},
		&fsm.StateCheck{Of: fsm.Check{Index: 300, Hash: fsm.Hash{1, 2, 3, 1<<64 - 1}}},
		&fsm.Expire{Limit: 4096},
		&fsm.Sweep{Limit: 1},
		&fsm.TokenCreate{
			Endpoint: fsm.CreateByRole, Role: "ci", Token: token, Accessor: accessor, ChosenID: true,
			Policies: []string{"web", "Default"}, NoParent: true, NoDefaultPolicy: true, NotRenewable: true,
			TTL: time.Hour, ExplicitMaxTTL: 2 * time.Hour, Period: 3 * time.Second, DisplayName: "name", NumUses: 300,
			Meta: []fsm.MetaPair{{Key: "a", Value: "1"}, {Key: "b"}}, Type: fsm.TypeService, EntityAlias: "alias",
		},
		&fsm.TokenRenew{Target: fsm.Target{By: fsm.ByAccessor, Accessor: accessor}, Increment: time.Minute},
		&fsm.TokenUse{Path: "auth/token/lookup-self", Capability: policy.Read},
		&fsm.TokenRevoke{Target: fsm.Target{By: fsm.ByToken, Token: token}},
		&fsm.TokenRevokeOrphan{Token: token},
		&fsm.PrefixRevoke{Endpoint: fsm.SysRevokePrefix, Prefix: "auth/token/create/ci"},
		&fsm.RoleSet{Given: allRoleFields, Role: fsm.Role{
			Name: "ci", Version: 9, AllowedPolicies: []string{"a"}, DisallowedPolicies: []string{"b"},
			AllowedPoliciesGlob: []string{"c*"}, DisallowedPoliciesGlob: []string{"d*"}, AllowedEntityAliases: []string{"e"},
			Orphan: true, Renewable: true, PathSuffix: "v1", Period: time.Second, ExplicitMaxTTL: time.Minute,
			BoundCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")},
			TokenType:  fsm.TypeDefaultBatch, NoDefaultPolicy: true, NumUses: 2, Deprecated: fsm.GivenPeriod,
		}},
		&fsm.RoleDelete{Name: "ci"},
		set,
		&fsm.PolicyDelete{Name: "web", Legacy: true},
		&fsm.CubbyholeSet{Path: "a/b", Value: []byte("sealed")},
		&fsm.CubbyholeDelete{Path: "a/b"},
		&fsm.LeaseRevoke{Endpoint: fsm.SysRevokePath, Lease: "auth/token/create/h00"},
		&fsm.Wrap{
			Token: token, Accessor: accessor, Path: "auth/token/create", TTL: time.Minute, Box: []byte("sealed"),
			WrappedAccessor: fsmtest.Accessor("inside"),
		},
		&fsm.Unwrap{Token: token},
		&fsm.Planned{Epoch: 1, Serial: 300, Tokens: 7, Checked: 301, Left: 6, Command: &fsm.PrefixRevoke{Endpoint: fsm.LeasesRevokeForce, Prefix: "auth/userpass"}},
		&fsm.KeyRotate{Keys: []fsm.NewKey{{Purpose: fsm.KeyBatch, ID: "0123456789abcdef", Box: fsm.Sealed{KeyID: "k1", Box: []byte("sealed")}}}},
		&fsm.BatchRevoke{Accessor: accessor, Until: fsmtest.Start},
		&fsm.NotBefore{Scope: fsm.FenceSignedUser, Name: "u1", Before: fsmtest.Start},
		&fsm.KeyRetire{ID: "0123456789abcdef"},
		&fsm.Rewrap{Old: token, Token: fsmtest.Digest("new"), Accessor: accessor, TTL: time.Minute, Box: []byte("sealed")},
	}...)
}

// sample wraps a command in an envelope with every field set.
func sample(c fsm.Command) *fsm.Envelope {
	return &fsm.Envelope{
		Request: fsm.RequestID{Session: 77, Seq: 300, Low: 299},
		Key:     &fsm.IdempotencyKey{Key: fsmtest.Digest("key"), Request: fsmtest.Digest("request"), Sealed: []byte("sealed")},
		Caller:  fsm.Caller{Token: fsmtest.Digest("root"), Addr: netip.MustParseAddr("10.0.0.1"), WrapTTL: time.Minute, ParamsAt: 3},
		Command: c,
	}
}

// golden compares got with a file of hexadecimal lines.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".hex")
	if *update {
		var b strings.Builder
		for line := range slices.Chunk(got, 40) {
			fmt.Fprintf(&b, "%x\n", line)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := readGolden(t, path); !bytes.Equal(got, want) {
		t.Fatalf("%s: the bytes changed\n got %x\nwant %x\nOld logs hold the old bytes: a changed meaning needs a new kind.", name, got, want)
	}
}

func readGolden(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGoldenEntries(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range samples() {
		name := fsm.Name(c)
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			e := fsm.Entry{Epoch: 1, At: fsmtest.Start, Envelopes: [][]byte{sample(c).Encode()}}
			golden(t, "entry-"+name, e.Encode())
		})
	}
	for _, name := range fsm.CommandNames() {
		if !seen[name] {
			t.Errorf("no golden bytes of %s", name)
		}
	}
}

// shown is a command with all its fields.
func shown(c fsm.Command) string {
	if p, ok := c.(*fsm.Planned); ok {
		return fmt.Sprintf("%d %d %d %d %d %+v", p.Epoch, p.Serial, p.Tokens, p.Checked, p.Left, p.Command)
	}
	return fmt.Sprintf("%+v", c)
}

func TestGoldenEntriesDecode(t *testing.T) {
	for _, c := range samples() {
		t.Run(fsm.Name(c), func(t *testing.T) {
			b := readGolden(t, filepath.Join("testdata", "entry-"+fsm.Name(c)+".hex"))
			e, err := fsm.DecodeEntry(b)
			if err != nil {
				t.Fatal(err)
			}
			env, err := fsm.DecodeEnvelope(e.Envelopes[0])
			if err != nil {
				t.Fatal(err)
			}
			if want := sample(c); shown(env.Command) != shown(want.Command) ||
				env.Request != want.Request || env.Caller != want.Caller || env.Key.Key != want.Key.Key {
				t.Fatalf("decoded %+v\nwant %+v", env.Command, want.Command)
			}
			if !bytes.Equal(env.Encode(), e.Envelopes[0]) || !bytes.Equal(e.Encode(), b) {
				t.Fatal("encodes to other bytes than it was decoded from")
			}
		})
	}
}

// sampleState is a state with records of every kind.
func sampleState(t testing.TB) *fsmtest.Lab {
	l := fsmtest.New(t)
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read)))
	l.Must("root", &fsm.RoleSet{Role: fsm.Role{Name: "ci", PathSuffix: "v1"}, Given: fsm.GivenPathSuffix})
	l.Create("root", "a", fsmtest.TTL(time.Hour), fsmtest.Policies("web"), func(c *fsm.TokenCreate) {
		c.DisplayName, c.Meta = "me", []fsm.MetaPair{{Key: "user", Value: "armon"}}
	})
	l.Create("root", "b", fsmtest.ByRole("ci"), fsmtest.TTL(time.Hour))
	l.Create("b", "c", fsmtest.TTL(time.Hour))
	l.Create("c", "d", fsmtest.TTL(time.Hour))
	l.Create("root", "n", fsmtest.Policies("default"), fsmtest.Uses(1))
	l.Must("a", &fsm.CubbyholeSet{Path: "x/y", Value: []byte("sealed")})
	l.Must("root", &fsm.PrefixRevoke{Prefix: "auth/token/create/ci"})
	l.Create("root", "e", fsmtest.TTL(time.Hour))
	l.Must("root", fsmtest.Revoke("e"))
	l.Create("root", "f", fsmtest.TTL(time.Hour))
	l.Create("f", "g", fsmtest.TTL(time.Hour))
	l.Must("root", &fsm.TokenRevokeOrphan{Token: fsmtest.Digest("f")})
	l.Entry(keyed(l, "root", "k", "body", fsmtest.Renew("a", time.Minute)))
	l.Must("n", fsmtest.LookupSelf())
	addLogins(l)
	addApproles(l)
	addJWTs(l)
	addCerts(l)
	addLeases(l)
	l.Must("", fsmtest.Wrap("w"))
	addBatch(l)
	l.Must("root", audit("file"))
	l.Must("root", &fsm.AuditHeaderSet{Header: fsm.AuditHeader{Name: "x-request-id"}})
	addQuotas(l)
	addStaging(l)
	addSnapshots(l)
	addSigned(l)
	return l
}

func TestGoldenState(t *testing.T) {
	l := sampleState(t)
	golden(t, "state", stateBytes(t, l.State()))
	if *update {
		return
	}
	s, err := fsm.ReadState(bytes.NewReader(readGolden(t, filepath.Join("testdata", "state.hex"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := fsm.CheckInvariants(s); err != nil {
		t.Fatal(err)
	}
	for tag, n := range fsm.CountRecords(s) { // order: each stands alone
		if n == 0 {
			t.Errorf("no record with tag %d in the sample", tag)
		}
	}
}
