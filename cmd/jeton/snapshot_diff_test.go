package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/fsm/policy"
	"github.com/jeton-io/jeton/snapshot"
)

// archiveOf is a state as a cluster with some salt archives it.
func archiveOf(t testing.TB, st *fsm.State) string {
	t.Helper()
	var b bytes.Buffer
	digest := func(text string) (fsm.Digest, error) { return fsmtest.Digest("salt" + text), nil }
	if err := cluster.WriteArchive(&b, st, digest); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// twoStates are a cluster now and a day later.
func twoStates(t testing.TB) (before, after *fsm.State) {
	l := fsmtest.New(t)
	day, web := fsmtest.TTL(24*time.Hour+time.Minute), fsmtest.Policies("web")
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Read)))
	l.Must("root", fsmtest.Policy("old", fsmtest.Allow("old", policy.Read)))
	l.Must("root", fsmtest.EnableDatabase("db"))
	named := func(name string) func(*fsm.TokenCreate) { return func(c *fsm.TokenCreate) { c.DisplayName = name } }
	l.Create("root", "stays", day, web, named("stays"))
	l.Create("root", "renewed", day, web, named("renewed"))
	l.Create("root", "used", day, fsmtest.Uses(3), named("used"))
	l.Create("root", "revoked", day, named("revoked")) // a root token, which may make others
	l.Create("root", "swept", day, web, named("swept"))
	l.Create("revoked", "child", day, web, named("child"))
	l.Create("root", "expires", fsmtest.TTL(time.Hour), named("expires\x1b[2J"))
	before = l.State()

	l.Wait(time.Minute)
	l.Must("root", fsmtest.Renew("renewed", 48*time.Hour))
	l.Must("used", fsmtest.LookupSelf())
	l.Must("root", fsmtest.Revoke("swept"))
	l.Wait(24*time.Hour - time.Minute)
	l.Clean(50)
	l.Cluster(&fsm.SessionOpen{Session: 77}) // the lab's, which was closed for idleness
	l.Create("root", "made", day, web, named("made"))
	l.Must("root", fsmtest.Policy("web", fsmtest.Allow("web/*", policy.Update)))
	l.Must("root", fsmtest.Policy("new", fsmtest.Allow("new", policy.Read)))
	l.Must("root", &fsm.PolicyDelete{Name: "old"})
	l.Must("root", fsmtest.NewUser("alice", "web"))
	l.Must("root", fsmtest.Revoke("revoked")) // and is not swept
	return before, l.State()
}

