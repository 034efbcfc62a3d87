package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/cluster"
)

func TestMostAdvanced(t *testing.T) {
	r := func(dir string, term, index uint64) *cluster.Remains {
		return &cluster.Remains{Dir: dir, LastTerm: term, LastIndex: index}
	}
	for _, tt := range []struct {
		name    string
		remains []*cluster.Remains
		want    string
	}{
		{"one", []*cluster.Remains{r("a", 1, 1)}, "a"},
		{"by index", []*cluster.Remains{r("a", 2, 10), r("b", 2, 11), r("c", 2, 9)}, "b"},
		{"the term first", []*cluster.Remains{r("a", 2, 10), r("b", 1, 99), r("c", 3, 1)}, "c"},
		{"equal", []*cluster.Remains{r("a", 2, 10), r("b", 2, 10)}, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mostAdvanced(tt.remains).Dir; got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestQuorumOf(t *testing.T) {
	servers := []cluster.Server{{ServerID: "a", Voter: true}, {ServerID: "b", Voter: true}, {ServerID: "c", Voter: true}, {ServerID: "reader"}}
	for _, tt := range []struct {
		ids  string
		here int
	}{
		{"a", 1}, {"a reader", 1}, {"a stranger", 1}, {"a b", 2}, {"a b c reader", 3},
	} {
		t.Run(tt.ids, func(t *testing.T) {
			var remains []*cluster.Remains
			for id := range strings.FieldsSeq(tt.ids) {
				remains = append(remains, &cluster.Remains{ServerID: id, Servers: servers})
			}
			if here, need := quorumOf(remains, remains[0]); here != tt.here || need != 2 {
				t.Errorf("%d of %d, want %d of 2", here, need, tt.here)
			}
		})
	}
}

func TestRecoverAsksFirst(t *testing.T) {
	for answer, want := range map[string]bool{"recover\n": true, " recover \r\n": true, "yes\n": false, "\n": false, "": false} { // order: each stands alone
		var shown strings.Builder
		c := &console{in: strings.NewReader(answer), err: &shown}
		if err := c.confirmRecovery(&cluster.Remains{Dir: "/data/one"}); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
		if !strings.Contains(shown.String(), "/data/one") {
			t.Errorf("asked for what: %s", shown.String())
		}
	}
}

// The drill in the handbook shows what the command says.
func TestRecoverDocs(t *testing.T) {
	var asked, listed strings.Builder
	best := &cluster.Remains{
		Dir: "/var/lib/jeton/node", ServerID: "node-2-3dab6ed59f3eab9e", Term: 7, LastIndex: 48211, LastTerm: 7,
		Servers: []cluster.Server{{ServerID: "node-1-3f7577b8cff0ee14", Voter: true}, {ServerID: "node-2-3dab6ed59f3eab9e", Voter: true}, {ServerID: "node-3-53f015c00572c4f1", Voter: true}},
	}
	c := &console{in: strings.NewReader("recover\n"), out: &listed, err: &asked}
	if err := errors.Join(printRemains(c, []*cluster.Remains{best}), c.confirmRecovery(best)); err != nil {
		t.Fatal(err)
	}
	doc := readDoc(t, "operations.md")
	for _, said := range []string{listed.String(), asked.String() + "recover\nSuccess! " + best.Dir + " is the only voter now, as node-2-"} {
		if !strings.Contains(doc, said) {
			t.Errorf("docs/operations.md does not show\n%s", said)
		}
	}
}

func TestRecoverRefusals(t *testing.T) {
	sh := newShell(t, "http://127.0.0.1:1")
	for says, args := range map[string][]string{ // order: each stands alone
		"expected the data directories": {},
		"holds no server-id":            {t.TempDir()},
		"no such file":                  {filepath.Dir(writeFile(t, "server-id", "n1-0123456789abcdef\n"))},
	} {
		code, out, errs := sh.run(t.Context(), append([]string{"operator", "recover"}, args...)...)
		if code == exitDone || !strings.Contains(out+errs, says) {
			t.Errorf("%v: exit code %d, want %q:\n%s%s", args, code, says, out, errs)
		}
	}
}
