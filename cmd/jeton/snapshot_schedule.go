package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/openbao/openbao/api/v2"
)

// Schedules of snapshots: what read, write, list and delete do at these paths, with a
// list that says how they fare.
const (
	schedulesPath       = "sys/storage/raft/snapshot-auto/config"
	scheduleStatusPaths = "sys/storage/raft/snapshot-auto/status"
)

func scheduleSetCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(2, anyNumber, func(ctx context.Context, client *api.Client, args []string) error {
		fields, err := readFields(c, args[1:])
		if err != nil {
			return err
		}
		secret, err := client.Logical().WriteWithContext(ctx, schedulesPath+"/"+args[0], fields)
		if err != nil {
			return apiError("writing the schedule", err)
		}
		if err := out.warnings(secret); err != nil {
			return err
		}
		return out.success("Snapshots are saved by schedule: %s", args[0])
	})
}

func scheduleReadCommand(c *console, flags *flag.FlagSet) runner {
	return readBelow(c, flags, schedulesPath)
}

func scheduleStatusCommand(c *console, flags *flag.FlagSet) runner {
	return readBelow(c, flags, scheduleStatusPaths)
}

// readBelow shows what stands under a name in a folder.
func readBelow(c *console, flags *flag.FlagSet, folder string) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, folder+"/"+args[0])
		if err != nil {
			return apiError("reading the schedule", err)
		}
		return out.found(secret, folder+"/"+args[0])
	})
}

func scheduleListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ListWithContext(ctx, schedulesPath)
		if err != nil {
			return apiError("listing the schedules", err)
		}
		var statuses []map[string]any
		for _, name := range scheduleNames(secret) {
			status, err := client.Logical().ReadWithContext(ctx, scheduleStatusPaths+"/"+name)
			if err != nil {
				return apiError("reading the status of a schedule", err)
			}
			if status != nil { // else it has gone since
				status.Data["name"] = name
				statuses = append(statuses, status.Data)
			}
		}
		return out.schedules(statuses)
	})
}

func scheduleNames(secret *api.Secret) (names []string) {
	if secret == nil {
		return nil
	}
	keys, _ := secret.Data["keys"].([]any)
	for _, k := range keys {
		names = append(names, fmt.Sprint(k))
	}
	return names
}

func (o *output) schedules(statuses []map[string]any) error {
	if o.format == "json" {
		return o.json(statuses)
	}
	rows := titled("Name", "Last Saved", "Next", "Overdue", "Failures", "Last Problem")
	for _, s := range statuses {
		saved := "never"
		if show(s["snapshot_url"]) != "n/a" {
			saved = show(s["snapshot_start"])
		}
		rows = append(rows, []string{
			show(s["name"]), saved, show(s["next_snapshot_start"]), show(s["overdue"]),
			show(s["consecutive_errors"]), show(s["last_snapshot_error"]),
		})
	}
	return writeColumns(o.c.out, rows)
}

func scheduleDeleteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().DeleteWithContext(ctx, schedulesPath+"/"+args[0]); err != nil {
			return apiError("deleting the schedule", err)
		}
		return out.success("Ended the schedule, if there was one: %s", args[0])
	})
}
