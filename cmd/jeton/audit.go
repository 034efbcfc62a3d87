package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"maps"
	"slices"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func auditListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	detailed := flags.Bool("detailed", false, "show the options too")
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
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
	})
}

func auditEnableCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	path := flags.String("path", "", "`path` of the device (default: its type)")
	description := flags.String("description", "", "`text` for people")
	local := flags.Bool("local", false, "kept for clients that read back what they set")
	return r.calls(1, anyNumber, func(ctx context.Context, client *api.Client, args []string) error {
		options := make(map[string]string, len(args)-1)
		for _, a := range args[1:] {
			name, value, ok := strings.Cut(a, "=")
			if !ok || name == "" {
				return usagef("options are given as NAME=VALUE")
			}
			options[name] = value
		}
		at := cmp.Or(strings.Trim(*path, "/"), args[0])
		err := client.Sys().EnableAuditWithOptionsWithContext(ctx, at, &api.EnableAuditOptions{
			Type: args[0], Description: *description, Options: options, Local: *local,
		})
		if err != nil {
			return apiError("enabling an audit device", err)
		}
		return out.success("Enabled the %s audit device at: %s/", args[0], at)
	})
}

func auditDisableCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		at := strings.Trim(args[0], "/")
		if err := client.Sys().DisableAuditWithContext(ctx, at); err != nil {
			return apiError("disabling an audit device", err)
		}
		return out.success("Disabled audit device (if it was enabled) at: %s/", at)
	})
}
