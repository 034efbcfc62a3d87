package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/openbao/openbao/api/v2"
	"golang.org/x/term"
)

// loginMethod is how a token is come by: shown, or given out for a password.
type loginMethod struct{ name, path string }

func declareLoginMethod(flags *flag.FlagSet) *loginMethod {
	m := new(loginMethod)
	flags.StringVar(&m.name, "method", "token", "login `method`: token or userpass")
	flags.StringVar(&m.path, "path", "", "`path` at which the method is mounted (default: its name)")
	return m
}

// userpass logs a user in. The password is an argument, which other users of the
// machine can see, or typed unseen, or the first line of standard input.
func (m *loginMethod) userpass(ctx context.Context, c *console, client *api.Client, args []string) (*api.Secret, error) {
	name, password, err := credentials(args)
	if err != nil {
		return nil, err
	}
	if password == "" || password == "-" {
		if password, err = c.askPassword("Password (will be hidden): "); err != nil {
			return nil, err
		}
	}
	path := "auth/" + m.mount() + "/login/" + url.PathEscape(name)
	secret, err := client.Logical().WriteWithContext(ctx, path, map[string]any{"password": password})
	if err != nil {
		return nil, apiError("logging in", err)
	}
	if secret == nil || secret.Auth == nil {
		return nil, errors.New("the server answered without a token")
	}
	return secret, nil
}

func (m *loginMethod) mount() string {
	if p := strings.Trim(m.path, "/"); p != "" {
		return p
	}
	return m.name
}

// credentials reads username=… and password=…. Arguments are not repeated in
// errors: one of them is a password.
func credentials(args []string) (name, password string, err error) {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		switch {
		case ok && key == "username":
			name = value
		case ok && key == "password":
			password = value
		default:
			return "", "", usagef("expected username=NAME and perhaps password=TEXT")
		}
	}
	if name == "" {
		return "", "", usagef("username=NAME is missing")
	}
	return name, password, nil
}

// askPassword is askSecret for what may begin or end in blanks.
func (c *console) askPassword(prompt string) (string, error) {
	var text string
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(c.err, prompt)
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return "", err
		}
		text = string(typed)
	} else {
		line, err := bufio.NewReader(io.LimitReader(c.in, maxTokenBytes)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("standard input: %w", err)
		}
		text = strings.TrimRight(line, "\r\n")
	}
	if text == "" {
		return "", usagef("no password given")
	}
	return text, nil
}
