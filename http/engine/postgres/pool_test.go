package postgres

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A place is waited for as long as there is time left for what comes then.
func TestEnter(t *testing.T) {
	const never = time.Hour
	tests := []struct {
		name  string
		free  time.Duration // when a place becomes free
		time  time.Duration // that the order has; 0: without end
		want  error
		waits time.Duration
	}{
		{"free", 0, 15 * time.Second, nil, 0},
		{"free, little time left", 0, time.Second, nil, 0},
		{"free in time", 4 * time.Second, 15 * time.Second, nil, 4 * time.Second},
		{"free too late", 6 * time.Second, 15 * time.Second, errCrowded, 5 * time.Second},
		{"not free, little time left", time.Second, timeForTurn, errCrowded, 0},
		{"not free, no time left", never, time.Nanosecond, errCrowded, 0},
		{"time without end", never, 0, nil, never},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.time > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.time)
					defer cancel()
				}
				p := newPool(1, 1)
				defer p.close()
				if tt.free > 0 {
					p.places <- struct{}{}
					time.AfterFunc(tt.free, func() { <-p.places })
				}
				began := time.Now()
				if err := p.enter(ctx); err != tt.want {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if waited := time.Since(began); waited != tt.waits {
					t.Errorf("waited %s, want %s", waited, tt.waits)
				}
			})
		})
	}
}
