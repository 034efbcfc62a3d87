package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"

	"github.com/jeton-io/jeton/http/waypoint"
)

func tokenLookupCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	r.declareWrapTTL(flags)
	accessor := flags.Bool("accessor", false, "the argument is an accessor")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		subject, err := tokenSubject(c, args, *accessor)
		if err != nil {
			return err
		}
		auth := client.Auth().Token()
		var secret *api.Secret
		switch {
		case *accessor:
			secret, err = auth.LookupAccessorWithContext(ctx, subject)
		case subject == "":
			secret, err = auth.LookupSelfWithContext(ctx)
		default:
			secret, err = auth.LookupWithContext(ctx, subject)
		}
		if err != nil {
			return apiError("looking up the token", err)
		}
		return out.secret(secret)
	})
}

func tokenRenewCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	r.declareWrapTTL(flags)
	accessor := flags.Bool("accessor", false, "the argument is an accessor")
	var increment durationFlag
	flags.Var(&increment, "increment", "`duration` to ask for from now on (default: as long as it was given before)")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		subject, err := tokenSubject(c, args, *accessor)
		if err != nil {
			return err
		}
		auth := client.Auth().Token()
		seconds := int(increment.d / time.Second)
		var secret *api.Secret
		switch {
		case *accessor:
			secret, err = auth.RenewAccessorWithContext(ctx, subject, seconds)
		case subject == "":
			secret, err = auth.RenewSelfWithContext(ctx, seconds)
		default:
			secret, err = auth.RenewWithContext(ctx, subject, seconds)
		}
		if err != nil {
			return apiError("renewing the token", err)
		}
		return out.secret(secret)
	})
}

func tokenRevokeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	self := flags.Bool("self", false, "revoke the token that the command itself uses")
	accessor := flags.Bool("accessor", false, "the argument is an accessor")
	mode := flags.String("mode", "", "orphan: the children live on; path: the argument is a path\nunder which tokens were made, and all of those end (`mode`)")
	plan := declarePlan(flags)
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		subject, err := revokeSubject(c, args, *self, *accessor, *mode)
		if err != nil {
			return err
		}
		if plan.given() {
			path, body := revokeRequest(subject, *self, *accessor, *mode)
			return plan.run(ctx, client, out, http.MethodPut, path, body)
		}
		auth := client.Auth().Token()
		switch {
		case *self:
			err = auth.RevokeSelfWithContext(ctx, "")
		case *accessor:
			err = auth.RevokeAccessorWithContext(ctx, subject)
		case *mode == "orphan":
			err = auth.RevokeOrphanWithContext(ctx, subject)
		case *mode == "path":
			err = client.Sys().RevokePrefixWithContext(ctx, subject)
		default:
			err = auth.RevokeTreeWithContext(ctx, subject)
		}
		if err != nil {
			return apiError("revoking the token", err)
		}
		return out.success("Revoked token (if it existed)")
	})
}

// revokeRequest is what the client library would send.
func revokeRequest(subject string, self, accessor bool, mode string) (path string, body map[string]any) {
	switch {
	case self:
		return "auth/token/revoke-self", map[string]any{}
	case accessor:
		return "auth/token/revoke-accessor", map[string]any{"accessor": subject}
	case mode == "orphan":
		return "auth/token/revoke-orphan", map[string]any{"token": subject}
	case mode == "path":
		return "sys/leases/revoke-prefix/" + subject, map[string]any{}
	}
	return "auth/token/revoke", map[string]any{"token": subject}
}

// tokenSubject is the token or accessor that a command is about; "" is the
// caller's own.
func tokenSubject(c *console, args []string, accessor bool) (string, error) {
	if len(args) == 0 {
		if accessor {
			return "", usagef("-accessor needs an accessor to be named")
		}
		return "", nil
	}
	return c.secretArg(args[0])
}

func revokeSubject(c *console, args []string, self, accessor bool, mode string) (string, error) {
	switch {
	case !slices.Contains([]string{"", "orphan", "path"}, mode):
		return "", usagef("-mode is neither orphan nor path")
	case self && (accessor || mode != "" || len(args) > 0):
		return "", usagef("-self goes with no other way to name a token")
	case accessor && mode != "":
		return "", usagef("-accessor and -mode exclude each other")
	case self:
		return "", nil
	}
	if err := wantArgs(args, 1, 1); err != nil {
		return "", err
	}
	if mode == "path" {
		return args[0], nil
	}
	subject, err := c.secretArg(args[0])
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(subject, "jtb_") {
		return "", usagef("this is a batch token: batch revoke ends it")
	}
	if _, err := waypoint.Parse(subject); err == nil {
		return "", usagef("this is a Waypoint token: signed revoke ends it")
	}
	return subject, nil
}

func tokenCapabilitiesCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 2, func(ctx context.Context, client *api.Client, args []string) error {
		path := args[len(args)-1]
		var capabilities []string
		var err error
		if len(args) == 1 {
			capabilities, err = client.Sys().CapabilitiesSelfWithContext(ctx, path)
		} else {
			var token string
			if token, err = c.secretArg(args[0]); err != nil {
				return err
			}
			capabilities, err = client.Sys().CapabilitiesWithContext(ctx, token, path)
		}
		if err != nil {
			return apiError("listing capabilities", err)
		}
		slices.Sort(capabilities)
		if out.format == "json" {
			return out.json(capabilities)
		}
		_, err = fmt.Fprintln(c.out, strings.Join(capabilities, ", "))
		return err
	})
}
