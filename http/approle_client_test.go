package http_test

import (
	"context"
	"testing"

	vault "github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/api/auth/approle"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// Vault's own approle package logs in as others have it, with a secret-id in the
// clear and with one that it unwraps.
func TestVaultApprole(t *testing.T) {
	c := newVault(t, newServer(t, httpd.Config{Cluster: httptestcluster.New()}).Handler())
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(c.Sys().EnableAuthWithOptions("corp/apps", &vault.EnableAuthOptions{Type: "approle"}))
	_, err := c.Logical().Write("auth/corp/apps/role/web", object{
		"token_policies": "dev,ops", "token_ttl": "10m", "secret_id_num_uses": 1, "secret_id_ttl": "1h",
	})
	ok(err)
	read, err := c.Logical().Read("auth/corp/apps/role/web/role-id")
	ok(err)
	roleID := read.Data["role_id"].(string)

	logIn := func(secret *approle.SecretID, options ...approle.LoginOption) (*vault.Secret, error) {
		method, err := approle.NewAppRoleAuth(roleID, secret, append(options, approle.WithMountPath("corp/apps"))...)
		ok(err)
		return c.Auth().Login(context.Background(), method)
	}
	made, err := c.Logical().Write("auth/corp/apps/role/web/secret-id", object{"metadata": `{"host":"web-7"}`})
	ok(err)
	secretID := made.Data["secret_id"].(string)
	c.ClearToken()
	secret, err := logIn(&approle.SecretID{FromString: secretID})
	ok(err)
	if a := secret.Auth; a.LeaseDuration != 600 || a.Metadata["role_name"] != "web" || a.Metadata["host"] != "web-7" || c.Token() != a.ClientToken {
		t.Fatalf("login %+v", a)
	}
	if _, err := c.Auth().Token().RenewSelf(60); err != nil {
		t.Fatal(err)
	}
	if _, err := logIn(&approle.SecretID{FromString: secretID}); err == nil {
		t.Fatal("a spent secret-id was accepted")
	}

	c.SetToken(root)
	c.SetWrappingLookupFunc(func(_, path string) string {
		if path == "auth/corp/apps/role/web/secret-id" {
			return "5m"
		}
		return ""
	})
	wrapped, err := c.Logical().Write("auth/corp/apps/role/web/secret-id", nil)
	ok(err)
	token := wrapped.WrapInfo.Token
	c.ClearToken()
	if _, err := logIn(&approle.SecretID{FromString: token}, approle.WithWrappingToken()); err != nil {
		t.Fatal(err)
	}
	c.ClearToken()
	if _, err := logIn(&approle.SecretID{FromString: token}, approle.WithWrappingToken()); err == nil {
		t.Fatal("a wrapping token was opened twice")
	}
}
