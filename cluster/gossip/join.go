package gossip

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// A node that is alone looks for the others after firstJoin, then less
	// and less often up to lonelyJoin.
	firstJoin  = 250 * time.Millisecond
	lonelyJoin = 5 * time.Second
	// A node in company looks for those on its list that it does not see:
	// memberlist forgets the dead, so the halves of a partition that lasted
	// find each other again only this way.
	companyJoin = 30 * time.Second
	// lookupTimeout bounds one DNS query.
	lookupTimeout = 5 * time.Second
)

// join seeks the nodes of the list for as long as the node runs.
func (g *Gossip) join(ctx context.Context) {
	wait := firstJoin
	for tries := 0; ; tries++ {
		g.joinMissing(ctx)
		if len(g.table.addrs()) > 1 {
			wait, tries = companyJoin, 0
		} else {
			wait = min(firstJoin<<min(tries, 10), lonelyJoin)
			if len(g.cfg.Join) > 0 && tries == 3 {
				g.log.Warn("gossip: no other node found yet, trying on", "join", g.cfg.Join)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
}

// joinMissing exchanges states with every address of the list at which no
// living member is known, all at once: one that does not answer must not hold
// up the others.
func (g *Gossip) joinMissing(ctx context.Context) {
	known := g.table.addrs()
	var work sync.WaitGroup
	for _, addr := range g.missing(ctx, known) {
		work.Go(func() {
			if _, err := g.ml.Join([]string{addr}); err != nil && ctx.Err() == nil {
				g.log.Debug("gossip: join failed", "addr", addr, "error", err)
			}
		})
	}
	work.Wait()
}

// missing resolves the list and leaves out those that are known.
func (g *Gossip) missing(ctx context.Context, known map[string]bool) []string {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	var addrs []string
	for _, hostport := range g.cfg.Join {
		found, err := lookupAll(ctx, hostport)
		if err != nil {
			g.log.Debug("gossip: join address does not resolve", "addr", hostport, "error", err)
			continue
		}
		for _, a := range found {
			if addr := a.String(); !known[addr] {
				known[addr] = true // once, though two names lead there
				addrs = append(addrs, addr)
			}
		}
	}
	return addrs
}
