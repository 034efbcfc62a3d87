package main

import (
	"encoding/hex"
	"path/filepath"
	"strings"
)

// waypointEverywhere has tokens of Waypoint's made by each node and taken by the next:
// logins, invites, which are good for one exchange wherever it is made, and runners'.
// What one node ends is over at the others. It returns what must not be found on a disk:
// the tokens, a signing key that was brought along, and a deployment's configuration.
func (c *processCluster) waypointEverywhere() []string {
	c.t.Helper()
	const password, key = "configuration-for-tests-only", "signing-key-for-tests-only-32by."
	first := c.jeton(c.nodes[0], "write", "-f", "-field=token", "token/bootstrap")
	c.jetonAs("", exitFailed, c.nodes[1], "write", "-f", "token/bootstrap")
	file := filepath.Join(c.dir, "signing.key")
	if err := createSecretFile(file, hex.EncodeToString([]byte(key))); err != nil {
		c.t.Fatal(err)
	}
	c.jeton(c.nodes[1], "keyring", "import", "-file="+file, "K-old")
	c.jeton(c.nodes[1], "user", "create", "-policy=default", "carol")
	c.jeton(c.nodes[2], "runner", "import", "-label", "env=prod", "R-1")
	c.jetonAs(first, exitFailed, c.nodes[2], "deployment", "set", "web-1", "PASSWORD="+password)
	c.jeton(c.nodes[2], "deployment", "set", "web-1", "PASSWORD="+password)
	if got := c.jeton(c.nodes[0], "deployment", "read", "-field=PASSWORD", "web-1"); got != password {
		c.t.Errorf("read %q", got)
	}
	secrets := []string{first, password, key, hex.EncodeToString([]byte(key))}
	for i, p := range c.nodes {
		next, last := c.nodes[(i+1)%3], c.nodes[(i+2)%3]
		login := c.jetonAs(first, exitDone, p, "user", "token", "carol")
		invite := c.jetonAs(login, exitDone, next, "user", "invite")
		exchanged := c.jetonAs("", exitDone, last, "user", "exchange", invite)
		c.jetonAs("", exitFailed, p, "user", "exchange", invite)
		runner := c.jetonAs(exchanged, exitDone, p, "runner", "token", "-id=R-1", "-label=env=prod")
		if out := c.jetonAs(runner, exitDone, next, "runner", "list"); !strings.Contains(out, "R-1") {
			c.t.Errorf("%s lists the runners\n%s", next.id, out)
		}
		c.jeton(last, "runner", "reject", "R-1")
		c.jetonAs(runner, exitFailed, p, "runner", "list")
		c.jeton(next, "runner", "adopt", "R-1")
		c.jeton(last, "signed", "revoke", login)
		c.jetonAs(login, exitFailed, p, "user", "invite")
		c.jeton(p, "signed", "revoke", "-user=carol")
		c.jetonAs(exchanged, exitFailed, next, "runner", "list")
		secrets = append(secrets, login, invite, exchanged, runner)
	}
	return secrets
}
