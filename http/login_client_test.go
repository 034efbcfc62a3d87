package http_test

import (
	"context"
	"testing"

	vault "github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/api/auth/userpass"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// Vault's own client mounts, tunes and lists, and its userpass package logs in,
// as others have them.
func TestVaultUserpass(t *testing.T) {
	c := newVault(t, newServer(t, httpd.Config{Cluster: httptestcluster.New()}).Handler())
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(c.Sys().EnableAuthWithOptions("corp/people", &vault.EnableAuthOptions{
		Type: "userpass", Description: "people", Config: vault.AuthConfigInput{DefaultLeaseTTL: "10m", ListingVisibility: "unauth"},
	}))
	longest, threshold := "30m", "7"
	ok(c.Sys().TuneMountAllowNil("auth/corp/people", vault.TuneMountConfigInput{
		MaxLeaseTTL: &longest, UserLockoutConfig: &vault.TuneUserLockoutConfigInput{LockoutThreshold: &threshold},
	}))
	tuned, err := c.Sys().MountConfig("auth/corp/people")
	ok(err)
	if tuned.DefaultLeaseTTL != 600 || tuned.MaxLeaseTTL != 1800 || tuned.ListingVisibility != "unauth" {
		t.Fatalf("tuned %+v", tuned)
	}
	mounts, err := c.Sys().ListAuth()
	ok(err)
	if m := mounts["corp/people/"]; len(mounts) != 2 || m.Type != "userpass" || m.Config.ListingVisibility != "unauth" || m.Accessor == "" {
		t.Fatalf("mounts %+v", mounts)
	}
	_, err = c.Logical().Write("auth/corp/people/users/Alice", object{"password": "Pässwort 🔑", "token_policies": "dev,ops"})
	ok(err)
	users, err := c.Logical().List("auth/corp/people/users")
	ok(err)
	if keys := users.Data["keys"].([]any); len(keys) != 1 || keys[0] != "alice" {
		t.Fatalf("users %v", keys)
	}

	method, err := userpass.NewUserpassAuth("alice", &userpass.Password{FromString: "Pässwort 🔑"}, userpass.WithMountPath("corp/people"))
	ok(err)
	c.ClearToken()
	secret, err := c.Auth().Login(context.Background(), method)
	ok(err)
	if secret.Auth.LeaseDuration != 600 || secret.Auth.Metadata["username"] != "alice" || c.Token() != secret.Auth.ClientToken {
		t.Fatalf("login %+v", secret.Auth)
	}
	self, err := c.Auth().Token().LookupSelf()
	ok(err)
	if self.Data["path"] != "auth/corp/people/login/alice" {
		t.Fatalf("token %v", self.Data)
	}
	if _, err := c.Auth().Token().RenewSelf(3600); err != nil {
		t.Fatal(err)
	}
	c.SetToken(root)
	ok(c.Sys().DisableAuth("corp/people"))
	c.SetToken(secret.Auth.ClientToken)
	if _, err := c.Auth().Token().LookupSelf(); err == nil {
		t.Fatal("the token outlived its mount")
	}
}
