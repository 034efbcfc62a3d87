package main

import (
	"context"
	"flag"
	"net/url"
	"time"

	"github.com/openbao/openbao/api/v2"
)

func keyringListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, "jeton/keyring")
		if err != nil {
			return apiError("listing keys", err)
		}
		return out.items(secret, "keys", []string{"ID", "Purpose", "Term", "Installed", "State"}, func(k map[string]any) []string {
			state := "older"
			if k["in_use"] == true {
				state = "in use"
			}
			if k["retired_time"] != nil {
				state = "retired, goes " + show(k["gone_time"])
			}
			return []string{show(k["id"]), show(k["purpose"]), show(k["term"]), show(k["install_time"]), state}
		})
	})
}

func keyringRotateCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		if _, err := client.Logical().WriteWithContext(ctx, "sys/rotate", nil); err != nil {
			return apiError("rotating the keyring", err)
		}
		return out.success("Rotated the keyring: new keys seal what comes from now on")
	})
}

func keyringRetireCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().WriteWithContext(ctx, "jeton/keyring/"+url.PathEscape(args[0])+"/retire", nil); err != nil {
			return apiError("retiring a key", err)
		}
		return out.success("Retired the key %s: no batch token that it sealed is taken any more", args[0])
	})
}

func operatorKeyStatusCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		status, err := client.Sys().KeyStatusWithContext(ctx)
		if err != nil {
			return apiError("asking for the key's status", err)
		}
		return out.pairs(status, []pair{{"Key Term", status.Term}, {"Install Time", status.InstallTime.Format(time.RFC3339)}})
	})
}
