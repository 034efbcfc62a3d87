package main

import (
	"context"
	"testing"
	"time"

	vault "github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/api/auth/userpass"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// news is what an agent tells of its token.
type news struct {
	login   *vault.Secret // a new token
	renewed *vault.Secret
	asked   time.Time // before the request that brought it
}

// agent keeps a token at hand as the agents of Vault and OpenBao do: it logs in,
// renews as long as that gives more time, and then logs in again. It ends with
// ctx. What fails is tried again: the client says when, as long as nobody is
// there to ask.
func agent(ctx context.Context, c *vault.Client, method vault.AuthMethod, tell chan<- news) {
	report := func(n news) {
		select {
		case tell <- n:
		case <-ctx.Done():
		}
	}
	for ctx.Err() == nil {
		asked := time.Now()
		secret, err := c.Auth().Login(ctx, method)
		if err != nil {
			continue
		}
		report(news{login: secret, asked: asked})
		w, err := c.NewLifetimeWatcher(&vault.LifetimeWatcherInput{Secret: secret})
		if err != nil {
			panic(err) // the input is wrong
		}
		go w.Start()
		for ended := false; !ended; {
			select {
			case r := <-w.RenewCh():
				report(news{renewed: r.Secret})
			case <-w.DoneCh():
				ended = true
			case <-ctx.Done():
				ended = true
			}
		}
		w.Stop()
	}
}

// clientOf is Vault's client for one node, with the retries it has by default.
func clientOf(t *testing.T, n *procs.Node, token string) *vault.Client {
	t.Helper()
	config := vault.DefaultConfig()
	config.Address = n.URL
	c, err := vault.NewClient(config)
	must(t, err)
	c.SetToken(token)
	return c
}

// ttl is long enough to ask three nodes in, and short enough to wait for its end.
const ttl = 3 * time.Second

// TestAnAgentKeepsItsToken: an agent at one node has a token that every node
// takes, through renewals, new logins and the death of the leader.
func TestAnAgentKeepsItsToken(t *testing.T) {
	t.Parallel()
	ctx, c := start(t, procs.Config{})
	lead := leader(t, ctx, c)
	at := c.Others(lead)[0]
	operator := clientOf(t, at, c.Root)
	must(t, operator.Sys().EnableAuthWithOptions("people", &vault.EnableAuthOptions{Type: "userpass"}))
	_, err := operator.Logical().Write("auth/people/users/alice", map[string]any{
		"password": "correct horse", "token_ttl": ttl.String(), "token_max_ttl": (2 * ttl).String(),
	})
	must(t, err)
	method, err := userpass.NewUserpassAuth("alice", &userpass.Password{FromString: "correct horse"}, userpass.WithMountPath("people"))
	must(t, err)

	ctx, stop := context.WithCancel(wait(t, ctx))
	defer stop()
	tell := make(chan news)
	go agent(ctx, clientOf(t, at, ""), method, tell)
	logins, renewals, killed := 0, 0, false
	var last string
	for logins < 3 || renewals < 2 {
		select {
		case n := <-tell:
			if n.login != nil {
				logins++
				if n.login.Auth.ClientToken == last {
					t.Fatal("logged in again, to the same token")
				}
				last = n.login.Auth.ClientToken
			} else {
				renewals++
			}
			if n.login != nil {
				takenBy(t, c, last, n.asked.Add(ttl))
			}
			if renewals == 1 && !killed {
				killed = true
				must(t, lead.Kill())
				must(t, lead.Start())
				serving(t, ctx, c, c.Nodes...)
			}
		case <-ctx.Done():
			t.Fatalf("after %d logins and %d renewals nothing more came", logins, renewals)
		}
	}
}

// takenBy wants every node to take the token, at least until it may have expired.
func takenBy(t *testing.T, c *procs.Cluster, token string, expires time.Time) {
	t.Helper()
	for _, n := range c.Nodes {
		self, err := clientOf(t, n, token).Auth().Token().LookupSelf()
		if err != nil {
			if time.Now().After(expires) {
				t.Logf("%s was not asked in time", n.URL)
				continue
			}
			t.Fatalf("%s: %v", n.URL, err)
		}
		if self.Data["display_name"] != "people-alice" {
			t.Fatalf("the token is %v", self.Data)
		}
	}
}
