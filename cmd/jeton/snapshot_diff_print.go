package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jeton-io/jeton/snapshot"
)

func (d *difference) print(c *console) error {
	tables := [][][]string{d.headers()}
	for _, note := range d.Notes {
		tables = append(tables, [][]string{{"Note: " + oneLine(note) + "."}})
	}
	tables = append(tables, d.records(), d.totals())
	for _, t := range []struct {
		title string
		list  []counted
	}{{"Changed", d.Tokens.Changes}, {"Deaths Remembered", d.Tokens.Deaths}} {
		rows := titled(t.title, "Tokens")
		for _, n := range t.list {
			rows = append(rows, []string{n.Name, strconv.Itoa(n.Tokens)})
		}
		tables = append(tables, rows)
	}
	tables = append(tables,
		movements("Policy", d.Tokens.Policy), movements("Path", d.Tokens.Path),
		d.Tokens.Made.rows("Made", ""), d.Tokens.Ended.rows("Ended", "Why"), d.Tokens.Changed.rows("Changed", "How"), d.names(),
	)
	return writeTables(c.out, tables)
}

// headers shows what the descriptions say, before and after.
func (d *difference) headers() [][]string {
	rows := titled("Key", "Old", "New")
	for _, line := range []struct {
		name string
		of   func(*snapshot.Meta) any
	}{
		{"cluster", func(m *snapshot.Meta) any { return m.Cluster }},
		{"index", func(m *snapshot.Meta) any { return m.Index }},
		{"time", func(m *snapshot.Meta) any { return m.Time.Format(time.RFC3339) }},
		{"epoch", func(m *snapshot.Meta) any { return m.Epoch }},
		{"serial", func(m *snapshot.Meta) any { return m.Serial }},
		{"level", func(m *snapshot.Meta) any { return m.Level }},
		{"seal_key", func(m *snapshot.Meta) any { return m.SealKey }},
		{"state_bytes", func(m *snapshot.Meta) any { return m.StateBytes }},
		{"state_hash", func(m *snapshot.Meta) any { return m.StateHash }},
	} {
		rows = append(rows, []string{line.name, oneLine(fmt.Sprint(line.of(&d.Old))), oneLine(fmt.Sprint(line.of(&d.New)))})
	}
	return rows
}

func (d *difference) records() [][]string {
	rows := titled("Records", "Old", "New", "Old Bytes", "New Bytes")
	for _, r := range d.Records {
		rows = append(rows, []string{
			r.Name, strconv.Itoa(r.Old.Records), strconv.Itoa(r.New.Records), strconv.FormatInt(r.Old.Bytes, 10), strconv.FormatInt(r.New.Bytes, 10),
		})
	}
	return rows
}

func (d *difference) totals() [][]string {
	t := &d.Tokens
	return append(titled("Tokens", "Old", "New", "Made", "Ended", "Changed"), []string{
		"alive", strconv.Itoa(t.Old), strconv.Itoa(t.New), strconv.Itoa(t.Made.Tokens), strconv.Itoa(t.Ended.Tokens), strconv.Itoa(t.Changed.Tokens),
	})
}

func movements(title string, list []movement) [][]string {
	rows := titled(title, "Old", "New", "Made", "Ended", "Changed")
	for _, m := range list {
		rows = append(rows, []string{
			oneLine(m.Name), strconv.Itoa(m.Old), strconv.Itoa(m.New), strconv.Itoa(m.Made), strconv.Itoa(m.Ended), strconv.Itoa(m.Changed),
		})
	}
	return rows
}

// rows lists tokens; why is the title of the reasons, empty where there are none.
func (l *tokenList) rows(title, why string) [][]string {
	titles := []string{title, "Display Name", "Path", "Policies", why}
	if why == "" {
		titles = titles[:4]
	}
	rows := titled(titles...)
	for _, t := range l.Latest {
		cells := []string{oneLine(t.Accessor), oneLine(t.DisplayName), oneLine(t.Path), oneLine(strings.Join(t.Policies, " ")), t.Why}
		rows = append(rows, cells[:len(titles)])
	}
	if left := l.Tokens - len(l.Latest); left > 0 {
		rows = append(rows, []string{fmt.Sprintf("… and %d more", left)})
	}
	return rows
}

// names shows what has a name: added, removed or changed.
func (d *difference) names() [][]string {
	rows := titled("Kind", "Change", "Name")
	for _, k := range d.Names {
		for _, l := range []struct {
			what string
			list nameList
		}{{"added", k.Added}, {"removed", k.Removed}, {"changed", k.Changed}} {
			for _, name := range l.list.First {
				rows = append(rows, []string{k.Kind, l.what, oneLine(name)})
			}
			if left := l.list.Number - len(l.list.First); left > 0 {
				rows = append(rows, []string{k.Kind, l.what, fmt.Sprintf("… and %d more", left)})
			}
		}
	}
	return rows
}
