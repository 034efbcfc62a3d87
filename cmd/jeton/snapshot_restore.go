package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// restored is what the cluster says of a restore.
type restored struct {
	Tokens   uint64 `json:"tokens"`
	Revived  uint64 `json:"revived"`
	KeptDead uint64 `json:"kept_dead"`
	Lost     uint64 `json:"lost"`
	Users    uint64 `json:"users"`
	Leases   uint64 `json:"leases"`
}

// snapshotRestoreCommand reads the whole file before a byte of it is sent: what is
// wrong with it is better known before the cluster is asked for anything.
func snapshotRestoreCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	files := declareArchives(c, flags, out)
	force := flags.Bool("force", false, "take the path that clients use to force a restore")
	forget := flags.Bool("forget-revocations", false, "bring back what was revoked since the archive was made, too")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		if _, err := files.read(args[0], "reading"); err != nil {
			return err
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		f, err := files.open(args[0], "sending")
		if err != nil {
			return err
		}
		defer f.Close()
		client.SetClientTimeout(0) // a large state takes its time; Ctrl-C ends it
		path := "/v1/sys/storage/raft/snapshot"
		if *force {
			path += "-force"
		}
		req := client.NewRequest(http.MethodPost, path)
		req.Params.Set("forget_revocations", strconv.FormatBool(*forget))
		req.Body = f
		answer, err := client.RawRequestWithContext(ctx, req) //nolint:staticcheck // Logical has no way to send a file
		if err != nil {
			return apiError("restoring a snapshot", err)
		}
		defer answer.Body.Close()
		var done struct{ Data restored }
		if err := answer.DecodeJSON(&done); err != nil {
			return fmt.Errorf("restoring a snapshot: %w", err)
		}
		if out.format == "json" {
			return out.json(done.Data)
		}
		return out.success("%s", done.Data.text(args[0]))
	}
}

func (d *restored) text(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Restored: %s\n\n", name)
	for _, line := range [...]struct {
		what string
		n    uint64
	}{
		{"tokens alive now", d.Tokens},
		{"came back to life", d.Revived},
		{"stay dead, though the archive has them alive", d.KeptDead},
		{"lost, since the archive does not have them", d.Lost},
		{"Waypoint users that are back", d.Users},
		{"leases that are revoked, made since", d.Leases},
	} {
		fmt.Fprintf(&b, "%8d  %s\n", line.n, line.what)
	}
	if d.Revived > 0 {
		fmt.Fprintf(&b, "\nWARNING: %d tokens that had ended, or of which nothing was known any more, are alive again.", d.Revived)
	}
	return strings.TrimRight(b.String(), "\n")
}
