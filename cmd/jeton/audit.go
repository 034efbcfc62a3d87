package main

import (
	"context"
	"errors"
	"flag"
	"maps"
	"slices"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func auditListCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	detailed := flags.Bool("detailed", false, "show the options too")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		devices, err := client.Sys().ListAuditWithContext(ctx)
		if err != nil {
			return apiError("listing audit devices", err)
		}
		if out.format == "json" {
			return out.json(devices)
		}
		if len(devices) == 0 {
			return errors.New("no audit devices are enabled")
		}
		rows := [][]string{{"Path", "Type", "Description"}, {"----", "----", "-----------"}}
		if *detailed {
			rows[0], rows[1] = append(rows[0], "Options"), append(rows[1], "-------")
		}
		for _, path := range slices.Sorted(maps.Keys(devices)) {
			d := devices[path]
			row := []string{path, d.Type, show(d.Description)}
			if *detailed {
				var options []string
				for _, name := range slices.Sorted(maps.Keys(d.Options)) {
					options = append(options, name+"="+d.Options[name])
				}
				row = append(row, strings.Join(options, " "))
			}
			rows = append(rows, row)
		}
		return writeColumns(c.out, rows)
	}
}

func auditEnableCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	path := flags.String("path", "", "`path` of the device (default: its type)")
	description := flags.String("description", "", "`text` for people")
	local := flags.Bool("local", false, "kept for clients that read back what they set")
	return func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return usagef("missing the type of the device: file, syslog or socket")
		}
		options := make(map[string]string, len(args)-1)
		for _, a := range args[1:] {
			name, value, ok := strings.Cut(a, "=")
			if !ok || name == "" {
				return usagef("options are given as NAME=VALUE")
			}
			options[name] = value
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		at := strings.Trim(*path, "/")
		if at == "" {
			at = args[0]
		}
		err = client.Sys().EnableAuditWithOptionsWithContext(ctx, at, &api.EnableAuditOptions{
			Type: args[0], Description: *description, Options: options, Local: *local,
		})
		if err != nil {
			return apiError("enabling an audit device", err)
		}
		return out.success("Enabled the %s audit device at: %s/", args[0], at)
	}
}

func auditDisableCommand(c *console, flags *flag.FlagSet) runner {
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
		at := strings.Trim(args[0], "/")
		if err := client.Sys().DisableAuditWithContext(ctx, at); err != nil {
			return apiError("disabling an audit device", err)
		}
		return out.success("Disabled audit device (if it was enabled) at: %s/", at)
	}
}
