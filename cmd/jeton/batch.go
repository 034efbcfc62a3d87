package main

import (
	"context"
	"errors"
	"flag"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// batchRevokeCommand ends what Vault cannot: batch tokens, which are in no table.
func batchRevokeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	accessor := flags.Bool("accessor", false, "the argument is a batch_accessor")
	scopes := map[string]*string{
		"role": flags.String("role", "", "those of the token role of this `name`"),
		"path": flags.String("path", "", "those made at this source `path` or below it"),
		"key":  flags.String("key", "", "those that the key of this `ID` sealed"),
	}
	all := flags.Bool("all", false, "those of the whole cluster")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		path, body, err := batchRevokeRequest(c, args, *accessor, *all, scopes)
		if err != nil {
			return err
		}
		secret, err := client.Logical().WriteWithContext(ctx, path, body)
		switch {
		case err != nil:
			return apiError("revoking batch tokens", err)
		case secret == nil:
			return errors.New("the server answered with nothing")
		case out.format == "json":
			return out.json(secret.Data)
		case secret.Data["marked"] != true:
			return out.success("There is no batch token that this could end")
		case body["scope"] == nil:
			return out.success("Revoked batch token (if it existed)")
		}
		return out.success("Revoked every such batch token that was made until now")
	})
}

// batchRevokeRequest is for the one token that is shown or named, or for those of
// one scope that were made until now.
func batchRevokeRequest(c *console, args []string, accessor, all bool, scopes map[string]*string) (path string, body map[string]any, err error) {
	body = map[string]any{}
	if all {
		body["scope"] = "cluster"
	}
	for scope, name := range scopes { // order: two of them are refused whichever comes first
		if *name == "" {
			continue
		}
		if body["scope"] != nil {
			return "", nil, usagef("-role, -path, -key and -all exclude each other")
		}
		body["scope"], body[scope] = scope, *name
	}
	if body["scope"] != nil {
		if accessor || len(args) > 0 {
			return "", nil, usagef("-role, -path, -key and -all go with no token")
		}
		return "jeton/not-before", body, nil
	}
	if err := wantArgs(args, 1, 1); err != nil {
		return "", nil, err
	}
	field := "token"
	if accessor {
		field = "accessor"
	}
	body[field], err = c.secretArg(args[0])
	return "jeton/batch-tokens/revoke", body, err
}

func batchMarksCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, "jeton/not-before")
		if err != nil {
			return apiError("listing marks", err)
		}
		return out.items(secret, "marks", []string{"Scope", "Name", "Not Before", "Until", "Actor"}, func(m map[string]any) []string {
			scope := show(m["scope"])
			return []string{scope, show(m[strings.TrimPrefix(scope, "signed-")]), show(m["time"]), show(m["until"]), show(m["actor"])}
		})
	})
}
