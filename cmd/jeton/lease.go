package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"time"

	"github.com/openbao/openbao/api/v2"
)

func leaseLookupCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Sys().LookupWithContext(ctx, apiPath(args[0]))
		if err != nil {
			return apiError("looking up the lease", err)
		}
		return out.secret(secret)
	})
}

func leaseRenewCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	var increment durationFlag
	flags.Var(&increment, "increment", "`duration` to ask for from now on (default: as long as it was given before)")
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Sys().RenewWithContext(ctx, apiPath(args[0]), int(increment.d/time.Second))
		if err != nil {
			return apiError("renewing the lease", err)
		}
		return out.secret(secret)
	})
}

// leaseRevokeCommand ends one lease, or all under a path, of tokens and of secrets
// engines alike.
func leaseRevokeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	prefix := flags.Bool("prefix", false, "the argument is a path; every lease and token made under it ends")
	force := flags.Bool("force", false, "with -prefix: forget leases that cannot be ended outside the cluster;\nwhat they gave may live on there")
	sync := flags.Bool("sync", false, "answer only when they have ended outside the cluster, too, or failed to")
	plan := declarePlan(flags)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if *force && !*prefix {
			return usagef("-force goes with -prefix only")
		}
		subject := apiPath(args[0])
		if plan.given() {
			path, body := leaseRevokeRequest(subject, *prefix, *force)
			return plan.run(ctx, client, out, http.MethodPut, path, body)
		}
		underWay := false
		client = client.WithResponseCallbacks(func(resp *api.Response) { underWay = resp.StatusCode == http.StatusAccepted })
		err := client.Sys().RevokeWithOptionsWithContext(ctx, &api.RevokeOptions{LeaseID: subject, Prefix: *prefix, Force: *force, Sync: *sync})
		if err != nil {
			return apiError("revoking", err)
		}
		if underWay {
			fmt.Fprintln(c.err, "It has ended for the cluster; outside, its end is still under way.")
		}
		if *prefix {
			return out.success("Revoked what was made under: %s", subject)
		}
		return out.success("Revoked lease (if it existed): %s", subject)
	})
}

// leaseRevokeRequest is what the client library would send.
func leaseRevokeRequest(subject string, prefix, force bool) (path string, body map[string]any) {
	switch {
	case force:
		return "sys/leases/revoke-force/" + subject, map[string]any{}
	case prefix:
		return "sys/leases/revoke-prefix/" + subject, map[string]any{}
	}
	return "sys/leases/revoke", map[string]any{"lease_id": subject}
}
