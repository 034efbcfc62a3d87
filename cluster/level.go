package cluster

import (
	"context"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// levelEvery is how often a leader looks whether the level can rise.
const levelEvery = time.Second

// raiseLevel logs the highest feature level that every server of the
// configuration knows, until that is the highest this one knows. A server that
// does not answer keeps the level where it is: a level, once logged, stops every
// node that does not know it.
func (n *Node) raiseLevel(ctx context.Context, l *leading) {
	for n.machine.View().Level < fsm.KnownLevel {
		if err := n.raiseOnce(ctx, l); err != nil && ctx.Err() == nil {
			n.log.Info("feature level stays for now", "level", n.machine.View().Level, "reason", err)
		}
		if !sleep(ctx, levelEvery) {
			return
		}
	}
}

func (n *Node) raiseOnce(ctx context.Context, l *leading) error {
	n.membership.Lock() // no server may join between the question and the entry
	defer n.membership.Unlock()
	level := uint64(fsm.KnownLevel)
	for _, s := range n.servers() {
		if string(s.ID) == n.serverID {
			continue
		}
		p, err := n.progress(ctx, string(s.ID))
		if err != nil {
			return err
		}
		level = min(level, p.level)
	}
	if level <= n.machine.View().Level {
		return nil
	}
	_, err := l.internal(ctx, &fsm.LevelRaise{Level: level})
	return err
}
