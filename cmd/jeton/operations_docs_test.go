package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The examples of docs/operations.md do what they show, in their order, on a cluster of
// three processes. (The recovery has a test of its own, and needs a lost quorum.)
func TestProcessOperationsDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	c, shown := startProcesses(t), examples(readDoc(t, "operations.md"))
	t.Chdir(t.TempDir()) // for the files that they write
	up := c.nodes[:]
	for _, e := range shown {
		ask, args := up[0], strings.Fields(e.command)
		switch {
		case strings.HasPrefix(e.command, "operator recover "):
			continue
		case e.command == "operator init": // not twice
			fake := newFakeServer(t, ok)
			e.holds(t, newShell(t, fake.URL), args)
			continue
		case strings.HasPrefix(e.command, "operator remove-peer "): // the last one, which is stopped
			up[2].end(os.Kill)
			args[2], up = up[2].id, up[:2]
			ask = c.leader(up)
		case e.command == "status": // with the quorum lost
			up[1].end(os.Kill)
		case strings.HasPrefix(e.command, "operator compact "):
			args[2] = filepath.Join(c.dir, c.nodes[2].id)
		default:
			ask = c.leader(up)
		}
		sh := newShell(t, ask.addr)
		sh.env["JETON_TOKEN"] = c.token
		e.holds(t, sh, args)
	}
	if len(shown) < 10 {
		t.Errorf("found only %d examples", len(shown))
	}
}

// example is a command of jeton with what it prints.
type example struct{ command, output string }

func examples(doc string) (list []example) {
	for _, block := range regexp.MustCompile("(?s)\n```\n(.*?)```").FindAllStringSubmatch(doc, -1) {
		for _, e := range strings.Split("\n"+block[1], "\n$ jeton ")[1:] {
			command, output, _ := strings.Cut(e, "\n")
			list = append(list, example{command, output})
		}
	}
	return list
}

// holds runs the command until it prints what is shown: what a cluster says of itself may
// take some moments to become so.
func (e example) holds(t *testing.T, sh *shell, args []string) {
	t.Helper()
	want, got := essence(e.output), ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		_, out, _ := sh.run(t.Context(), args...)
		if got = essence(out); got == want {
			return
		}
	}
	t.Errorf("docs/operations.md, jeton %s:\n%s\nwant\n%s", e.command, got, want)
}

// essence is a text without what is another each time: names, times, counts, how wide a
// column is, and in which order servers come.
func essence(text string) string {
	for _, another := range []struct{ pattern, name string }{
		{`node-\d(-[0-9a-f]{16})?`, "SERVER"}, {`127\.0\.0\.1:\d+`, "ADDRESS"}, {`\d{4}-\d\d-\d\dT[\d:.]+Z`, "TIME"},
		{`\b\d+ms\b|\b0s\b`, "SHORT"}, {`(true|false)\s+SHORT\s+\d+\s+\d+`, "$1 SHORT N N"},
		{`Index(\s+)\d+`, "Index$1 N"}, {`(Version|Cluster ID)\s+\S+`, "$1 X"}, {`jts_\S+`, "TOKEN"}, {`\d+ KiB`, "N KiB"}, {`Compacted \S+`, "Compacted DIR:"},
		{`-{3,}`, "---"}, {`[ \t]+`, " "}, {` *\n`, "\n"},
	} {
		text = regexp.MustCompile(another.pattern).ReplaceAllString(text, another.name)
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
