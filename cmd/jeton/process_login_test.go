package main

import (
	"github.com/openbao/openbao/api/v2"
)

// loginEverywhere makes a user and a role by one node and logs in by each. It
// returns what must not be found on a disk: the tokens, the password and the
// secret-ids.
func (c *processCluster) loginEverywhere() []string {
	c.t.Helper()
	const password = "Pässwort-for-tests-only"
	c.jeton(c.nodes[0], "auth", "enable", "-path=corp/people", "userpass")
	config := api.NewConfig()
	config.Address = c.nodes[1].addr
	client, err := api.NewClient(config)
	if err != nil {
		c.t.Fatal(err)
	}
	client.SetToken(c.token)
	if _, err := client.Logical().Write("auth/corp/people/users/alice", map[string]any{"password": password}); err != nil {
		c.t.Fatal(err)
	}
	c.jeton(c.nodes[0], "auth", "enable", "approle")
	write := func(path string, fields map[string]any) *api.Secret {
		c.t.Helper()
		secret, err := client.Logical().Write(path, fields)
		if err != nil {
			c.t.Fatal(err)
		}
		return secret
	}
	write("auth/approle/role/web", map[string]any{"role_id": "web-id", "secret_id_num_uses": 2})
	const own = "secret-id-of-our-own-for-tests-only"
	write("auth/approle/role/web/custom-secret-id", map[string]any{"secret_id": own, "num_uses": 2})
	secrets := []string{password, own}
	for _, p := range c.nodes {
		secrets = append(secrets, c.jeton(p, "login", "-no-store", "-method=userpass", "-path=corp/people", "-field=token",
			"username=alice", "password="+password))
		drawn := write("auth/approle/role/web/secret-id", nil).Data["secret_id"].(string)
		secrets = append(secrets, drawn, c.jeton(p, "login", "-no-store", "-method=approle", "-field=token",
			"role_id=web-id", "secret_id="+drawn))
	}
	return secrets
}
