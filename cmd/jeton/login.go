package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/openbao/openbao/api/v2"
)

func loginCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	noStore := flags.Bool("no-store", false, "do not keep the token")
	method := declareLoginMethod(flags)
	return r.callsAnonymously(0, anyNumber, func(ctx context.Context, client *api.Client, args []string) error {
		login := method.login
		if method.name == "token" {
			login = showToken
		}
		secret, err := login(ctx, c, client, args)
		if err != nil {
			return err
		}
		token := client.Token() // that was shown
		if secret.Auth != nil {
			token = secret.Auth.ClientToken
		}
		if !*noStore {
			if err := keepToken(c, token); err != nil {
				return err
			}
		}
		return out.secret(secret)
	})
}

// showToken checks a token that there is already: the argument, or what is typed
// unseen, or standard input.
func showToken(ctx context.Context, c *console, client *api.Client, args []string) (*api.Secret, error) {
	if err := wantArgs(args, 0, 1); err != nil {
		return nil, err
	}
	token, err := loginToken(c, args)
	if err != nil {
		return nil, err
	}
	client.SetToken(token)
	// a counted token loses a use by this, as with Vault's login
	secret, err := client.Auth().Token().LookupSelfWithContext(ctx)
	if err != nil {
		return nil, apiError("checking the token", err)
	}
	return secret, nil
}

func loginToken(c *console, args []string) (string, error) {
	if len(args) == 1 {
		return c.secretArg(args[0])
	}
	return c.askSecret("Token (will be hidden): ")
}

func keepToken(c *console, token string) error {
	path, err := tokenFilePath(c)
	if err != nil {
		return err
	}
	if err := writeSecretFile(path, token); err != nil {
		return fmt.Errorf("token helper: %w", err)
	}
	if firstEnv(c, "TOKEN") != "" {
		fmt.Fprintln(c.err, "WARNING! A token in the environment comes before the one that was kept.")
	}
	return nil
}
