package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/openbao/openbao/api/v2"
)

const deploymentsPath = "jeton/deployments"

func deploymentPath(id string) string { return deploymentsPath + "/" + url.PathEscape(id) }

// deploymentSetCommand writes the whole configuration of a deployment: what it is not
// given is there no more.
func deploymentSetCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(2, anyNumber, func(ctx context.Context, client *api.Client, args []string) error {
		config, err := readFields(c, args[1:])
		if err != nil {
			return err
		}
		if _, err := client.Logical().WriteWithContext(ctx, deploymentPath(args[0]), map[string]any{"config": config}); err != nil {
			return apiError("writing the configuration", err)
		}
		return out.success("Wrote the configuration of: %s", args[0])
	})
}

func deploymentReadCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, deploymentPath(args[0]))
		switch {
		case err != nil:
			return apiError("reading the deployment", err)
		case secret == nil:
			return errors.New("there is no such deployment")
		}
		config, _ := secret.Data["config"].(map[string]any)
		var pairs []pair
		for _, k := range slices.Sorted(maps.Keys(config)) {
			pairs = append(pairs, pair{k, config[k]})
		}
		if err := out.pairs(secret.Data, pairs); err != nil || out.format == "json" || out.field != "" {
			return err
		}
		return printLogLines(c, secret)
	})
}

// printLogLines shows what a deployment logged last, if anything.
func printLogLines(c *console, secret *api.Secret) error {
	lines, _ := secret.Data["lines"].([]any)
	if len(lines) == 0 {
		return nil
	}
	fmt.Fprintln(c.out)
	rows := titled("Time", "Line")
	for _, item := range lines {
		l, _ := item.(map[string]any)
		text, _ := l["text"].(string)
		rows = append(rows, []string{show(l["time"]), oneLine(text)})
	}
	return writeColumns(c.out, rows)
}

func deploymentListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ListWithContext(ctx, deploymentsPath)
		if err != nil {
			return apiError("listing deployments", err)
		}
		if secret == nil {
			return errors.New("there are no deployments")
		}
		return out.keys(secret, deploymentsPath)
	})
}

func deploymentDeleteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().DeleteWithContext(ctx, deploymentPath(args[0])); err != nil {
			return apiError("deleting the deployment", err)
		}
		return out.success("Deleted the deployment (if it existed): %s", args[0])
	})
}
