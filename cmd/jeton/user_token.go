package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// declareExpiresIn adds the flag for how long a token of Waypoint's is good.
func declareExpiresIn(flags *flag.FlagSet, hours int) *durationFlag {
	d := new(durationFlag)
	flags.Var(d, "expires-in", fmt.Sprintf("`duration` for which it is good, 0 for ever (default %dh)", hours))
	*d = durationFlag{true, time.Duration(hours) * time.Hour}
	return d
}

// makeToken has the server make a token of Waypoint's, and prints nothing besides.
func (o *output) makeToken(ctx context.Context, client *api.Client, doing, path string, body map[string]any) error {
	secret, err := client.Logical().WriteWithContext(ctx, path, body)
	if err != nil {
		return apiError(doing, err)
	}
	if secret == nil || secret.Data["token"] == nil {
		return errors.New("the server answered with no token")
	}
	if o.format == "json" {
		return o.json(secret.Data)
	}
	_, err = fmt.Fprintln(o.c.out, show(secret.Data["token"]))
	return err
}

func userTokenCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	life := declareExpiresIn(flags, 720)
	trigger := flags.Bool("trigger", false, "make a token of the caller's for trigger URLs, which is good for nothing else")
	return r.calls(0, 1, func(ctx context.Context, client *api.Client, args []string) error {
		body := map[string]any{"duration": life.String()}
		if *trigger {
			body["trigger"] = true
		}
		if len(args) > 0 {
			body["user"] = userRef(args[0])
		}
		return out.makeToken(ctx, client, "making a login token", "token/login", body)
	})
}

// userRef names a user as Waypoint's messages do, which tell ids from names.
func userRef(text string) map[string]any {
	by := "username"
	if looksLikeULID(text) {
		by = "id"
	}
	return map[string]any{by: map[string]any{by: text}}
}

// looksLikeULID says whether a text has the form of the ids that Waypoint gives: 26
// characters of Crockford's base 32.
func looksLikeULID(text string) bool {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	return len(text) == 26 && strings.Trim(strings.ToUpper(text), alphabet) == ""
}

func userInviteCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	life := declareExpiresIn(flags, 24)
	signup := flags.String("username", "", "invite to sign up, as a new user of this `name`")
	user := flags.String("user", "", "invite to log in as this user, `ID` or name (default: the caller)")
	deployment := flags.String("entrypoint", "", "what it is exchanged for is good for this `deployment` alone")
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		body := map[string]any{"duration": life.String()}
		if *signup != "" {
			if *user != "" {
				return usagef("-username and -user exclude each other")
			}
			body["signup"] = map[string]any{"initialUsername": *signup}
		}
		if *user != "" || *deployment != "" {
			id, err := userID(ctx, client, *user)
			if err != nil {
				return err
			}
			login := map[string]any{"userId": id}
			if *deployment != "" {
				login["entrypoint"] = map[string]any{"deploymentId": *deployment}
			}
			body["login"] = login
		}
		return out.makeToken(ctx, client, "making an invite", "token/invite", body)
	})
}

// userID is the id of a user, the caller's by default: an invite names it by nothing
// else.
func userID(ctx context.Context, client *api.Client, ref string) (string, error) {
	path := "user"
	switch {
	case looksLikeULID(ref):
		return ref, nil
	case ref != "":
		path = "user/by-username/" + url.PathEscape(ref)
	}
	secret, err := client.Logical().ReadWithContext(ctx, path)
	if err != nil {
		return "", apiError("asking for the user's id", err)
	}
	if secret != nil {
		user, _ := secret.Data["user"].(map[string]any)
		if id, ok := user["id"].(string); ok {
			return id, nil
		}
	}
	return "", errors.New("the caller is no user: -user names whom the invite is for")
}

func userExchangeCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.callsAnonymously(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		invite, err := c.secretArg(args[0])
		if err != nil {
			return err
		}
		return out.makeToken(ctx, client, "exchanging the invite", "token/exchange", map[string]any{"token": invite})
	})
}
