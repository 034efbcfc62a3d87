package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"

	"github.com/openbao/openbao/api/v2"
)

// planFlags are those of commands that revoke in bulk.
type planFlags struct {
	dryRun bool
	plan   string
}

func declarePlan(flags *flag.FlagSet) *planFlags {
	p := new(planFlags)
	flags.BoolVar(&p.dryRun, "dry-run", false, "only count what would be revoked, and name the plan for it")
	flags.StringVar(&p.plan, "plan", "", "revoke exactly what the dry run of this plan `ID` counted, or say what has changed")
	return p
}

func (p *planFlags) given() bool { return p.dryRun || p.plan != "" }

// run sends a revocation with what the flags say, and prints what it would end or
// has ended.
func (p *planFlags) run(ctx context.Context, client *api.Client, out *output, method, path string, body map[string]any) error {
	if p.dryRun && p.plan != "" {
		return usagef("-dry-run and -plan exclude each other")
	}
	field, value, answer := "plan_id", p.plan, "planned"
	if p.dryRun {
		field, value, answer = "dry_run", "true", "tokens"
	}
	var secret *api.Secret
	var err error
	if method == http.MethodDelete {
		secret, err = client.Logical().DeleteWithDataWithContext(ctx, path, map[string][]string{field: {value}})
	} else {
		body[field] = value
		secret, err = client.Logical().WriteWithContext(ctx, path, body)
	}
	switch {
	case err != nil:
		return apiError("revoking as planned", err)
	case secret == nil || secret.Data[answer] == nil:
		return errors.New("the server does not know of plans and has revoked at once")
	case out.format == "json":
		return out.json(secret.Data)
	case p.plan != "" && show(secret.Data["planned"]) == "0":
		return out.success("Revoked as planned; no token was among it")
	case p.plan != "":
		return out.success("Revoked %v of %v planned tokens; the others had ended before.", secret.Data["revoked"], secret.Data["planned"])
	}
	return printImpact(out.c, secret)
}

// printImpact shows the counts of a dry run.
func printImpact(c *console, secret *api.Secret) error {
	for _, w := range secret.Warnings {
		fmt.Fprintf(c.err, "WARNING! The server said: %s\n", w)
	}
	d := secret.Data
	pairs := []pair{{"tokens", d["tokens"]}, {"leases", d["leases"]}, {"values", d["values"]}, {"orphaned", d["orphaned"]}, {"index", d["index"]}, {"plan_id", d["plan_id"]}}
	if err := writePairs(c.out, pairs); err != nil {
		return err
	}
	for _, by := range []struct{ field, title string }{{"policy", "Policy"}, {"path", "Path"}, {"display_name", "Name"}} {
		rows := [][]string{{by.title, "Tokens"}, {dashes(by.title), "------"}}
		counts, _ := d["by_"+by.field].([]any)
		for _, item := range counts {
			n, _ := item.(map[string]any)
			rows = append(rows, []string{show(n["name"]), show(n["tokens"])})
		}
		if others := show(d["other_by_"+by.field]); others != "0" {
			rows = append(rows, []string{"(others)", others})
		}
		if len(rows) == 2 {
			continue // leases alone end, no token
		}
		fmt.Fprintln(c.out)
		if err := writeColumns(c.out, rows); err != nil {
			return err
		}
	}
	return nil
}

func dashes(title string) string { return "--------"[:min(len(title), 8)] }
