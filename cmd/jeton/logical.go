package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// read, write, list and delete reach every path of the API, as Vault's do: engines
// and methods have no commands of their own.

func readCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	r.declareWrapTTL(flags)
	return r.calls(1, anyNumber, func(ctx context.Context, client *api.Client, args []string) error {
		fields, err := readFields(c, args[1:])
		if err != nil {
			return err
		}
		query, err := asQuery(fields)
		if err != nil {
			return err
		}
		secret, err := client.Logical().ReadWithDataWithContext(ctx, apiPath(args[0]), query)
		if err != nil {
			return apiError("reading", err)
		}
		return out.found(secret, args[0])
	})
}

func writeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	r.declareWrapTTL(flags)
	force := flags.Bool("force", false, "write without any fields")
	flags.BoolVar(force, "f", false, "the same")
	return r.calls(1, anyNumber, func(ctx context.Context, client *api.Client, args []string) error {
		fields, err := readFields(c, args[1:])
		if err != nil {
			return err
		}
		if len(fields) == 0 && !*force {
			return usagef("there is nothing to write; -force does it all the same")
		}
		secret, err := client.Logical().WriteWithContext(ctx, apiPath(args[0]), fields)
		switch {
		case err != nil:
			return apiError("writing", err)
		case isEmpty(secret) && out.field == "":
			if err := out.warnings(secret); err != nil {
				return err
			}
			return out.success("Data written to: %s", args[0])
		}
		return out.found(secret, args[0])
	})
}

func listCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().ListWithContext(ctx, apiPath(args[0]))
		if err != nil {
			return apiError("listing", err)
		}
		return out.keys(secret, args[0])
	})
}

// keys prints what stands below a path.
func (o *output) keys(secret *api.Secret, path string) error {
	if secret == nil {
		return nothingAt(path)
	}
	keys, ok := secret.Data["keys"].([]any)
	if !ok {
		return nothingAt(path)
	}
	if o.format == "json" {
		return o.json(keys)
	}
	rows := [][]string{{"Keys"}, {"----"}}
	for _, k := range keys {
		rows = append(rows, []string{fmt.Sprint(k)})
	}
	return writeColumns(o.c.out, rows)
}

func deleteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().DeleteWithContext(ctx, apiPath(args[0]))
		switch {
		case err != nil:
			return apiError("deleting", err)
		case !isEmpty(secret):
			return out.secret(secret)
		}
		if err := out.warnings(secret); err != nil {
			return err
		}
		return out.success("Data deleted (if it existed) at: %s", args[0])
	})
}

// apiPath is a path as the library wants it: people write a slash before it, too.
func apiPath(path string) string { return strings.TrimPrefix(path, "/") }

func isEmpty(s *api.Secret) bool {
	return s == nil || len(s.Data) == 0 && s.Auth == nil && s.WrapInfo == nil && s.LeaseID == ""
}

func nothingAt(path string) error {
	return fmt.Errorf("there is nothing at %s", path)
}

// found prints an answer that should have something in it.
func (o *output) found(s *api.Secret, path string) error {
	if s == nil {
		return nothingAt(path)
	}
	return o.secret(s)
}

// asQuery puts fields into a query, where there are only texts and lists of them.
func asQuery(fields map[string]any) (map[string][]string, error) {
	query := make(map[string][]string, len(fields))
	for name, v := range fields { // order: queries are sorted later
		switch v := v.(type) {
		case string:
			query[name] = []string{v}
		case []any:
			for _, item := range v {
				text, ok := item.(string)
				if !ok {
					return nil, errNotQuery
				}
				query[name] = append(query[name], text)
			}
		default:
			return nil, errNotQuery
		}
	}
	return query, nil
}

var errNotQuery = usageError{errors.New("to read, fields are texts or lists of texts")}
