package main

import (
	"context"
	"flag"
	"fmt"
)

func loginCommand(c *console, flags *flag.FlagSet) runner {
	r := declareRemote(c, flags)
	out := declareOutput(c, flags, true)
	noStore := flags.Bool("no-store", false, "do not keep the token")
	method := declareLoginMethod(flags)
	return func(ctx context.Context, args []string) error {
		if method.name != "token" {
			client, err := r.anonymous()
			if err != nil {
				return err
			}
			secret, err := method.login(ctx, c, client, args)
			if err != nil {
				return err
			}
			if !*noStore {
				if err := keepToken(c, secret.Auth.ClientToken); err != nil {
					return err
				}
			}
			return out.secret(secret)
		}
		if err := wantArgs(args, 0, 1); err != nil {
			return err
		}
		token, err := loginToken(c, args)
		if err != nil {
			return err
		}
		client, err := r.anonymous()
		if err != nil {
			return err
		}
		client.SetToken(token)
		// a counted token loses a use by this, as with Vault's login
		secret, err := client.Auth().Token().LookupSelfWithContext(ctx)
		if err != nil {
			return apiError("checking the token", err)
		}
		if !*noStore {
			if err := keepToken(c, token); err != nil {
				return err
			}
		}
		return out.secret(secret)
	}
}

// loginToken is the argument, or what is typed unseen, or standard input.
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
