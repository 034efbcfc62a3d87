package main

import (
	"context"
	"flag"
	"net/http"

	"github.com/openbao/openbao/api/v2"
)

func leaseRevokeCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, false)
	prefix := flags.Bool("prefix", false, "the argument is a path; everything made under it ends")
	plan := declarePlan(flags)
	sync := flags.Bool("sync", false, "answer only when it is done")
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		if !*prefix {
			return usagef("a single lease cannot be named here: use -prefix, or token revoke for a token")
		}
		client, err := r.client()
		if err != nil {
			return err
		}
		if plan.given() {
			return plan.run(ctx, client, out, http.MethodPut, "sys/leases/revoke-prefix/"+args[0], map[string]any{})
		}
		err = client.Sys().RevokeWithOptionsWithContext(ctx, &api.RevokeOptions{LeaseID: args[0], Prefix: true, Sync: *sync})
		if err != nil {
			return apiError("revoking by prefix", err)
		}
		return out.success("Revoked what was made under: %s", args[0])
	}
}
