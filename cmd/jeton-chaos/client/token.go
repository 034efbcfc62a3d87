package client

import (
	"context"
	"net/http"
)

// TokenRequest is what a token is asked for with, by the API's names.
type TokenRequest struct {
	ID       string            `json:"id,omitempty"`
	Policies []string          `json:"policies,omitempty"`
	Meta     map[string]string `json:"meta,omitempty"`
	TTL      string            `json:"ttl,omitempty"`
	NumUses  int               `json:"num_uses,omitempty"`
}

// Token is what was given.
type Token struct {
	ID       string `json:"client_token"`
	Accessor string `json:"accessor"`
}

// CreateToken makes a child of the caller. The answer says whether there is one.
func (c *Client) CreateToken(ctx context.Context, node, caller, key string, t TokenRequest) (Token, Answer) {
	a := c.Do(ctx, Request{Node: node, Method: http.MethodPost, Path: "auth/token/create", Token: caller, Body: t, Key: key})
	var body struct {
		Auth Token `json:"auth"`
	}
	if a.Outcome == Done {
		if err := a.Decode(&body); err != nil {
			a.Outcome, a.Err = Open, err
		}
	}
	return body.Auth, a
}

// LookupSelf asks whether a token is live, with the token itself. It spends a use
// of a counted token.
func (c *Client) LookupSelf(ctx context.Context, node, token string) Answer {
	return c.Do(ctx, Request{Node: node, Method: http.MethodGet, Path: "auth/token/lookup-self", Token: token})
}

// Lookup asks about another token. It spends nothing of it.
func (c *Client) Lookup(ctx context.Context, node, caller, token string) Answer {
	return c.Do(ctx, Request{Node: node, Method: http.MethodPost, Path: "auth/token/lookup", Token: caller,
		Body: map[string]string{"token": token}})
}

// Revoke revokes a token with all that hangs on it.
func (c *Client) Revoke(ctx context.Context, node, caller, token string) Answer {
	return c.Do(ctx, Request{Node: node, Method: http.MethodPost, Path: "auth/token/revoke", Token: caller,
		Body: map[string]string{"token": token}})
}

// RenewSelf moves the caller's own deadline.
func (c *Client) RenewSelf(ctx context.Context, node, token, increment string) Answer {
	return c.Do(ctx, Request{Node: node, Method: http.MethodPost, Path: "auth/token/renew-self", Token: token,
		Body: map[string]string{"increment": increment}})
}

// Put writes a cubbyhole value of the caller.
func (c *Client) Put(ctx context.Context, node, token, path string, value any) Answer {
	return c.Do(ctx, Request{Node: node, Method: http.MethodPost, Path: "cubbyhole/" + path, Token: token, Body: value})
}

// Get reads a cubbyhole value of the caller.
func (c *Client) Get(ctx context.Context, node, token, path string) Answer {
	return c.Do(ctx, Request{Node: node, Method: http.MethodGet, Path: "cubbyhole/" + path, Token: token})
}
