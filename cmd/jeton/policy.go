package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/hcl/hcl/printer"
	"github.com/openbao/openbao/api/v2"
)

// maxPolicyBytes is the server's own bound on a policy's text; a larger file is
// surely another file.
const maxPolicyBytes = 64 << 10

func policyListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		names, err := client.Sys().ListPoliciesWithContext(ctx)
		if err != nil {
			return apiError("listing policies", err)
		}
		return out.lines(names)
	})
}

func policyReadCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		name := policyName(args[0])
		rules, err := client.Sys().GetPolicyWithContext(ctx, name)
		if err != nil {
			return apiError("reading policy "+name, err)
		}
		if rules == "" { // the library turns 404 into nothing
			return fmt.Errorf("no policy is named %s", name)
		}
		if out.format == "json" {
			return out.json(map[string]string{"policy": rules})
		}
		_, err = fmt.Fprintln(c.out, strings.TrimSpace(rules))
		return err
	})
}

func policyWriteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(2, 2, func(ctx context.Context, client *api.Client, args []string) error {
		rules, err := readPolicy(c, args[1])
		if err != nil {
			return err
		}
		name := policyName(args[0])
		if err := client.Sys().PutPolicyWithContext(ctx, name, rules); err != nil {
			return apiError("writing policy "+name, err)
		}
		return out.success("Uploaded policy: %s", name)
	})
}

func policyDeleteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		name := policyName(args[0])
		if err := client.Sys().DeletePolicyWithContext(ctx, name); err != nil {
			return apiError("deleting policy "+name, err)
		}
		return out.success("Deleted policy: %s", name)
	})
}

func policyFmtCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, noField)
	return func(_ context.Context, args []string) error {
		if err := wantArgs(args, 1, 1); err != nil {
			return err
		}
		text, err := readPolicy(c, args[0])
		if err != nil {
			return err
		}
		canonical, err := printer.Format([]byte(text))
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		if args[0] == "-" {
			_, err := c.out.Write(canonical)
			return err
		}
		info, err := os.Stat(args[0])
		if err != nil {
			return err
		}
		if err := os.WriteFile(args[0], canonical, info.Mode().Perm()); err != nil {
			return err
		}
		return out.success("Formatted policy: %s", args[0])
	}
}

// policyName is what the server makes of a name anyway; done here, too, so that
// messages show it.
func policyName(arg string) string {
	return strings.ToLower(strings.TrimSpace(arg))
}

// readPolicy reads a file, or standard input for "-".
func readPolicy(c *console, path string) (string, error) {
	in := c.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPolicyBytes+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if len(text) > maxPolicyBytes {
		return "", fmt.Errorf("%s is larger than %d bytes", path, maxPolicyBytes)
	}
	return string(text), nil
}
