package main

import (
	"github.com/openbao/openbao/api/v2"
)

// loginEverywhere makes a user by one node and logs it in by each. It returns
// what must not be found on a disk: the tokens and the password.
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
	secrets := []string{password}
	for _, p := range c.nodes {
		secrets = append(secrets, c.jeton(p, "login", "-no-store", "-method=userpass", "-path=corp/people", "-field=token",
			"username=alice", "password="+password))
	}
	return secrets
}
