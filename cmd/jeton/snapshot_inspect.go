package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/snapshot"
)

// inspection is what an archive holds, in numbers. Nothing in it is a secret, and
// names are those that listings show.
type inspection struct {
	snapshot.Meta
	Records []record  `json:"records"`
	Tokens  int       `json:"live_tokens"`
	Policy  []counted `json:"tokens_by_policy"`
	Path    []counted `json:"tokens_by_path"`
	Expiry  []counted `json:"tokens_by_remaining_time"`
	Age     []counted `json:"tokens_by_age"`
	Type    []counted `json:"tokens_by_type"`
	Trait   []counted `json:"tokens_by_trait"` // a token may have several
	Marks   []counted `json:"marks_by_scope"`  // over batch and Waypoint tokens, single ones aside; no tokens
}

type record struct {
	Name    string `json:"name"`
	Records int    `json:"records"`
	Bytes   int64  `json:"bytes"`
	Largest int    `json:"largest"` // bytes of one
}

type counted struct {
	Name   string `json:"name"`
	Tokens int    `json:"tokens"`
}

func snapshotInspectCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	most := flags.Int("top", 10, "so `many` policies and paths, those of the most tokens; 0: all")
	files := declareArchives(c, flags, out)
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		if *most < 0 {
			return usagef("-top is %d, expected 0 or more", *most)
		}
		a, err := files.read(args[0], "reading")
		if err != nil {
			return err
		}
		i := inspect(a, *most)
		if out.format == "json" {
			return out.json(i)
		}
		return i.print(c)
	}
}

func inspect(a *savedState, most int) *inspection {
	i := &inspection{Meta: a.Meta}
	for _, n := range a.state.Census() {
		i.Records = append(i.Records, record{n.Name, n.Records, n.Bytes, n.Largest})
	}
	c := tokenCount{policies: map[string]int{}, paths: map[string]int{}, expiry: make([]int, len(ages)+1), age: make([]int, len(ages))}
	eachLive(a.state, a.state.Clock, func(t *fsm.Token) { c.add(a.state, t) })
	i.Tokens = c.all
	i.Policy, i.Path = top(c.policies, most), top(c.paths, most)
	for n, tokens := range c.expiry {
		name := "never"
		if n < len(ages) {
			name = "below " + ages[n].name
			i.Age = append(i.Age, counted{name, c.age[n]})
		}
		i.Expiry = append(i.Expiry, counted{name, tokens})
	}
	i.Type = []counted{{"service", c.all - c.wrapping}, {"wrapping", c.wrapping}}
	i.Trait = c.traits()
	scopes := map[string]int{}
	for _, f := range a.state.Fences() {
		scopes[fenceScopes[f.Scope]]++
	}
	i.Marks = top(scopes, 0)
	return i
}

// eachLive visits the tokens that live at an instant, a page at a time.
func eachLive(s *fsm.State, at fsm.Instant, visit func(*fsm.Token)) {
	const page = 4096
	for p := (fsm.TokenPage{More: true}); p.More; {
		p = s.ListTokens(&fsm.TokenFilter{}, p.Next, page, page, at)
		for _, t := range p.Tokens {
			visit(t)
		}
	}
}

// tokenCount counts tokens in several ways at once.
type tokenCount struct {
	policies, paths map[string]int
	expiry, age     []int
	all             int

	wrapping, root, orphan, periodic, counted, bound, renewable int
}

func (c *tokenCount) add(s *fsm.State, t *fsm.Token) {
	c.all++
	for _, p := range t.Policies {
		c.policies[p]++
	}
	c.paths[t.Path]++
	left := len(ages)
	if t.Deadline != fsm.Never {
		left = ageOf(t.TTLAt(s.Clock))
	}
	c.expiry[left]++
	c.age[ageOf(s.Clock.Sub(t.CreatedAt))]++
	for _, is := range []struct {
		so bool
		n  *int
	}{
		{t.IsWrapping(), &c.wrapping}, {t.IsRoot(), &c.root}, {s.IsOrphan(t), &c.orphan}, {t.Period > 0, &c.periodic},
		{t.Counted(), &c.counted}, {len(t.CIDRs) > 0, &c.bound}, {t.Renewable, &c.renewable},
	} {
		if is.so {
			*is.n++
		}
	}
}

func (c *tokenCount) traits() []counted {
	return []counted{
		{"root", c.root}, {"orphan", c.orphan}, {"renewable", c.renewable}, {"periodic", c.periodic},
		{"counting its uses", c.counted}, {"bound to addresses", c.bound},
	}
}

var fenceScopes = map[fsm.FenceScope]string{
	fsm.FenceCluster: "all batch tokens", fsm.FenceKey: "key of batch tokens", fsm.FencePath: "path of batch tokens", fsm.FenceRole: "role of batch tokens",
	fsm.FenceSigned: "all Waypoint tokens", fsm.FenceSignedKey: "key of Waypoint tokens", fsm.FenceSignedUser: "user of Waypoint tokens",
}

// ages are the classes of remaining time, and of age; nothing is above the last,
// since no duration is longer.
var ages = []struct {
	name string
	most time.Duration
}{
	{"an hour", time.Hour}, {"a day", 24 * time.Hour}, {"30 days", 30 * 24 * time.Hour}, {"ten years", math.MaxInt64},
}

func ageOf(d time.Duration) int {
	n := 0
	for n < len(ages)-1 && d >= ages[n].most {
		n++
	}
	return n
}

// top lists the names that count most.
func top(counts map[string]int, most int) (list []counted) {
	for name, n := range counts { // order: sorted below
		list = append(list, counted{name, n})
	}
	slices.SortFunc(list, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.Tokens, a.Tokens), cmp.Compare(a.Name, b.Name))
	})
	if most > 0 && len(list) > most {
		list = list[:most]
	}
	return list
}

func (i *inspection) print(c *console) error {
	err := writePairs(c.out, []pair{
		{"cluster", i.Cluster}, {"index", i.Index}, {"time", i.Time.Format(time.RFC3339)}, {"epoch", i.Epoch}, {"serial", i.Serial},
		{"level", i.Level}, {"format", i.Format}, {"seal_key", i.SealKey}, {"state_bytes", i.StateBytes}, {"state_hash", i.StateHash},
		{"live_tokens", i.Tokens},
	})
	rows := titled("Records", "Number", "Bytes", "Largest")
	for _, n := range i.Records {
		rows = append(rows, []string{n.Name, strconv.Itoa(n.Records), strconv.FormatInt(n.Bytes, 10), strconv.Itoa(n.Largest)})
	}
	tables := [][][]string{rows}
	for _, t := range []struct {
		title, counts string
		list          []counted
	}{
		{"Policy", "Live Tokens", i.Policy}, {"Path", "Live Tokens", i.Path}, {"Type", "Live Tokens", i.Type}, {"Trait", "Live Tokens", i.Trait},
		{"Age", "Live Tokens", i.Age}, {"Remaining Time", "Live Tokens", i.Expiry}, {"Scope", "Marks", i.Marks},
	} {
		rows := titled(t.title, t.counts)
		for _, n := range t.list {
			rows = append(rows, []string{oneLine(n.Name), strconv.Itoa(n.Tokens)})
		}
		tables = append(tables, rows)
	}
	if err == nil {
		_, err = fmt.Fprintln(c.out)
	}
	if err == nil {
		err = writeTables(c.out, tables)
	}
	return err
}
