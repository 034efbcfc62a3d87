package main

import (
	"context"
	"errors"
	"flag"

	"github.com/openbao/openbao/api/v2"
)

// signedDecodeCommand shows what a Waypoint token says, to anybody who has it.
func signedDecodeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.callsAnonymously(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := askOfToken(ctx, c, client, "token/decode", args[0])
		if err != nil {
			return apiError("decoding the token", err)
		}
		return out.pairs(secret.Data, decodedPairs(secret.Data))
	})
}

// signedInspectCommand shows an operator what a token says, and what it would be told.
func signedInspectCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		secret, err := askOfToken(ctx, c, client, "jeton/signed/inspect", args[0])
		if err != nil {
			return apiError("inspecting the token", err)
		}
		return out.secret(secret)
	})
}

func askOfToken(ctx context.Context, c *console, client *api.Client, path, arg string) (*api.Secret, error) {
	token, err := c.secretArg(arg)
	if err != nil {
		return nil, err
	}
	secret, err := client.Logical().WriteWithContext(ctx, path, map[string]any{"token": token})
	if err == nil && secret == nil {
		err = errors.New("the server answered with nothing")
	}
	return secret, err
}

// decodedPairs puts a decoded token under the names that inspect has for its parts.
func decodedPairs(data map[string]any) []pair {
	token := part(data, "token")
	pairs := []pair{
		{"kind", "unknown"}, {"key_id", part(data, "transport")["keyId"]}, {"accessor_id", token["accessorId"]},
		{"issue_time", token["issuedTime"]}, {"expire_time", token["validUntil"]},
	}
	add := func(key string, value any) {
		if value != nil && value != "" {
			pairs = append(pairs, pair{key, value})
		}
	}
	for _, kind := range []string{"login", "invite", "trigger", "runner"} {
		said := part(token, kind)
		if said == nil {
			continue
		}
		pairs[0].value = kind
		login := said
		if kind == "invite" {
			login = part(said, "login")
		} else if said["entrypoint"] != nil {
			pairs[0].value = "entrypoint"
		}
		add("from_user_id", said["fromUserId"])
		add("user_id", login["userId"])
		add("deployment_id", part(login, "entrypoint")["deploymentId"])
		add("signup_username", part(said, "signup")["initialUsername"])
		add("runner_id", said["id"])
		add("label_hash", said["labelHash"])
	}
	return pairs
}

// part is an object in an object, or nil.
func part(object map[string]any, name string) map[string]any {
	inner, _ := object[name].(map[string]any)
	return inner
}

// signedRevokeCommand ends what Waypoint can not: its tokens, which are in no table.
func signedRevokeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	accessor := flags.String("accessor", "", "the token with this `accessor`, of which only that is known")
	user := flags.String("user", "", "those of the user of this `ID` or name, and invites that it made")
	key := flags.String("key", "", "those that the key of this `ID` signed")
	all := flags.Bool("all", false, "all of them")
	before := flags.String("before", "", "with -user, -key and -all: those that were issued at this `time` or before it,\nsuch as 2006-01-02T15:04:05Z (default: now)")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		path, body, err := signedRevokeRequest(c, args, signedScope(*user, *key, *all), *accessor, *before)
		if err != nil {
			return err
		}
		secret, err := client.Logical().WriteWithContext(ctx, path, body)
		switch {
		case err != nil:
			return apiError("revoking Waypoint tokens", err)
		case secret == nil:
			return errors.New("the server answered with nothing")
		case out.format == "json":
			return out.json(secret.Data)
		case secret.Data["marked"] != true:
			return out.success("There is no Waypoint token that this could end")
		case body["scope"] == nil:
			return out.success("Revoked Waypoint token (if it existed)")
		case *before != "":
			return out.success("Revoked every such Waypoint token that was issued until %s", *before)
		}
		return out.success("Revoked every such Waypoint token that was issued until now")
	})
}

// signedScope is what names many tokens at once: a request for each way that is given.
func signedScope(user, key string, all bool) (ways []map[string]any) {
	if user != "" {
		ways = append(ways, map[string]any{"scope": "user", "user": user})
	}
	if key != "" {
		ways = append(ways, map[string]any{"scope": "signed-key", "key": key})
	}
	if all {
		ways = append(ways, map[string]any{"scope": "signed"})
	}
	return ways
}

// signedRevokeRequest is for the one token that is shown or named, or for those of one
// scope.
func signedRevokeRequest(c *console, args []string, ways []map[string]any, accessor, before string) (path string, body map[string]any, err error) {
	switch {
	case len(ways) > 1:
		return "", nil, usagef("-user, -key and -all exclude each other")
	case len(ways) == 1:
		if accessor != "" || len(args) > 0 {
			return "", nil, usagef("-user, -key and -all go with no token")
		}
		if before != "" {
			ways[0]["time"] = before
		}
		return "jeton/not-before", ways[0], nil
	case before != "":
		return "", nil, usagef("-before goes with -user, -key or -all")
	case accessor != "":
		if len(args) > 0 {
			return "", nil, usagef("-accessor goes with no other way to name a token")
		}
		return "jeton/signed/revoke", map[string]any{"accessor": accessor}, nil
	}
	if err := wantArgs(args, 1, 1); err != nil {
		return "", nil, err
	}
	token, err := c.secretArg(args[0])
	return "jeton/signed/revoke", map[string]any{"token": token}, err
}
