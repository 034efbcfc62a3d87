package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/openbao/openbao/api/v2"
)

// leaseListCommand walks the folders of leases, or shows those that could not be
// ended outside the cluster.
func leaseListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	kind := flags.String("type", "", "irrevocable: those that could not be ended outside the cluster, with their errors (`type`)")
	limit := flags.Int("limit", 0, "with -type=irrevocable: show at most this `number` of them (default: the server's, 10000)")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		switch {
		case *kind != "" && *kind != "irrevocable":
			return usagef("-type is not irrevocable")
		case *kind == "" && *limit != 0:
			return usagef("-limit goes with -type=irrevocable only")
		case *limit < 0:
			return usagef("-limit is negative")
		case *kind != "" && len(args) > 0:
			return usagef("-type=irrevocable goes with no prefix")
		}
		if *kind != "" {
			return listIrrevocable(ctx, client, out, *limit)
		}
		path := strings.TrimSuffix("sys/leases/lookup/"+apiPath(strings.Join(args, "")), "/")
		secret, err := client.Logical().ListWithContext(ctx, path)
		if err != nil {
			return apiError("listing leases", err)
		}
		if secret == nil {
			return fmt.Errorf("there are no leases at %s", cmp.Or(strings.Join(args, ""), "all"))
		}
		return out.keys(secret, path)
	})
}

func listIrrevocable(ctx context.Context, client *api.Client, out *output, limit int) error {
	query := map[string][]string{"type": {"irrevocable"}}
	if limit > 0 {
		query["limit"] = []string{strconv.Itoa(limit)}
	}
	secret, err := client.Logical().ReadWithDataWithContext(ctx, "sys/leases", query)
	switch {
	case err != nil:
		return apiError("listing irrevocable leases", err)
	case secret != nil && out.format == "json":
		return out.json(secret.Data) // with how many there are in all
	}
	return out.items(secret, "leases", []string{"Lease", "Failures", "Next Attempt", "Error"}, func(l map[string]any) []string {
		return []string{show(l["lease_id"]), show(l["failed_attempts"]), show(l["next_attempt"]), oneLine(show(l["error"]))}
	})
}

func leaseCountCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	kind := flags.String("type", "all", "`type` of the leases to count: all or irrevocable")
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		if *kind != "all" && *kind != "irrevocable" {
			return usagef("-type is neither all nor irrevocable")
		}
		secret, err := client.Logical().ReadWithDataWithContext(ctx, "sys/leases/count", map[string][]string{"type": {*kind}})
		if err != nil {
			return apiError("counting leases", err)
		}
		if secret == nil {
			return errors.New("the server does not count leases")
		}
		pairs := []pair{{"lease_count", secret.Data["lease_count"]}}
		counts, _ := secret.Data["counts"].(map[string]any)
		for _, mount := range slices.Sorted(maps.Keys(counts)) {
			pairs = append(pairs, pair{mount, counts[mount]})
		}
		return out.pairs(secret.Data, pairs)
	})
}
