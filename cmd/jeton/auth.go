package main

import (
	"context"
	"flag"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func authListCommand(c *console, flags *flag.FlagSet) runner {
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
		mounts, err := client.Sys().ListAuthWithContext(ctx)
		if err != nil {
			return apiError("listing auth methods", err)
		}
		if out.format == "json" {
			return out.json(mounts)
		}
		rows := [][]string{{"Path", "Type", "Accessor", "Description"}, {"----", "----", "--------", "-----------"}}
		for _, path := range slices.Sorted(maps.Keys(mounts)) {
			m := mounts[path]
			rows = append(rows, []string{path, m.Type, m.Accessor, show(m.Description)})
		}
		return writeColumns(c.out, rows)
	}
}

func authEnableCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	path := flags.String("path", "", "`path` to mount it at (default: its type)")
	settings := declareMountSettings(flags)
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := strings.Trim(*path, "/")
		if at == "" {
			at = args[0]
		}
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
	settings := declareMountSettings(flags)
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

// mountSettings are the flags of enable and tune. What is not given is not sent
// and stays as it is.
type mountSettings struct {
	flags       *flag.FlagSet
	description string
	defaultTTL  durationFlag
	maxTTL      durationFlag
	visibility  string
}

func declareMountSettings(flags *flag.FlagSet) *mountSettings {
	s := &mountSettings{flags: flags}
	flags.StringVar(&s.description, "description", "", "`text` for people")
	flags.Var(&s.defaultTTL, "default-lease-ttl", "`duration` that its tokens live when nothing else is said")
	flags.Var(&s.maxTTL, "max-lease-ttl", "`duration` that its tokens live at most")
	flags.StringVar(&s.visibility, "listing-visibility", "", "`who` is shown it: hidden or unauth")
	return s
}

func (s *mountSettings) config() api.MountConfigInput {
	in := api.MountConfigInput{
		DefaultLeaseTTL: s.defaultTTL.String(), MaxLeaseTTL: s.maxTTL.String(), ListingVisibility: s.visibility,
	}
	s.flags.Visit(func(f *flag.Flag) {
		if f.Name == "description" {
			in.Description = &s.description
		}
	})
	return in
}
