package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/cluster/keys"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
)

// realArchive is what a real node makes, and the file with its secret.
func realArchive(t *testing.T) (name, secret string) {
	t.Helper()
	secret = writeFile(t, "secret", keys.Generate()+"\n")
	if err := os.Chmod(secret, 0o600); err != nil {
		t.Fatal(err)
	}
	c := cluster.DefaultConfig()
	c.NodeID, c.DataDir, c.ClusterName, c.SecretFile, c.BootstrapExpect = "n1", t.TempDir(), "rehearsed", secret, 1
	c.ClusterAddr, c.GossipAddr = "127.0.0.1:0", "127.0.0.1:0"
	c.SettleTime, c.Logger = 10*time.Millisecond, slog.New(slog.DiscardHandler)
	c.InitialRootToken, c.InitialRootAccessor = "root", strings.Repeat("a", fsm.AccessorBytes)
	c.DefaultPolicy = fsm.PolicySet{Name: "default", Raw: policy.DefaultText, Parsed: policy.Append(nil, policy.Default())}
	c.OnFault = func(err error) { t.Error(err) }
	n, err := cluster.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close(t.Context())
	<-n.Ready()
	root, err := n.Digest("root")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		d, err := n.Digest(text)
		if err != nil {
			t.Fatal(err)
		}
		create := &fsm.TokenCreate{Token: d, Accessor: text + strings.Repeat("b", fsm.AccessorBytes-len(text)), TTL: time.Hour}
		if _, err := n.Propose(t.Context(), cluster.Proposal{Caller: fsm.Caller{Token: root}, Command: create}); err != nil {
			t.Fatal(err)
		}
	}
	v, err := n.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := cluster.WriteArchive(&b, v.State, n.Digest); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "real.snap", b.String()), secret
}

func TestSnapshotRehearse(t *testing.T) {
	name, secret := realArchive(t)
	t.Setenv("TMPDIR", t.TempDir())
	rehearse := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := newShell(t, "").run(t.Context(), append([]string{"snapshot", "rehearse"}, args...)...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v: exit code %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		if left := entries(t, os.Getenv("TMPDIR")); len(left) > 0 {
			t.Errorf("%v: %v are left", args, left)
		}
		return out
	}
	out := rehearse(exitDone, "A node works with the state", name)
	for _, line := range []string{"bytes", "all 3 live tokens resolve", "policies compile", "3 tokens are alive on it", "entries were applied on top"} {
		if !strings.Contains(out, line) {
			t.Errorf("no %q in:\n%s", line, out)
		}
	}
	if strings.Contains(out, "keys ") {
		t.Errorf("keys that were not given:\n%s", out)
	}
	out = rehearse(exitDone, "SHA256SUMS.sealed", "-secret-file", secret, "-cluster-name=rehearsed", name)
	for line := range strings.Lines(out) {
		if !strings.Contains(numberless(readDoc(t, "snapshots.md")), numberless(line)) {
			t.Errorf("docs/snapshots.md does not show %s", line)
		}
	}
	out = rehearse(exitDone, "SHA256SUMS.sealed", "-secret-file", secret, "-cluster-name=rehearsed", "-format=json", name)
	var r rehearsal
	if err := json.Unmarshal([]byte(out), &r); err != nil || !r.Sound || len(r.Checks) != 9 || r.Index == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	out = rehearse(exitFailed, "seal key is missing", "-secret-file", secret, "-cluster-name=another", "-format=json", name)
	out = out[:strings.LastIndex(out, "}")+1]
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Sound || r.Checks[len(r.Checks)-1].OK {
		t.Errorf("%+v, %v", r, err)
	}
	stranger := writeFile(t, "stranger", keys.Generate()+"\n")
	rehearse(exitFailed, "seal key is missing", "-seal-key-file", stranger, name)
	rehearse(exitFailed, "no such file", "-seal-key-file", filepath.Join(t.TempDir(), "none"), name)
	rehearse(exitUsage, "too few", "-secret-file", secret)
}

var digits = regexp.MustCompile(`\d+`)

// numberless is a text in which all numbers are the same.
func numberless(text string) string { return digits.ReplaceAllString(text, "0") }

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A state that was not made by a node with keys is rehearsed, too, but its seal is
// nobody's.
func TestSnapshotRehearseStates(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	before, after := twoStates(t)
	for _, st := range []*fsm.State{before, after} {
		name := writeFile(t, "a.snap", archiveOf(t, st))
		code, out, errs := newShell(t, "").run(t.Context(), "snapshot", "rehearse", name)
		if code != exitDone {
			t.Errorf("exit code %d:\n%s%s", code, out, errs)
		}
	}
	code, out, errs := newShell(t, "").run(t.Context(), "snapshot", "rehearse", writeFile(t, "lying.snap", forged(t, before)))
	if code != exitFailed || out != "" || !strings.Contains(errs, "the description says") {
		t.Errorf("exit code %d:\n%s%s", code, out, errs)
	}
}
