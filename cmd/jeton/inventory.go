package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// pageSize is what the server gives at most in one answer.
const pageSize = 1000

// tokenPages collects tokens of a listing, page by page: so many at most, or all
// of them for 0. It says whether there may be more, and keeps the first answer.
func tokenPages(ctx context.Context, c *console, client *api.Client, path string, query url.Values, most int) (tokens []map[string]any, first map[string]any, more bool, err error) {
	for {
		size := pageSize
		if most > 0 {
			size = min(size, most-len(tokens))
		}
		query.Set("limit", strconv.Itoa(size))
		secret, err := client.Logical().ReadWithDataWithContext(ctx, path, query)
		if err != nil {
			return nil, nil, false, err
		}
		if secret == nil || secret.Data["tokens"] == nil {
			return nil, nil, false, errors.New("there is no such live token")
		}
		for _, w := range secret.Warnings {
			fmt.Fprintf(c.err, "WARNING! The server said: %s\n", w)
		}
		if first == nil {
			first = secret.Data
		}
		page, _ := secret.Data["tokens"].([]any)
		for _, item := range page {
			if t, ok := item.(map[string]any); ok {
				tokens = append(tokens, t)
			}
		}
		cursor, _ := secret.Data["cursor"].(string)
		if cursor == "" || most > 0 && len(tokens) >= most {
			return tokens, first, cursor != "", nil
		}
		query.Set("cursor", cursor)
	}
}

func tokenListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	var meta mapFlag
	text := map[string]*string{
		"policy":         flags.String("policy", "", "only tokens that hold the policy of this `name`"),
		"path":           flags.String("path", "", "only tokens that were made at this source `path` or below it"),
		"role":           flags.String("role", "", "only tokens made by this `role`"),
		"display_name":   flags.String("display-name", "", "only tokens of this `name`"),
		"type":           flags.String("type", "", "only tokens of this `type`: service or wrapping"),
		"expires_before": flags.String("expires-before", "", "only tokens that end before a `time`, or before a duration from now"),
		"parent":         flags.String("parent", "", "only children of the token with this `accessor`"),
	}
	flags.Var(&meta, "meta", "only tokens with this `key=value`; may be given several times")
	limit := flags.Int("limit", 100, "show at most this `number` of tokens")
	all := flags.Bool("all", false, "show all of them")
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		if *limit < 1 {
			return usagef("-limit is less than 1")
		}
		query := url.Values{}
		for name, value := range text { // order: they end up in a map
			if *value != "" {
				query.Set(name, *value)
			}
		}
		for k, v := range meta { // order: it does not matter to the server
			query.Add("meta", k+"="+v)
		}
		most := *limit
		if *all {
			most = 0
		}
		tokens, _, more, err := tokenPages(ctx, c, client, "jeton/tokens", query, most)
		if err != nil {
			return apiError("listing tokens", err)
		}
		if out.format == "json" {
			return out.json(tokens)
		}
		rows := [][]string{{"Accessor", "Name", "Path", "Policies", "Expires", "Children"}, {"--------", "----", "----", "--------", "-------", "--------"}}
		for _, t := range tokens {
			rows = append(rows, tokenRow(t, ""))
		}
		if err := writeColumns(c.out, rows); err != nil {
			return err
		}
		if more {
			fmt.Fprintln(c.err, "There are more: -limit or -all shows them.")
		}
		return nil
	})
}

func tokenRow(t map[string]any, indent string) []string {
	children := show(t["children"])
	if t["more_children"] == true {
		children += "+"
	}
	expires := "never"
	if at, ok := t["expire_time"].(string); ok {
		expires = at
	}
	return []string{indent + show(t["accessor"]), show(t["display_name"]), show(t["path"]), words(t["policies"]), expires, children}
}

// words is a list in one cell.
func words(v any) string {
	list, _ := v.([]any)
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return strings.Join(all, ",")
}

func tokenTreeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	limit := flags.Int("limit", 1000, "show at most this `number` of tokens")
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if *limit < 1 {
			return usagef("-limit is less than 1")
		}
		tokens, first, more, err := tokenPages(ctx, c, client, "jeton/tokens/"+url.PathEscape(args[0])+"/tree", url.Values{}, *limit)
		if err != nil {
			return apiError("showing the tree", err)
		}
		if out.format == "json" {
			return out.json(tokens)
		}
		rows := [][]string{{"Accessor", "Name", "Path", "Policies", "Expires", "Children"}, {"--------", "----", "----", "--------", "-------", "--------"}}
		for _, t := range tokens {
			rows = append(rows, tokenRow(t, strings.Repeat("  ", level(t))))
		}
		if err := writeColumns(c.out, rows); err != nil {
			return err
		}
		if more {
			n := show(first["descendants"])
			if first["more_descendants"] == true {
				n = "more than " + n
			}
			fmt.Fprintf(c.err, "There are %s descendants: -limit shows more of them.\n", n)
		}
		return nil
	})
}

// level is how far a token stands below the root of its tree, bounded for the eye.
func level(t map[string]any) int {
	n, _ := t["level"].(json.Number)
	v, _ := n.Int64()
	return int(min(max(v, 0), 40))
}

func tokenWhyCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, "jeton/tokens/"+url.PathEscape(args[0])+"/why")
		if err != nil {
			return apiError("asking why", err)
		}
		if secret == nil {
			return errors.New("nothing is known of that accessor: there was no such token, or its end is forgotten")
		}
		return out.secret(secret)
	})
}
