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
}

type record struct {
	Name    string `json:"name"`
	Records int    `json:"records"`
	Bytes   int64  `json:"bytes"`
}

type counted struct {
	Name   string `json:"name"`
	Tokens int    `json:"tokens"`
}

func snapshotInspectCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	most := flags.Int("top", 10, "so `many` policies and paths, those of the most tokens; 0: all")
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		if *most < 0 {
			return usagef("-top is %d, expected 0 or more", *most)
		}
		a, err := openArchive(args[0])
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
		i.Records = append(i.Records, record{n.Name, n.Records, n.Bytes})
	}
	policies, paths, expiry := map[string]int{}, map[string]int{}, make([]int, len(ages)+1)
	page := a.state.ListTokens(&fsm.TokenFilter{}, fsm.Place{}, math.MaxInt, math.MaxInt, a.state.Clock)
	i.Tokens = len(page.Tokens)
	for _, t := range page.Tokens {
		for _, p := range t.Policies {
			policies[p]++
		}
		paths[t.Path]++
		expiry[ageOf(t, a.state.Clock)]++
	}
	i.Policy, i.Path = top(policies, most), top(paths, most)
	for n, tokens := range expiry {
		name := "never"
		if n < len(ages) {
			name = "below " + ages[n].name
		}
		i.Expiry = append(i.Expiry, counted{name, tokens})
	}
	return i
}

// ages are the classes of remaining time; what is above the last never ends, since
// no duration is longer.
var ages = []struct {
	name string
	most time.Duration
}{
	{"an hour", time.Hour}, {"a day", 24 * time.Hour}, {"30 days", 30 * 24 * time.Hour}, {"ten years", math.MaxInt64},
}

func ageOf(t *fsm.Token, at fsm.Instant) int {
	if t.Deadline == fsm.Never {
		return len(ages)
	}
	return slices.IndexFunc(ages, func(a struct {
		name string
		most time.Duration
	}) bool {
		return t.TTLAt(at) < a.most
	})
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
	rows := [][]string{{"Records", "Number", "Bytes"}, {"-------", "------", "-----"}}
	for _, n := range i.Records {
		rows = append(rows, []string{n.Name, strconv.Itoa(n.Records), strconv.FormatInt(n.Bytes, 10)})
	}
	tables := [][][]string{rows}
	for _, t := range []struct {
		title string
		list  []counted
	}{{"Policy", i.Policy}, {"Path", i.Path}, {"Remaining Time", i.Expiry}} {
		rows := [][]string{{t.title, "Live Tokens"}, {"------", "-----------"}}
		for _, n := range t.list {
			rows = append(rows, []string{n.Name, strconv.Itoa(n.Tokens)})
		}
		tables = append(tables, rows)
	}
	for _, rows := range tables {
		if err == nil {
			_, err = fmt.Fprintln(c.out)
		}
		if err == nil {
			err = writeColumns(c.out, rows)
		}
	}
	return err
}