func TestSnapshotDiff(t *testing.T) {
	before, after := twoStates(t)
	other := fsmtest.New(t)
	other.Must("root", &fsm.PolicySet{Name: "web", Raw: "# web", Parsed: policy.Append(nil, policy.Default())})
	foreign := *other.State()
	foreign.Cluster = fsmtest.Digest("another cluster")
	dir := t.TempDir()
	for name, st := range map[string]*fsm.State{"old.snap": before, "new.snap": after, "other.snap": &foreign} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(archiveOf(t, st)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	for _, line := range []string{
		"old.snap new.snap", "-top=1 old.snap new.snap", "-format=json -top=1 old.snap new.snap", "new.snap old.snap", "old.snap old.snap", "other.snap new.snap",
		"old.snap", "old.snap none.snap", "-top=-1 old.snap new.snap",
	} {
		args := []string{"snapshot", "diff"}
		for _, arg := range strings.Fields(line) {
			if strings.HasSuffix(arg, ".snap") {
				arg = filepath.Join(dir, arg)
			}
			args = append(args, arg)
		}
		code, out, errs := newShell(t, "").run(t.Context(), args...)
		fmt.Fprintf(&b, "$ jeton snapshot diff %s\n%s", line, out)
		if errs != "" {
			fmt.Fprintf(&b, "--- standard error\n%s", errs)
		}
		fmt.Fprintf(&b, "--- exit %d\n\n", code)
	}
	for _, name := range []string{"root", "stays", "made", "swept"} {
		if strings.Contains(b.String(), fsmtest.Digest(name).String()) {
			t.Errorf("the digest of %s is shown", name)
		}
	}
	compareGolden(t, "snapshot_diff", strings.ReplaceAll(b.String(), dir+"/", ""))
}

// Which of the files is wrong is said, and nothing is told of either.
func TestSnapshotDiffRefuses(t *testing.T) {
	before, after := twoStates(t)
	good, bad := archiveOf(t, before), archiveOf(t, after)
	flipped := []byte(bad)
	flipped[len(flipped)/2] ^= 1
	lying := forged(t, after)
	for _, hurt := range []string{bad[:len(bad)/2], bad[:40], bad + "x", string(flipped), "text", "", lying} {
		fine, broken := writeFile(t, "fine.snap", good), writeFile(t, "broken.snap", hurt)
		for _, pair := range [][2]string{{fine, broken}, {broken, fine}} {
			code, out, errs := newShell(t, "").run(t.Context(), "snapshot", "diff", pair[0], pair[1])
			if code != exitFailed || out != "" || !strings.Contains(errs, "broken.snap: ") || strings.Contains(errs, "fine.snap") {
				t.Errorf("%d bytes: exit code %d:\n%s%s", len(hurt), code, out, errs)
			}
		}
	}
}

// forged is an archive whose checksums fit and whose description lies of the hash.
func forged(t testing.TB, st *fsm.State) string {
	t.Helper()
	var b bytes.Buffer
	m := snapshot.Meta{Cluster: strings.Repeat("0", 64), StateHash: strings.Repeat("0", 64)}
	if err := snapshot.Write(&b, m, st, func([]byte) ([]byte, error) { return []byte("x"), nil }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSnapshotInspectCounts(t *testing.T) {
	before, _ := twoStates(t)
	name := writeFile(t, "a.snap", archiveOf(t, before))
	_, out, _ := newShell(t, "").run(t.Context(), "snapshot", "inspect", "-format=json", name)
	var i inspection
	if err := json.Unmarshal([]byte(out), &i); err != nil {
		t.Fatal(err)
	}
	sum := func(list []counted) (n int) {
		for _, c := range list {
			n += c.Tokens
		}
		return n
	}
	if i.Tokens != 8 || sum(i.Type) != 8 || sum(i.Age) != 8 || sum(i.Expiry) != 8 || sum(i.Path) != 8 {
		t.Errorf("inspected %+v", i)
	}
	for _, c := range i.Trait {
		if want := map[string]int{"root": 4, "orphan": 1, "counting its uses": 1}[c.Name]; want > 0 && c.Tokens != want {
			t.Errorf("%d are %s, want %d", c.Tokens, c.Name, want)
		}
	}
	for _, r := range i.Records {
		if r.Largest < 1 || int64(r.Largest) > r.Bytes || int64(r.Largest*r.Records) < r.Bytes {
			t.Errorf("the largest of %+v", r)
		}
	}
}

// What a diff counts is what sets of live tokens say, whatever happened in between.
func TestSnapshotDiffAddsUp(t *testing.T) {
	moved := 0
	for seed := range uint64(20) {
		l, m := fsmtest.New(t), fsmtest.NewModel()
		g := fsmtest.NewGenerator(seed, m)
		for _, p := range fsmtest.GeneratorPolicies() {
			l.Must("root", p)
		}
		l.AddGeneratorRole()
		l.Must("", fsmtest.WaypointBootstrap(fsmtest.FirstLogin))
		var files [2]string
		var states [2]*fsm.State
		for i := range files {
			for range 150 {
				l.At = l.At.Add(g.Pause())
				m.Clock = l.At
				caller, step := g.Next()
				if _, wants := step.(*fsmtest.ExchangeStep); wants {
					continue // an invite that the lab has to show
				}
				m.Do(caller, step)
				l.Entry(l.Envelope(caller, step.Command()))
			}
			l.Clean(100)
			states[i] = l.State()
			files[i] = writeFile(t, "a.snap", archiveOf(t, states[i]))
		}
		a := &archives{c: new(console), out: new(output)}
		d, err := a.diff(files[0], files[1], 0)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		before, after := states[0].LiveAccessors(states[0].Clock), states[1].LiveAccessors(states[1].Clock)
		if d.Tokens.Old != len(before) || d.Tokens.New != len(after) {
			t.Errorf("seed %d: %d tokens, then %d, want %d and %d", seed, d.Tokens.Old, d.Tokens.New, len(before), len(after))
		}
		if got, want := accessorsOf(d.Tokens.Made), without(after, before); !slices.Equal(got, want) {
			t.Errorf("seed %d: made %v, want %v", seed, got, want)
		}
		if got, want := accessorsOf(d.Tokens.Ended), without(before, after); !slices.Equal(got, want) {
			t.Errorf("seed %d: ended %v, want %v", seed, got, want)
		}
		moved += min(d.Tokens.Made.Tokens, d.Tokens.Ended.Tokens)
	}
	if moved == 0 {
		t.Error("nowhere tokens were made and ended")
	}
}

func accessorsOf(l tokenList) (names []string) {
	for _, t := range l.Latest {
		names = append(names, t.Accessor)
	}
	slices.Sort(names)
	return names
}

// without lists what is in a and not in b, of which both are in order.
func without(a, b []string) (rest []string) {
	for _, name := range a {
		if _, there := slices.BinarySearch(b, name); !there {
			rest = append(rest, name)
		}
	}
	return rest
}
