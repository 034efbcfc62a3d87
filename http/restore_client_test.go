package http_test

import (
	"bytes"
	"io"
	"net/http/httptest"
	"testing"

	vault "github.com/hashicorp/vault/api"
	bao "github.com/openbao/openbao/api/v2"

	"github.com/jeton-io/jeton/http/httptestcluster"
)

// The clients of Vault and OpenBao save a snapshot, and restore it with force and
// without, also into a cluster that nobody has initialized.
func TestClientsRestore(t *testing.T) {
	type sys interface {
		RaftSnapshot(io.Writer) error
		RaftSnapshotRestore(io.Reader, bool) error
	}
	clients := map[string]func(url, token string) (sys, error){
		"vault": func(url, token string) (sys, error) {
			config := vault.DefaultConfig()
			config.Address, config.MaxRetries = url, 0
			c, err := vault.NewClient(config)
			if err != nil {
				return nil, err
			}
			c.SetToken(token)
			return c.Sys(), nil
		},
		"openbao": func(url, token string) (sys, error) {
			config := bao.DefaultConfig()
			config.Address, config.MaxRetries = url, 0
			c, err := bao.NewClient(config)
			if err != nil {
				return nil, err
			}
			c.SetToken(token)
			return c.Sys(), nil
		},
	}
	for name, client := range clients { // order: each stands alone
		t.Run(name, func(t *testing.T) {
			s, blank := newStand(t), newStandOn(t, httptestcluster.Uninitialized())
			token, _ := s.token(object{"policies": []string{"default"}})
			connect := func(s *stand, token string) sys {
				t.Helper()
				server := httptest.NewServer(s.handler)
				t.Cleanup(server.Close)
				c, err := client(server.URL, token)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			c := connect(s, root)
			var archive bytes.Buffer
			if err := c.RaftSnapshot(&archive); err != nil {
				t.Fatal(err)
			}
			for _, force := range []bool{false, true} {
				if err := c.RaftSnapshotRestore(bytes.NewReader(archive.Bytes()), force); err != nil {
					t.Errorf("force %v: %v", force, err)
				}
			}
			if epoch := s.cluster.Local().Epoch; epoch != 2 {
				t.Errorf("%d restores have come", epoch)
			}
			if err := connect(blank, "").RaftSnapshotRestore(bytes.NewReader(archive.Bytes()), false); err != nil {
				t.Fatal(err)
			}
			blank.must(200, "GET", "auth/token/lookup-self", token, nil)
			if err := c.RaftSnapshotRestore(bytes.NewReader(archive.Bytes()[:100]), false); err == nil {
				t.Error("a piece of an archive is restored")
			}
		})
	}
}
