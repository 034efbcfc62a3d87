package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

func runnerPath(id, verb string) string { return "runner/" + url.PathEscape(id) + verb }

func runnerListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, "runners")
		if err != nil {
			return apiError("listing runners", err)
		}
		return out.items(secret, "runners", []string{"ID", "State", "Kind", "Labels", "Last Seen"}, func(item map[string]any) []string {
			return []string{show(item["id"]), show(item["adoptionState"]), runnerKind(item), labels(item), show(item["lastSeen"])}
		})
	})
}

func runnerReadCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, runnerPath(args[0], ""))
		switch {
		case err != nil:
			return apiError("reading the runner", err)
		case secret == nil:
			return errors.New("there is no such runner")
		}
		d := secret.Data
		return out.pairs(d, []pair{
			{"id", d["id"]}, {"adoptionState", d["adoptionState"]}, {"kind", runnerKind(d)}, {"labels", labels(d)},
			{"firstSeen", d["firstSeen"]}, {"lastSeen", d["lastSeen"]},
		})
	})
}

// runnerKind is which of the parts that say so a runner has.
func runnerKind(item map[string]any) string {
	for _, kind := range []string{"remote", "local", "odr"} {
		if item[kind] != nil {
			return kind
		}
	}
	if item["deprecatedIsOdr"] == true {
		return "odr"
	}
	return "n/a"
}

// labels are a runner's, in one cell. It has chosen them itself.
func labels(item map[string]any) string {
	set, _ := item["labels"].(map[string]any)
	var all []string
	for _, k := range slices.Sorted(maps.Keys(set)) {
		all = append(all, oneLine(k+"="+fmt.Sprint(set[k])))
	}
	return show(strings.Join(all, ","))
}

func runnerAdoptCommand(c *console, flags *flag.FlagSet) runner {
	return decideRunner(c, flags, true, "Adopted the runner: %s", "adopting the runner")
}

func runnerRejectCommand(c *console, flags *flag.FlagSet) runner {
	return decideRunner(c, flags, false, "Rejected the runner: %s", "rejecting the runner")
}

func decideRunner(c *console, flags *flag.FlagSet, adopt bool, done, doing string) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().WriteWithContext(ctx, runnerPath(args[0], "/adopt"), map[string]any{"adopt": adopt}); err != nil {
			return apiError(doing, err)
		}
		return out.success(done, args[0])
	})
}

func runnerForgetCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().WriteWithContext(ctx, runnerPath(args[0], "/forget"), nil); err != nil {
			return apiError("forgetting the runner", err)
		}
		return out.success("Forgot the runner (if it existed): %s", args[0])
	})
}

func runnerTokenCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	life := declareExpiresIn(flags, 720)
	id := flags.String("id", "", "`ID` of the runner that it is for (default: any runner)")
	var labels mapFlag
	flags.Var(&labels, "label", "`key=value` that the runner has to have; may be given several times (default: any labels)")
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		body := map[string]any{"duration": life.String(), "id": *id}
		if len(labels) > 0 {
			body["labels"] = labels
		}
		return out.makeToken(ctx, client, "making a runner token", "token/runner", body)
	})
}
