package http_test

import (
	"context"
	"testing"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/engine"
)

// keyless cannot have the keys of the cluster.
type keyless struct{ *faulty }

func (keyless) Open(context.Context, string, fsm.Sealed) ([]byte, error) {
	return nil, cluster.ErrNoLeader
}

// A secret that cannot be opened just now is no fault.
func TestResetWithoutKeys(t *testing.T) {
	s, f := newFaulty(t)
	s.handler = newServer(t, httpd.Config{Cluster: keyless{f}, Engines: engine.Engines{fsm.MountDatabase: &fakeDatabase{}}}).Handler()
	if r := s.send("POST", "db/reset/shop", root, nil); r.status != 503 {
		t.Errorf("answered %d %s, want 503", r.status, r.text)
	}
}
