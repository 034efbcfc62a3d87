package main

import (
	"context"
	"fmt"
	"math"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/hclpolicy"
)

// tokensResolve has every live token call, from an address that it is bound to.
func tokensResolve(s *fsm.State) (string, error) {
	n := 0
	var failed error
	eachLive(s, s.Clock, func(t *fsm.Token) {
		n++
		caller := fsm.Caller{Token: t.Digest}
		if len(t.CIDRs) > 0 {
			caller.Addr = t.CIDRs[0].Addr()
		}
		if _, refused := s.Resolve(caller, s.Clock); failed == nil && refused != nil {
			failed = fmt.Errorf("the token with accessor %q is alive and refused: %w", t.Accessor(), refused)
		}
		if found, ok := s.LiveByAccessor(t.Accessor(), s.Clock); failed == nil && (!ok || found.Digest != t.Digest) {
			failed = fmt.Errorf("the accessor %q finds another token, or none", t.Accessor())
		}
	})
	return fmt.Sprintf("all %d live tokens resolve as their records say", n), failed
}

// deadStayDead wants no token to be alive whose death is remembered. After a restore
// it may be: one that forgot revocations brings tokens back, and keeps the memory.
func deadStayDead(s *fsm.State) (string, error) {
	stones := s.TombstonesAfter(0, math.MaxInt)
	alive := 0
	for _, stone := range stones {
		if t, lives := s.Live(stone.Token, s.Clock); lives && t.Serial < stone.Serial {
			alive++
		}
	}
	if alive > 0 && s.Epoch == 0 {
		return "", fmt.Errorf("%d tokens are alive whose death is remembered", alive)
	}
	return fmt.Sprintf("of %d tokens whose death is remembered %d are alive", len(stones), alive), nil
}

// policiesParse has this version's parser read every policy as it was written.
func policiesParse(s *fsm.State) (string, error) {
	names := s.PolicyNames()
	for _, name := range names {
		p, _ := s.Policy(name)
		if _, err := hclpolicy.Parse(name, p.Raw); err != nil {
			return "", fmt.Errorf("policy %q: %w", name, err)
		}
	}
	return fmt.Sprintf("%d policies compile, and their texts parse", len(names)), nil
}

// countsAgree wants the ways to count tokens to come to the same.
func countsAgree(a *savedState) (string, error) {
	i := inspect(a, 0)
	records := 0
	for _, r := range i.Records {
		if r.Name == "token" {
			records = r.Records
		}
	}
	all, live := a.state.CountTokens(), len(a.state.LiveAccessors(a.state.Clock))
	if records != all || live != i.Tokens {
		return "", fmt.Errorf("%d token records are counted as %d, %d live tokens as %d", all, records, i.Tokens, live)
	}
	return fmt.Sprintf("%d token records, %d of them alive, by path, by accessor and in the stream", all, live), nil
}

func countLive(s *fsm.State, at fsm.Instant) (n int) {
	eachLive(s, at, func(*fsm.Token) { n++ })
	return n
}

// keysOpen wants the node to open each key of the keyring, and to have vouched for
// the archive.
func keysOpen(ctx context.Context, n *cluster.Node, a *savedState) (name, found string, err error) {
	opened := 0
	for _, p := range []fsm.KeyPurpose{fsm.KeyStorage, fsm.KeyBatch, fsm.KeyWaypoint} {
		for _, k := range a.state.DataKeys(p) {
			if _, err := n.Key(ctx, p, k.ID); err != nil {
				return "keys", "", err
			}
			opened++
		}
	}
	if err := cluster.VerifyArchive(a.Contents, n.Digest); err != nil {
		return "keys", "", err
	}
	return "keys", fmt.Sprintf("the digest salt and %d keys open, and SHA256SUMS.sealed is this cluster's", opened), nil
}
