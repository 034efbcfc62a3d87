package main

import (
	"cmp"
	"context"
	"flag"
	"net/http"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func authListCommand(c *console, flags *flag.FlagSet) runner {
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
		mounts, err := client.Sys().ListAuthWithContext(ctx)
		if err != nil {
			return apiError("listing auth methods", err)
		}
		return out.mounts(mounts, *detailed)
	}
}

func authEnableCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	path := flags.String("path", "", "`path` to mount it at (default: its type)")
	settings := declareMountSettings(flags, "tokens")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := cmp.Or(strings.Trim(*path, "/"), args[0])
		options := &api.EnableAuthOptions{Type: args[0], Config: settings.config()}
		options.Description, options.Config.Description = settings.description, nil
		if err := client.Sys().EnableAuthWithOptionsWithContext(ctx, at, options); err != nil {
			return apiError("enabling an auth method", err)
		}
		return out.success("Enabled %s auth method at: %s/", args[0], at)
	}
}

func authTuneCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	settings := declareMountSettings(flags, "tokens")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := strings.Trim(args[0], "/")
		if err := client.Sys().TuneMountWithContext(ctx, "auth/"+at, settings.config()); err != nil {
			return apiError("tuning an auth method", err)
		}
		return out.success("Tuned the auth method at: %s/", at)
	}
}

func authDisableCommand(c *console, flags *flag.FlagSet) runner {
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
			return plan.run(ctx, client, out, http.MethodDelete, "sys/auth/"+at, nil)
		}
		if err := client.Sys().DisableAuthWithContext(ctx, at); err != nil {
			return apiError("disabling an auth method", err)
		}
		return out.success("Disabled the auth method (if it existed) at: %s/", at)
	}
}
