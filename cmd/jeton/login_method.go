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

// loginMethod is how a token is come by: shown, or given out for a password, a
// secret-id or a JWT.
type loginMethod struct{ name, path string }

func declareLoginMethod(flags *flag.FlagSet) *loginMethod {
	m := new(loginMethod)
	flags.StringVar(&m.name, "method", "token", "login `method`: token, userpass (username=NAME), approle (role_id=ID),\njwt (role=NAME, or its default role; jwt=@FILE) or cert (-client-cert, -client-key); what is secret is typed\nunseen, or standard input, unless it is given as password=, secret_id= or jwt=")
	flags.StringVar(&m.path, "path", "", "`path` at which the method is mounted (default: its name)")
	return m
}

// login logs in with what the arguments say. A password, secret-id or JWT is an
// argument, which other users of the machine can see, or typed unseen, or the
// first line of standard input.
func (m *loginMethod) login(ctx context.Context, c *console, client *api.Client, args []string) (*api.Secret, error) {
	path, fields := "auth/"+m.mount()+"/login", map[string]any{}
	switch m.name {
	case "cert":
		if err := certLogin(client, args, fields); err != nil {
			return nil, err
		}
	case "userpass":
		name, password, err := credentials(args, "username=NAME", "password=TEXT", true)
		if err != nil {
			return nil, err
		}
		if password, err = c.unseen(password, "Password (will be hidden): "); err != nil {
			return nil, err
		}
		path += "/" + url.PathEscape(name)
		fields["password"] = password
	case "approle":
		role, secret, err := credentials(args, "role_id=ID", "secret_id=ID", true)
		if err != nil {
			return nil, err
		}
		if secret, err = c.unseen(secret, "Secret-id (will be hidden): "); err != nil {
			return nil, err
		}
		fields["role_id"], fields["secret_id"] = role, secret
	case "jwt":
		role, text, err := credentials(args, "role=NAME", "jwt=TEXT", false)
		if err != nil {
			return nil, err
		}
		if text, err = c.jwt(text); err != nil {
			return nil, err
		}
		fields["jwt"] = text
		if role != "" { // the method may have one that it takes then
			fields["role"] = role
		}
	default:
		return nil, usagef("there is no login method of that name: token, userpass, approle, jwt or cert")
	}
	secret, err := client.Logical().WriteWithContext(ctx, path, fields)
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

// credentials reads who logs in, which may be needed, and perhaps the proof, given as
// key=value in the forms that are wanted. Arguments are not repeated in errors: one
// of them is a secret.
func credentials(args []string, who, proof string, needed bool) (name, secret string, err error) {
	whoKey, _, _ := strings.Cut(who, "=")
	proofKey, _, _ := strings.Cut(proof, "=")
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		switch {
		case ok && key == whoKey:
			name = value
		case ok && key == proofKey:
			secret = value
		case needed:
			return "", "", usagef("expected %s and perhaps %s", who, proof)
		default:
			return "", "", usagef("expected nothing but %s and %s", who, proof)
		}
	}
	if name == "" && needed {
		return "", "", usagef("%s is missing", who)
	}
	return name, secret, nil
}

// unseen is a secret of the arguments, or what is typed in its place.
func (c *console) unseen(text, prompt string) (string, error) {
	if text == "" || text == "-" {
		return c.askPassword(prompt)
	}
	return text, nil
}

// jwt is the one of the arguments, or in the file that they name, or what is typed.
// Blanks around it mean nothing.
func (c *console) jwt(text string) (string, error) {
	if path, ok := strings.CutPrefix(text, "@"); ok {
		f, err := os.Open(path)
		if err != nil {
			return "", usageError{err}
		}
		defer f.Close()
		all, err := readBounded(f)
		return strings.TrimSpace(string(all)), err
	}
	text, err := c.unseen(text, "JWT (will be hidden): ")
	return strings.TrimSpace(text), err
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
		return "", usagef("no secret given")
	}
	return text, nil
}
