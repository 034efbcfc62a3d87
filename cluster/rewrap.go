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
	for sleep(ctx, rewrapEvery) {
		st := n.machine.View()
		cmd, err := n.rewrapping(st)
		if err != nil {
			n.log.Warn("a part of the keyring can not be put under the seal key in use", "error", err)
		}
		if cmd == nil {
			continue
		}
		if missing := l.care.without(n.servers(), n.sealer.ID()); missing != "" {
			n.log.Info("the seal key is not replaced yet, since not all servers hold the new one", "new", n.sealer.ID(), "missing", missing)
			continue
		}
		if _, err := l.internal(ctx, cmd); err != nil {
			n.log.Debug("the keyring was not put under another seal key", "error", err)
			continue
		}
		n.log.Info("the keyring is under the seal key in use: others can be removed from the files", "seal_key", n.sealer.ID(), "sealed", n.machine.View().SealedBy())
	}
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
