package http_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hashicorp/vault/api"
)

// vaultClient is the client of Vault as others have it.
func vaultClient(t *testing.T, addr string) official {
	config := api.DefaultConfig()
	if config.Error != nil {
		t.Fatal(config.Error)
	}
	config.Address, config.MaxRetries = addr, 0
	c, err := api.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	tokens, sys := c.Auth().Token(), c.Sys()
	request := func(o tokenRequest) *api.TokenCreateRequest {
		return &api.TokenCreateRequest{
			ID: o.id, Policies: o.policies, TTL: o.ttl, ExplicitMaxTTL: o.explicitMaxTTL, Period: o.period,
			NumUses: o.numUses, Metadata: o.meta, DisplayName: o.displayName, Renewable: o.renewable,
		}
	}
	return official{
		setToken:         c.SetToken,
		create:           func(o tokenRequest) (any, error) { return tokens.Create(request(o)) },
		createOrphan:     func(o tokenRequest) (any, error) { return tokens.CreateOrphan(request(o)) },
		createWithRole:   func(o tokenRequest, role string) (any, error) { return tokens.CreateWithRole(request(o), role) },
		lookup:           func(token string) (any, error) { return tokens.Lookup(token) },
		lookupSelf:       func() (any, error) { return tokens.LookupSelf() },
		lookupAccessor:   func(accessor string) (any, error) { return tokens.LookupAccessor(accessor) },
		renew:            func(token string, increment int) (any, error) { return tokens.Renew(token, increment) },
		renewSelf:        func(increment int) (any, error) { return tokens.RenewSelf(increment) },
		renewAccessor:    func(accessor string, increment int) (any, error) { return tokens.RenewAccessor(accessor, increment) },
		renewTokenAsSelf: func(token string, increment int) (any, error) { return tokens.RenewTokenAsSelf(token, increment) },
		revokeSelf:       func() error { return tokens.RevokeSelf("") },
		revokeTree:       tokens.RevokeTree,
		revokeOrphan:     tokens.RevokeOrphan,
		revokeAccessor:   tokens.RevokeAccessor,

		putPolicy:        sys.PutPolicy,
		getPolicy:        sys.GetPolicy,
		listPolicies:     sys.ListPolicies,
		deletePolicy:     sys.DeletePolicy,
		capabilities:     sys.Capabilities,
		capabilitiesSelf: sys.CapabilitiesSelf,
		leaseLookup:      func(id string) (any, error) { return sys.Lookup(id) },
		leaseRenew:       func(id string) (any, error) { return sys.Renew(id, 60) },
		leaseRevoke:      sys.Revoke,
		revokePrefix:     sys.RevokePrefix,
		revokeForce:      sys.RevokeForce,

		mount: func(path, kind, ttl string) error {
			return sys.Mount(path, &api.MountInput{Type: kind, Config: api.MountConfigInput{DefaultLeaseTTL: ttl}})
		},
		tuneMount: func(path, ttl string) error {
			return sys.TuneMountAllowNil(path, api.TuneMountConfigInput{MaxLeaseTTL: &ttl})
		},
		mounts:      func() (any, error) { return sys.ListMounts() },
		mountConfig: func(path string) (any, error) { return sys.MountConfig(path) },
		unmount:     sys.Unmount,
		remount:     sys.Remount,
		snapshot:    sys.RaftSnapshot,

		initStatus: sys.InitStatus,
		initialize: func() (any, error) { return sys.Init(&api.InitRequest{SecretShares: 1, SecretThreshold: 1}) },
		health:     func() (any, error) { return sys.Health() },
		leader:     func() (any, error) { return sys.Leader() },
		sealStatus: func() (any, error) { return sys.SealStatus() },
		haStatus:   func() (any, error) { return sys.HAStatus() },
		stepDown:   sys.StepDown,

		read:   func(path string) (any, error) { return c.Logical().Read(path) },
		write:  func(path string, data object) (any, error) { return c.Logical().Write(path, data) },
		list:   func(path string) (any, error) { return c.Logical().List(path) },
		delete: func(path string) (any, error) { return c.Logical().Delete(path) },
		unwrap: func(token string) (any, error) { return c.Logical().Unwrap(token) },
		setWrapTTL: func(ttl string) {
			c.SetWrappingLookupFunc(func(_, _ string) string { return ttl })
		},

		watch: func(secret any, renewed func()) error {
			w, err := c.NewLifetimeWatcher(&api.LifetimeWatcherInput{Secret: secret.(*api.Secret)})
			if err != nil {
				return err
			}
			go w.Start()
			defer w.Stop()
			for {
				select {
				case <-w.RenewCh():
					renewed()
				case err := <-w.DoneCh():
					return err
				}
			}
		},
	}
}

// newVault is Vault's own client of a server of its own, with the root token.
func newVault(t *testing.T, h http.Handler) *api.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	config := api.DefaultConfig()
	config.Address, config.MaxRetries = server.URL, 0
	c, err := api.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	c.SetToken(root)
	return c
}
