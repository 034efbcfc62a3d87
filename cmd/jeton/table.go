package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/openbao/openbao/api/v2"
)

// items prints a list of objects in an answer, a row for each, or as JSON.
func (o *output) items(s *api.Secret, field string, titles []string, row func(map[string]any) []string) error {
	if s == nil {
		return errors.New("the server answered with nothing")
	}
	items, _ := s.Data[field].([]any)
	if o.format == "json" {
		return o.json(items)
	}
	rows := titled(titles...)
	for _, item := range items {
		object, _ := item.(map[string]any)
		rows = append(rows, row(object))
	}
	if err := writeColumns(o.c.out, rows); err != nil {
		return err
	}
	return o.warnings(s)
}

// titled begins a table with titles and a line under each.
func titled(titles ...string) [][]string {
	lines := make([]string, len(titles))
	for i, t := range titles {
		lines[i] = strings.Repeat("-", len(t))
	}
	return [][]string{titles, lines}
}

// quoted shows a list as ["a" "b"].
func quoted(list []string) string {
	return fmt.Sprintf("%q", list)
}

// show is a value as a table shows it.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "n/a"
	case string:
		if v == "" {
			return "n/a"
		}
		return v
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = fmt.Sprint(e)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any: // package fmt prints maps sorted by key
		return fmt.Sprint(v)
	default:
		return fmt.Sprint(v)
	}
}

func writePairs(w io.Writer, pairs []pair) error {
	rows := [][]string{{"Key", "Value"}, {"---", "-----"}}
	for _, p := range pairs {
		rows = append(rows, []string{p.key, unescaped(show(p.value))})
	}
	return writeColumns(w, rows)
}

// writeColumns aligns cells, four blanks apart as Vault does.
func writeColumns(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 4, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// writeTables writes tables with a line between them, and none that has only titles.
func writeTables(w io.Writer, tables [][][]string) error {
	between := ""
	for _, rows := range tables {
		if len(rows) == 2 && strings.HasPrefix(rows[1][0], "--") {
			continue
		}
		if _, err := io.WriteString(w, between); err != nil {
			return err
		}
		if err := writeColumns(w, rows); err != nil {
			return err
		}
		between = "\n"
	}
	return nil
}

// unescaped leaves out what would talk to a terminal.
func unescaped(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// oneLine leaves out of a text what would break a table or talk to a terminal:
// messages may repeat what another server said.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }), " ")
}
