package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/fsmtest"
	"github.com/jeton-io/jeton/http/engine"
)

// fake is an engine whose revocations end as a test says.
type fake struct {
	engine.Engine
	revoke func(ctx context.Context, o *engine.Order) error
}

func (f *fake) ConfigPath(*engine.Item, []byte) (string, error) { return "config/main", nil }

func (f *fake) Revoke(ctx context.Context, o *engine.Order) error { return f.revoke(ctx, o) }

type opener struct{}

func (opener) Open(context.Context, string, fsm.Sealed) ([]byte, error) { return []byte("opened"), nil }

// What only waited for others was not tried; every other error is handed on as it is.
func TestRevoker(t *testing.T) {
	l := fsmtest.New(t)
	l.AddRole("ro", time.Hour, time.Hour)
	lease := l.Lease("root", "ro", "a")
	var (
		busy        = engine.Crowded("the database: all connections to the database are in use")
		refused     = engine.Refuse("there is no configuration any more")
		unreachable = engine.Unreachable("the database: no answer in time")
	)
	tests := []struct {
		name      string
		err, want error
	}{
		{"gone", nil, nil},
		{"its turn did not come", busy, cluster.ErrNotTried},
		{"likewise, wrapped", fmt.Errorf("revoke: %w", busy), cluster.ErrNotTried},
		{"refused", refused, refused},
		{"unreachable", unreachable, unreachable},
		{"a fault", context.Canceled, context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := engine.NewRevoker(engine.Engines{fsm.MountDatabase: &fake{revoke: func(ctx context.Context, o *engine.Order) error {
				if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > engine.RevokeTime {
					t.Errorf("it may take until %s", deadline)
				}
				if o.Lease.ID != lease.ID || o.Config == nil || string(o.Config.Secret) != "opened" {
					t.Errorf("ordered %+v", o)
				}
				return tt.err
			}}})
			r.Use(opener{})
			if err := r.Revoke(t.Context(), l.State(), lease); err != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	err := engine.NewRevoker(nil).Revoke(stopped, l.State(), lease)
	if err == nil || errors.Is(err, cluster.ErrNotTried) {
		t.Errorf("without an opener: %v", err)
	}
}
