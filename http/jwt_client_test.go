package http_test

import (
	"testing"

	vault "github.com/hashicorp/vault/api"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
	"github.com/jeton-io/jeton/http/jwt/jwttest"
)

// Vault's own client, which has no package for the method, writes to its paths as
// its users do.
func TestVaultJWT(t *testing.T) {
	issuer := jwttest.NewIssuer(signer)
	defer issuer.Close()
	c := newVault(t, newServer(t, httpd.Config{Cluster: httptestcluster.New()}).Handler())
	if err := c.Sys().EnableAuthWithOptions("kubernetes/jwt", &vault.EnableAuthOptions{Type: "jwt"}); err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string]object{ // order: each stands alone
		"config":    {"oidc_discovery_url": issuer.URL, "oidc_discovery_ca_pem": issuer.CA()},
		"role/web1": {"role_type": "jwt", "bound_audiences": []string{"jeton"}, "user_claim": "sub", "token_policies": "web", "token_ttl": "10m", "token_max_ttl": "1h"},
	} {
		if _, err := c.Logical().Write("auth/kubernetes/jwt/"+path, data); err != nil {
			t.Fatal(err)
		}
	}
	c.ClearToken()
	secret, err := c.Logical().Write("auth/kubernetes/jwt/login", object{
		"role": "web1", "jwt": signer.Sign(soon(object{"iss": issuer.URL, "sub": "system:serviceaccount:web:shop"})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := secret.Auth; a.LeaseDuration != 600 || a.Metadata["role"] != "web1" || !a.Orphan || !a.Renewable {
		t.Fatalf("login %+v", a)
	}
	c.SetToken(secret.Auth.ClientToken)
	self, err := c.Auth().Token().LookupSelf()
	if err != nil || self.Data["display_name"] != "kubernetes-jwt-system:serviceaccount:web:shop" {
		t.Fatalf("%v, %v", self, err)
	}
	watcher, err := c.NewLifetimeWatcher(&vault.LifetimeWatcherInput{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	go watcher.Start()
	defer watcher.Stop()
	select {
	case renewed := <-watcher.RenewCh():
		if renewed.Secret.Auth.LeaseDuration != 600 {
			t.Errorf("renewed for %d", renewed.Secret.Auth.LeaseDuration)
		}
	case err := <-watcher.DoneCh():
		t.Fatalf("the watcher gave up: %v", err)
	}
}
