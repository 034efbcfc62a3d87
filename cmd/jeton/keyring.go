package main

import (
	"context"
	"flag"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/openbao/openbao/api/v2"
)

func keyringListCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		secret, err := client.Logical().ReadWithContext(ctx, "jeton/keyring")
		if err != nil {
			return apiError("listing keys", err)
		}
		return out.items(secret, "keys", []string{"ID", "Purpose", "Term", "Installed", "State"}, func(k map[string]any) []string {
			state := "older"
			if k["in_use"] == true {
				state = "in use"
			} else if k["imported"] == true {
				state = "imported"
			}
			if k["retired_time"] != nil {
				state = "retired, goes " + show(k["gone_time"])
			}
			return []string{show(k["id"]), show(k["purpose"]), show(k["term"]), show(k["install_time"]), state}
		})
	})
}

func keyringRotateCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		if _, err := client.Logical().WriteWithContext(ctx, "sys/rotate", nil); err != nil {
			return apiError("rotating the keyring", err)
		}
		return out.success("Rotated the keyring: new keys seal what comes from now on")
	})
}

func keyringRetireCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		if _, err := client.Logical().WriteWithContext(ctx, "jeton/keyring/"+url.PathEscape(args[0])+"/retire", nil); err != nil {
			return apiError("retiring a key", err)
		}
		return out.success("Retired the key %s: no token that it sealed or signed is taken any more", args[0])
	})
}

// keyringImportCommand takes a signing key of a Waypoint server over. A key is never an
// argument: those stand in process lists.
func keyringImportCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, noField)
	path := flags.String("file", "", "`file` that holds the key in hexadecimal (default: typed unseen, or standard input)")
	return r.calls(1, 1, func(ctx context.Context, client *api.Client, args []string) error {
		key, err := readKey(c, *path)
		if err != nil {
			return err
		}
		body := map[string]any{"key_hex": key}
		if _, err := client.Logical().WriteWithContext(ctx, "jeton/keyring/waypoint/"+url.PathEscape(args[0]), body); err != nil {
			return apiError("importing a key", err)
		}
		return out.success("Imported the key %s: Waypoint tokens that it signed are good here, too", args[0])
	})
}

func readKey(c *console, path string) (string, error) {
	if path == "" {
		return c.askSecret("Key in hexadecimal (will be hidden): ")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", usageError{err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTokenBytes))
	return strings.TrimSpace(string(text)), err
}

func operatorKeyStatusCommand(c *console, flags *flag.FlagSet) runner {
	r, out := declareClient(c, flags, withField)
	return r.calls(0, 0, func(ctx context.Context, client *api.Client, _ []string) error {
		status, err := client.Sys().KeyStatusWithContext(ctx)
		if err != nil {
			return apiError("asking for the key's status", err)
		}
		return out.pairs(status, []pair{{"Key Term", status.Term}, {"Install Time", status.InstallTime.Format(time.RFC3339)}})
	})
}
