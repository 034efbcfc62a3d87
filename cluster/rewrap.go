package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jeton-io/jeton/fsm"
)

// rewrapEvery is how often a leader looks whether its seal key is the one in use.
const rewrapEvery = 5 * time.Second

// rewrap puts the keyring under this leader's seal key, the first line of its file, as
// soon as every server holds that. So a seal key is replaced by bringing the new one to
// all nodes, then making it the first, and then taking the old one away.
func (n *Node) rewrap(ctx context.Context, l *leading) {
	said := "" // so that what stays as it is is said once
	for sleep(ctx, rewrapEvery) {
		err := n.rewrapOnce(ctx, l)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			said = ""
		case err.Error() != said:
			said = err.Error()
			n.log.Warn("the keyring, or a part of it, is not under the seal key in use", "seal_key", n.sealer.ID(), "reason", err)
		}
	}
}

func (n *Node) rewrapOnce(ctx context.Context, l *leading) error {
	cmd, err := n.rewrapping(n.machine.View())
	if cmd == nil {
		return err
	}
	if missing := l.care.without(n.servers(), n.sealer.ID()); missing != "" {
		return fmt.Errorf("server %s has not said that it holds it", missing)
	}
	if _, failed := l.internal(ctx, cmd); failed != nil {
		return failed
	}
	n.log.Info("wrapped with the seal key in use: others can be removed from the files when they wrap nothing", "seal_key", n.sealer.ID(), "sealed_by", n.machine.View().SealedBy())
	return err
}

// rewrapping is the command that puts everything under the seal key in use; nil when it
// is. What does not open stays as it is: there may be keys of which nobody has the seal
// key any more, long retired.
func (n *Node) rewrapping(st *fsm.State) (*fsm.SealRewrap, error) {
	id := n.sealer.ID()
	var cmd fsm.SealRewrap
	var failed error
	if len(st.Salt.Box) > 0 && st.Salt.KeyID != id {
		salt, err := n.sealer.Open(st.Salt.Box, saltInfo)
		if err != nil {
			return nil, fmt.Errorf("digest salt: %w", err)
		}
		cmd.Salt = fsm.Rewrapped{Old: st.Salt.Box, New: fsm.Sealed{KeyID: id, Box: n.sealer.Seal(salt, saltInfo)}}
	}
	st.EachDataKey(func(k *fsm.DataKey) bool {
		if k.Box.KeyID == id {
			return true
		}
		box, err := n.keyring.Rewrap(k)
		if err != nil {
			failed = err
			return true
		}
		cmd.Keys = append(cmd.Keys, fsm.RewrappedKey{Purpose: k.Purpose, Term: k.Term, Box: fsm.Rewrapped{Old: k.Box.Box, New: box}})
		return len(cmd.Keys) < fsm.MaxRewrappedKeys
	})
	if len(cmd.Salt.New.Box) == 0 && len(cmd.Keys) == 0 {
		return nil, failed
	}
	return &cmd, failed
}

// holds says whether a server has told that it holds a seal key.
func (p *progress) holds(sealKey string) bool { return slices.Contains(p.sealKeys, sealKey) }
