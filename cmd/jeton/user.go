package main

import (
	"context"
	"errors"
	"flag"
	"net/url"

	"github.com/openbao/openbao/api/v2"
)

// The users here are Waypoint's: whom its login tokens log in. Those of the method
// userpass are at its mounts.
const usersPath = "jeton/users"

func userPath(ref string) string { return usersPath + "/" + url.PathEscape(ref) }

func userCreateCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	fields := declareUserFields(flags)
	flags.String("id", "", "`ID` that the user had on a Waypoint server (default: a new one)")
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		body := fields()
		body["username"] = args[0]
		secret, err := client.Logical().WriteWithContext(ctx, usersPath, body)
		if err != nil {
			return apiError("creating a user", err)
		}
		return out.found(secret, usersPath)
	})
}

func userUpdateCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	fields := declareUserFields(flags)
	flags.String("username", "", "new `name` to log in by")
	none := flags.Bool("no-policies", false, "take all policies away")
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		body := fields()
		if *none {
			if body["policies"] != nil {
				return usagef("-policy and -no-policies exclude each other")
			}
			body["policies"] = []string{}
		}
		if len(body) == 0 {
			return usagef("there is nothing to change")
		}
		secret, err := client.Logical().WriteWithContext(ctx, userPath(args[0]), body)
		if err != nil {
			return apiError("updating the user", err)
		}
		return out.found(secret, userPath(args[0]))
	})
}

// declareUserFields adds the flags that say what a user is, and returns what makes a
// request of them. What is not given is not sent.
func declareUserFields(flags *flag.FlagSet) func() map[string]any {
	flags.String("display", "", "the user's `name` for people")
	flags.String("email", "", "the user's `address`")
	var policies stringsFlag
	flags.Var(&policies, "policy", "`name` of a policy that the user's login tokens have; may be given several times")
	return func() map[string]any {
		body := map[string]any{}
		flags.Visit(func(f *flag.Flag) {
			switch f.Name {
			case "display", "email", "id", "username":
				body[f.Name] = f.Value.String()
			case "policy":
				body["policies"] = policies
			}
		})
		return body
	}
}

func userListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ListWithContext(ctx, usersPath)
		if err != nil {
			return apiError("listing users", err)
		}
		if secret == nil {
			return errors.New("there are no users")
		}
		users, rows := []map[string]any{}, titled("ID", "Username")
		ids, _ := secret.Data["keys"].([]any)
		for _, id := range ids {
			name := part(part(secret.Data, "key_info"), show(id))["username"]
			users = append(users, map[string]any{"id": id, "username": name})
			rows = append(rows, []string{show(id), show(name)})
		}
		if out.format == "json" {
			return out.json(users)
		}
		return writeColumns(c.out, rows)
	})
}

func userReadCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, userPath(args[0]))
		switch {
		case err != nil:
			return apiError("reading the user", err)
		case secret == nil:
			return errors.New("there is no such user")
		}
		return out.secret(secret)
	})
}

func userDeleteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().DeleteWithContext(ctx, userPath(args[0])); err != nil {
			return apiError("deleting the user", err)
		}
		return out.success("Deleted the user (if it existed), and so ended its tokens: %s", args[0])
	})
}
