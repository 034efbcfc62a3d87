package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/openbao/openbao/api/v2"

	"github.com/jeton-io/jeton/cluster/keys"
)

func operatorInitCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.callsAnonymously(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		// There are no unseal keys to share out: nodes open their keys with their
		// own seal key. One of one is what says so in Vault's words.
		answer, err := client.Sys().InitWithContext(ctx, &api.InitRequest{SecretShares: 1, SecretThreshold: 1})
		if err != nil {
			return apiError("initializing", err)
		}
		err = out.pairs(answer, []pair{{"root_token", answer.RootToken}})
		if out.format == "table" && out.field == "" && err == nil {
			fmt.Fprint(c.err, "\nThis token may do anything and is shown only now: keep it safe, or use it once\nto make lesser ones and revoke it.\n")
		}
		return err
	})
}

func operatorStepDownCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		if err := client.Sys().StepDownWithContext(ctx); err != nil {
			return apiError("stepping down", err)
		}
		return out.success("The leader has handed over")
	})
}

func operatorRemovePeerCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		body := map[string]any{"server_id": args[0]}
		if _, err := client.Logical().WriteWithContext(ctx, "sys/storage/raft/remove-peer", body); err != nil {
			return apiError("removing "+args[0], err)
		}
		return out.success("Removed %s from the cluster", args[0])
	})
}

func operatorKeygenCommand(c *console, flags *flag.FlagSet) runner {
	path := flags.String("out", "", "write the secret to this new `file` (mode 0600) instead of printing it")
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 0, 0); err != nil {
			return err
		}
		if *path == "" {
			_, err := fmt.Fprintln(c.out, keys.Generate())
			return err
		}
		return createSecretFile(*path, keys.Generate())
	}
}
