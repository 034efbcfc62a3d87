package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// output prints results the way Vault's command line does: a table of keys and
// values, JSON, or one field alone.
type output struct {
	c             *console
	format, field string
}

// declareOutput adds -format, and -field for commands whose result has fields.
func declareOutput(c *console, flags *flag.FlagSet, withField bool) *output {
	o := &output{c: c, format: "table"}
	if v := firstEnv(c, "FORMAT"); v == "json" {
		o.format = v
	}
	flags.Func("format", "`form` of the output: table or json (default table)", func(s string) error {
		if s != "table" && s != "json" {
			return fmt.Errorf("%q is neither table nor json", s)
		}
		o.format = s
		return nil
	})
	if withField {
		flags.StringVar(&o.field, "field", "", "print only the value of this `field`")
	}
	return o
}

// pair is one line of a table.
type pair struct {
	key   string
	value any
}

// seconds is a duration: words in a table, a plain number for scripts.
type seconds int64

// lifetime is a duration of which zero means for ever.
type lifetime seconds

// secret prints an answer of the API, and its warnings beside it.
func (o *output) secret(s *api.Secret) error {
	pairs := secretPairs(s)
	if o.field != "" {
		return o.one(pairs)
	}
	if o.format == "json" {
		return o.json(s)
	}
	if err := writePairs(o.c.out, pairs); err != nil {
		return err
	}
	return o.warnings(s)
}

// warnings are what the server had to say beside its answer.
func (o *output) warnings(s *api.Secret) error {
	if s == nil || len(s.Warnings) == 0 {
		return nil
	}
	fmt.Fprintf(o.c.err, "\nWARNING! The server said:\n\n")
	for _, w := range s.Warnings {
		fmt.Fprintf(o.c.err, "  * %s\n", w)
	}
	return nil
}

// pairs prints what is not a secret of the API: v as JSON, or the pairs.
func (o *output) pairs(v any, pairs []pair) error {
	switch {
	case o.field != "":
		return o.one(pairs)
	case o.format == "json":
		return o.json(v)
	default:
		return writePairs(o.c.out, pairs)
	}
}

// lines prints a list: one a line, or a JSON array.
func (o *output) lines(list []string) error {
	if o.format == "json" {
		return o.json(list)
	}
	for _, l := range list {
		if _, err := fmt.Fprintln(o.c.out, l); err != nil {
			return err
		}
	}
	return nil
}

// success says in words that it is done. With -format=json there is nothing to say.
func (o *output) success(format string, args ...any) error {
	if o.format == "json" {
		return nil
	}
	_, err := fmt.Fprintf(o.c.out, "Success! "+format+"\n", args...)
	return err
}

func (o *output) json(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.c.out, string(text))
	return err
}

// one prints the field that was asked for.
func (o *output) one(pairs []pair) error {
	i := slices.IndexFunc(pairs, func(p pair) bool { return p.key == o.field })
	if i < 0 {
		return fmt.Errorf("the answer has no field %q", o.field)
	}
	if o.format == "json" {
		return o.json(pairs[i].value)
	}
	text := show(pairs[i].value)
	switch v := pairs[i].value.(type) {
	case seconds:
		text = strconv.FormatInt(int64(v), 10)
	case lifetime:
		text = strconv.FormatInt(int64(v), 10)
	}
	_, err := fmt.Fprintln(o.c.out, text)
	return err
}

// secretPairs puts an answer's wrapping, lease or auth block first, then its data by key.
func secretPairs(s *api.Secret) []pair {
	pairs := wrapPairs(s.WrapInfo)
	if s.LeaseID != "" {
		pairs = append(pairs,
			pair{"lease_id", s.LeaseID}, pair{"lease_duration", seconds(s.LeaseDuration)}, pair{"lease_renewable", s.Renewable})
	}
	if a := s.Auth; a != nil {
		pairs = append(pairs,
			pair{"token", a.ClientToken},
			pair{"token_accessor", a.Accessor},
			pair{"token_duration", lifetime(a.LeaseDuration)},
			pair{"token_renewable", a.Renewable},
			pair{"token_policies", quoted(a.TokenPolicies)},
			pair{"identity_policies", quoted(a.IdentityPolicies)},
			pair{"policies", quoted(a.Policies)},
		)
		for _, k := range slices.Sorted(maps.Keys(a.Metadata)) {
			pairs = append(pairs, pair{"token_meta_" + k, a.Metadata[k]})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.Data)) {
		v := s.Data[k]
		if n, ok := v.(json.Number); ok && looksLikeDuration(k) {
			if n, err := n.Int64(); err == nil {
				v = seconds(n)
			}
		}
		pairs = append(pairs, pair{k, v})
	}
	return pairs
}

// looksLikeDuration tells keys whose numbers are seconds.
func looksLikeDuration(key string) bool {
	for _, word := range []string{"ttl", "period", "duration"} {
		if key == word || strings.HasSuffix(key, "_"+word) {
			return true
		}
	}
	return false
}

// String writes 768h or 1h30m instead of 768h0m0s and 1h30m0s.
func (n seconds) String() string {
	s := (time.Duration(n) * time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (n lifetime) String() string {
	if n == 0 {
		return "∞"
	}
	return seconds(n).String()
}
