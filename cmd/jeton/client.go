package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/openbao/openbao/api/v2"
)

// defaultAddr is where a server listens that was told nothing else.
const defaultAddr = "http://127.0.0.1:8200"

// answerTimeout is longer than a node takes to answer at most (90 s and 10 s to send
// it): what it says then tells more than that nobody has waited for it.
const answerTimeout = 110 * time.Second

// remote is how a client command finds and trusts its server: flags first, then
// environment, then defaults.
type remote struct {
	c *console

	address, caCert, caPath, clientCert, clientKey, serverName string
	skipVerify                                                 bool

	wrapTTL durationFlag // -wrap-ttl, where the command has it
	mayWrap bool
}

// declareRemote adds the flags that every client command has, under Vault's names.
func declareRemote(c *console, flags *flag.FlagSet) *remote {
	r := &remote{c: c}
	flags.StringVar(&r.address, "address", "", "`URL` of the server, JETON_ADDR (default "+defaultAddr+")")
	flags.StringVar(&r.caCert, "ca-cert", "", "PEM `file` to verify the server's certificate with, JETON_CACERT")
	flags.StringVar(&r.caPath, "ca-path", "", "`directory` of such files, JETON_CAPATH")
	flags.StringVar(&r.clientCert, "client-cert", "", "PEM `file` of the client's own certificate, JETON_CLIENT_CERT")
	flags.StringVar(&r.clientKey, "client-key", "", "PEM `file` of its key, JETON_CLIENT_KEY")
	flags.StringVar(&r.serverName, "tls-server-name", "", "`name` to expect in the server's certificate, JETON_TLS_SERVER_NAME")
	flags.BoolVar(&r.skipVerify, "tls-skip-verify", false, "do not verify the server's certificate, JETON_SKIP_VERIFY")
	return r
}

// Whether the result of a command has fields, one of which -field may name.
const noField, withField = false, true

// declareClient adds the flags of a client command: where the server is, and what the
// output looks like.
func declareClient(c *console, flags *flag.FlagSet, field bool) (*remote, *output) {
	return declareRemote(c, flags), declareOutput(c, flags, field)
}

// work is what a command does with the server, with as many arguments as it takes.
type work func(ctx context.Context, client *api.Client, args []string) error

// anyNumber of arguments is as many as the command line holds.
const anyNumber = math.MaxInt

// calls runs a command's work with the caller's token.
func (r *remote) calls(least, most int, do work) runner { return calls(r.client, least, most, do) }

// callsAnonymously runs a command's work without a token.
func (r *remote) callsAnonymously(least, most int, do work) runner {
	return calls(r.anonymous, least, most, do)
}

func calls(connect func() (*api.Client, error), least, most int, do work) runner {
	return func(ctx context.Context, args []string) error {
		if err := wantArgs(args, least, most); err != nil {
			return err
		}
		client, err := connect()
		if err != nil {
			return err
		}
		return do(ctx, client, args)
	}
}

// firstEnv reads a client variable under our name, or else Vault's, or OpenBao's.
// An empty one counts as unset.
func firstEnv(c *console, name string) string {
	for _, prefix := range []string{"JETON_", "VAULT_", "BAO_"} {
		if v := c.env(prefix + name); v != "" {
			return v
		}
	}
	return ""
}

// or is the flag's value, or else the environment's.
func (r *remote) or(flag, name string) string {
	if flag != "" {
		return flag
	}
	return firstEnv(r.c, name)
}

// addr is the server's URL.
func (r *remote) addr() string {
	if a := r.or(r.address, "ADDR"); a != "" {
		return a
	}
	return defaultAddr
}

// tls gathers what verifies the connection.
func (r *remote) tls() (*api.TLSConfig, error) {
	skip := r.skipVerify
	if v := firstEnv(r.c, "SKIP_VERIFY"); v != "" && !skip {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return nil, usagef("SKIP_VERIFY in the environment is neither true nor false")
		}
		skip = b
	}
	return &api.TLSConfig{
		CACert:        r.or(r.caCert, "CACERT"),
		CAPath:        r.or(r.caPath, "CAPATH"),
		ClientCert:    r.or(r.clientCert, "CLIENT_CERT"),
		ClientKey:     r.or(r.clientKey, "CLIENT_KEY"),
		TLSServerName: r.or(r.serverName, "TLS_SERVER_NAME"),
		Insecure:      skip,
	}, nil
}

// config is the library's configuration, with nothing read from the environment
// behind our back: the library would put BAO_ before VAULT_.
func (r *remote) config() (*api.Config, error) {
	config := api.NewConfig()
	if config.Error != nil {
		return nil, config.Error
	}
	config.Address = r.addr()
	// A node tries again by itself for as long as a change of leaders may last; to
	// repeat that would only keep somebody waiting who can be told.
	config.MaxRetries = 0
	config.Timeout = answerTimeout
	t, err := r.tls()
	if err != nil {
		return nil, err
	}
	if err := config.ConfigureTLS(t); err != nil {
		return nil, usagef("TLS: %w", err)
	}
	return config, nil
}

// anonymous is a client without a token, for what needs none.
func (r *remote) anonymous() (*api.Client, error) {
	config, err := r.config()
	if err != nil {
		return nil, err
	}
	client, err := api.NewClient(config)
	if err != nil {
		return nil, usagef("address %q: %w", config.Address, err)
	}
	return client, nil
}

// client carries the caller's token, if there is one: the server is who says
// that it is missing.
func (r *remote) client() (*api.Client, error) {
	client, err := r.anonymous()
	if err != nil {
		return nil, err
	}
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	client.SetToken(token)
	return client, r.wrap(client)
}

// token is the environment's, or else the one that login has kept.
func (r *remote) token() (string, error) {
	if t := firstEnv(r.c, "TOKEN"); t != "" {
		return t, nil
	}
	path, err := tokenFilePath(r.c)
	if err != nil {
		return "", err
	}
	token, err := readTokenFile(path)
	if err != nil {
		return "", fmt.Errorf("token helper: %w", err)
	}
	return token, nil
}
