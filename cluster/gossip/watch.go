package gossip

import (
	"context"
	"sync"
)

// watchers are the channels that Subscribe handed out.
type watchers struct {
	mu     sync.Mutex
	set    map[chan []Member]struct{}
	closed bool
}

// Subscribe returns a channel that holds the latest members: the present ones
// at once, and then after each change the new ones, in place of those that
// were not taken. It is closed by cancel, and when gossip ends.
func (g *Gossip) Subscribe() (members <-chan []Member, cancel func()) {
	ch := make(chan []Member, 1)
	g.watchers.mu.Lock()
	defer g.watchers.mu.Unlock()
	if g.watchers.closed {
		close(ch)
		return ch, func() {}
	}
	if g.watchers.set == nil {
		g.watchers.set = make(map[chan []Member]struct{})
	}
	g.watchers.set[ch] = struct{}{}
	ch <- g.table.members()
	return ch, func() { g.watchers.remove(ch) }
}

// publish hands the members to the watchers after each change. It is the only
// sender, so a channel that it has emptied has room.
func (g *Gossip) publish(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.changed:
		}
		g.watchers.send(g.table.members())
	}
}

func (w *watchers) send(members []Member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.set {
		select {
		case <-ch:
		default:
		}
		ch <- members
	}
}

func (w *watchers) remove(ch chan []Member) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.set[ch]; ok {
		delete(w.set, ch)
		close(ch)
	}
}

func (w *watchers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for ch := range w.set {
		delete(w.set, ch)
		close(ch)
	}
}
