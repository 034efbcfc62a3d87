package cluster

import (
	"context"
	"fmt"

	"github.com/jeton-io/jeton/fsm"
)

// Await returns once this node's state is as f wants it, having asked f about each
// entry's. The error says that the time was up before.
func (n *Node) Await(ctx context.Context, f func(*fsm.State) bool) error {
	for {
		index := n.applied.get() // before the state is looked at, which may be later
		if f(n.machine.View()) {
			return nil
		}
		if err := n.applied.wait(ctx, index+1); err != nil {
			return fmt.Errorf("%w: %w", ErrTimeout, err)
		}
	}
}
