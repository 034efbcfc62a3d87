package http

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jeton-io/jeton/cluster"
)

// pins keeps the states that listings stand in, so that all pages of one show the
// same index. A kept state costs what has changed since, and so there are few of
// them and none for long: a listing whose state is gone goes on in the present one.
type pins struct {
	mu   sync.Mutex
	held []*pin // the youngest at the end
}

type pin struct {
	id    uint64
	view  cluster.View
	timer *time.Timer
}

const (
	maxPins = 16
	pinLife = 2 * time.Minute
)

// keep holds a view for a while and returns its number. Listings that begin in the
// same state share one.
func (p *pins) keep(v cluster.View) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, held := range p.held {
		if held.view.State == v.State {
			held.timer.Reset(pinLife) // what a state of now costs begins now
			return held.id
		}
	}
	if len(p.held) == maxPins {
		p.held[0].timer.Stop()
		p.held = slices.Delete(p.held, 0, 1)
	}
	held := &pin{id: rand.Uint64(), view: v}
	held.timer = time.AfterFunc(pinLife, func() { p.drop(held) })
	p.held = append(p.held, held)
	return held.id
}

// find is the view of that number, if it is still held.
func (p *pins) find(id uint64) (cluster.View, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, held := range p.held {
		if held.id == id {
			return held.view, true
		}
	}
	return cluster.View{}, false
}

func (p *pins) drop(old *pin) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.held, old); i >= 0 {
		p.held = slices.Delete(p.held, i, i+1)
	}
}

// release drops everything.
func (p *pins) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, held := range p.held {
		held.timer.Stop()
	}
	p.held = nil
}
