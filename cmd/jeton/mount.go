package main

import (
	"cmp"
	"context"
	"flag"
	"net/http"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// mountKind is what is mounted at paths of one's choice: login methods and secrets
// engines have the same commands.
type mountKind struct {
	what  string // as people say
	makes string // what its settings are about
	path  string // of the API, below which they stand
	tuned string // what stands before their paths where they are tuned

	list    func(*api.Sys, context.Context) (map[string]*api.MountOutput, error)
	enable  func(*api.Sys, context.Context, string, *api.MountInput) error
	disable func(*api.Sys, context.Context, string) error
}

var loginMounts = mountKind{
	what: "auth method", makes: "tokens", path: "sys/auth/", tuned: "auth/",
	list:    (*api.Sys).ListAuthWithContext,
	enable:  (*api.Sys).EnableAuthWithOptionsWithContext,
	disable: (*api.Sys).DisableAuthWithContext,
}

var engineMounts = mountKind{
	what: "secrets engine", makes: "leases", path: "sys/mounts/",
	list:    (*api.Sys).ListMountsWithContext,
	enable:  (*api.Sys).MountWithContext,
	disable: (*api.Sys).UnmountWithContext,
}

func (k mountKind) listCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	detailed := flags.Bool("detailed", false, "show the settings too")
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		mounts, err := k.list(client.Sys(), ctx)
		if err != nil {
			return apiError("listing "+k.what+"s", err)
		}
		return out.mounts(mounts, *detailed)
	})
}

func (k mountKind) enableCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	path := flags.String("path", "", "`path` to mount it at (default: its type)")
	settings := declareMountSettings(flags, k.makes)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		at := cmp.Or(strings.Trim(*path, "/"), args[0])
		options := &api.MountInput{Type: args[0], Config: settings.config()}
		options.Description, options.Config.Description = settings.description, nil
		if err := k.enable(client.Sys(), ctx, at, options); err != nil {
			return apiError("enabling the "+k.what, err)
		}
		return out.success("Enabled %s %s at: %s/", args[0], k.what, at)
	})
}

func (k mountKind) tuneCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	settings := declareMountSettings(flags, k.makes)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		at := strings.Trim(args[0], "/")
		if err := client.Sys().TuneMountWithContext(ctx, k.tuned+at, settings.config()); err != nil {
			return apiError("tuning the "+k.what, err)
		}
		return out.success("Tuned the %s at: %s/", k.what, at)
	})
}

func (k mountKind) disableCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	plan := declarePlan(flags)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		at := strings.Trim(args[0], "/")
		if plan.given() {
			return plan.run(ctx, client, out, http.MethodDelete, k.path+at, nil)
		}
		if err := k.disable(client.Sys(), ctx, at); err != nil {
			return apiError("disabling the "+k.what, err)
		}
		return out.success("Disabled the %s (if it existed) at: %s/", k.what, at)
	})
}
