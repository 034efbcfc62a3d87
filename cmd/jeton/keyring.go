package main

import (
	"context"
	"flag"
	"net/url"
	"time"
)

func keyringListCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
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
	}
}

func keyringRotateCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		if _, err := client.Logical().WriteWithContext(ctx, "sys/rotate", nil); err != nil {
			return apiError("rotating the keyring", err)
		}
		return out.success("Rotated the keyring: new keys seal what comes from now on")
	}
}

func keyringRetireCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		if _, err := client.Logical().WriteWithContext(ctx, "jeton/keyring/"+url.PathEscape(args[0])+"/retire", nil); err != nil {
			return apiError("retiring a key", err)
		}
		return out.success("Retired the key %s: no batch token that it sealed is taken any more", args[0])
	}
}

func operatorKeyStatusCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, true)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		status, err := client.Sys().KeyStatusWithContext(ctx)
		if err != nil {
			return apiError("asking for the key's status", err)
		}
		return out.pairs(status, []pair{{"Key Term", status.Term}, {"Install Time", status.InstallTime.Format(time.RFC3339)}})
	}
}
