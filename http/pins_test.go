package http_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	httpd "github.com/jeton-io/jeton/http"
)

func newView() cluster.View { return cluster.View{State: fsm.NewMachine().View()} }

func TestPins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p httpd.Pins
		v := newView()
		id := p.Keep(v)
		if again := p.Keep(v); again != id {
			t.Error("one state is kept twice")
		}
		if got, ok := p.Find(id); !ok || got.State != v.State {
			t.Error("a state that is kept is not found")
		}
		if _, ok := p.Find(id + 1); ok {
			t.Error("a number that was not given out finds a state")
		}
		time.Sleep(httpd.PinLife - time.Second)
		p.Keep(v) // another listing begins in it
		time.Sleep(2 * time.Second)
		if _, ok := p.Find(id); !ok {
			t.Error("a state went while a listing in it was young")
		}
		time.Sleep(httpd.PinLife)
		if _, ok := p.Find(id); ok {
			t.Error("a state is kept for longer than it may be")
		}
	})
}

func TestPinsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p httpd.Pins
		defer p.Release()
		var ids []uint64
		for range httpd.MaxPins + 3 {
			ids = append(ids, p.Keep(newView()))
		}
		for i, id := range ids {
			if _, ok := p.Find(id); ok != (i >= 3) {
				t.Errorf("state %d of %d is kept: %v", i, len(ids), ok)
			}
		}
	})
}
