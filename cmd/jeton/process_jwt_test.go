package main

import (
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/openbao/openbao/api/v2"

	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// jwtEverywhere has JWTs of an issuer taken by each node: each fetches its keys for
// itself, and a role that is replaced by one node is not good at another any more.
// It returns what must not be found on a disk: the tokens and the JWTs.
func (c *processCluster) jwtEverywhere() (secrets []string) {
	c.t.Helper()
	signer, fetches := jwttest.NewKey("k1"), make(chan struct{}, 100)
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetches <- struct{}{}
		jwttest.WriteKeys(w, signer)
	}))
	defer issuer.Close()
	c.jeton(c.nodes[0], "auth", "enable", "-path=corp/ci", "jwt")
	write := func(p *process, path string, data map[string]any) (*api.Secret, error) {
		config := api.NewConfig()
		config.Address, config.MaxRetries = p.addr, 0
		client, err := api.NewClient(config)
		if err != nil {
			c.t.Fatal(err)
		}
		client.SetToken(c.token)
		return client.Logical().Write("auth/corp/ci/"+path, data)
	}
	must := func(_ *api.Secret, err error) {
		c.t.Helper()
		if err != nil {
			c.t.Fatal(err)
		}
	}
	must(write(c.nodes[1], "config", map[string]any{"jwks_url": issuer.URL}))
	for i, p := range c.nodes {
		audience := []string{"one", "two", "three"}[i]
		must(write(c.nodes[(i+1)%3], "role/build", map[string]any{"bound_audiences": audience, "user_claim": "sub"}))
		claims := map[string]any{"sub": "build", "aud": audience, "exp": time.Now().Add(time.Hour).Unix()}
		jwt := signer.Sign(claims)
		if _, err := write(p, "login", map[string]any{"role": "build", "jwt": jwt}); err == nil {
			c.t.Error("a JWT with neither iat nor nbf that ends in an hour was taken")
		}
		claims["iat"] = time.Now().Unix()
		jwt = signer.Sign(claims)
		token := c.jeton(p, "login", "-no-store", "-method=jwt", "-path=corp/ci", "-field=token", "role=build", "jwt="+jwt)
		secrets = append(secrets, token, jwt)
		claims["aud"] = "other"
		if _, err := write(p, "login", map[string]any{"role": "build", "jwt": signer.Sign(claims)}); err == nil {
			c.t.Errorf("%s took a JWT for another audience", p.id)
		}
	}
	if n := len(fetches); n != 1+len(c.nodes) {
		c.t.Errorf("%d fetches, want one to check the configuration and one a node", n)
	}
	return secrets
}
