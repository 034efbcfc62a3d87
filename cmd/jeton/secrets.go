package main

import (
	"cmp"
	"context"
	"flag"
	"net/http"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func secretsListCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	detailed := flags.Bool("detailed", false, "show the settings too")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		mounts, err := client.Sys().ListMountsWithContext(ctx)
		if err != nil {
			return apiError("listing secrets engines", err)
		}
		return out.mounts(mounts, *detailed)
	}
}

func secretsEnableCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	path := flags.String("path", "", "`path` to mount it at (default: its type)")
	settings := declareMountSettings(flags, "leases")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := cmp.Or(strings.Trim(*path, "/"), args[0])
		options := &api.MountInput{Type: args[0], Config: settings.config()}
		options.Description, options.Config.Description = settings.description, nil
		if err := client.Sys().MountWithContext(ctx, at, options); err != nil {
			return apiError("enabling a secrets engine", err)
		}
		return out.success("Enabled the %s secrets engine at: %s/", args[0], at)
	}
}

func secretsTuneCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	settings := declareMountSettings(flags, "leases")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := strings.Trim(args[0], "/")
		if err := client.Sys().TuneMountWithContext(ctx, at, settings.config()); err != nil {
			return apiError("tuning a secrets engine", err)
		}
		return out.success("Tuned the secrets engine at: %s/", at)
	}
}

func secretsDisableCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	plan := declarePlan(flags)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := strings.Trim(args[0], "/")
		if plan.given() {
			return plan.run(ctx, client, out, http.MethodDelete, "sys/mounts/"+at, nil)
		}
		if err := client.Sys().UnmountWithContext(ctx, at); err != nil {
			return apiError("disabling a secrets engine", err)
		}
		return out.success("Disabled the secrets engine (if it existed) at: %s/", at)
	}
}
