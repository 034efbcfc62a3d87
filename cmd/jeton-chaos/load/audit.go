package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// Audit asks every node once more about every token that clients know of, now that
// the cluster is whole and nobody else is at work, and counts the tokens there are.
// Its answers go into the history too. Every node must answer.
func (l *Load) Audit(ctx context.Context) error {
	known := l.pool.tokens()
	for node := range l.cfg.Nodes {
		if _, err := l.survivors(ctx, node, known); err != nil {
			return err
		}
	}
	before, err := l.survivors(ctx, 0, known)
	if err != nil {
		return err
	}
	counted, err := l.countTokens(ctx)
	if err != nil {
		return err
	}
	after, err := l.survivors(ctx, 0, before) // some may have reached their end meanwhile
	if err != nil {
		return err
	}
	// Beside those, there are the root token and those that creations of open
	// outcome may have made.
	least, most := len(after)+1, len(before)+1+int(l.unseen.Load())
	if counted < least || counted > most {
		l.History.Contradict(check.Miscounted, 0, "there are %d tokens; %d to %d were made and live", counted, least, most)
	}
	return nil
}

// auditors ask at once.
const auditors = 16

// survivors asks a node about every token, and returns those that live.
func (l *Load) survivors(ctx context.Context, node int, tokens []*token) ([]*token, error) {
	alive := make([]bool, len(tokens))
	failed := make([]error, auditors)
	var next atomic.Int64
	var working sync.WaitGroup
	for i := range auditors {
		working.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(tokens)) && failed[i] == nil; n = next.Add(1) - 1 {
				alive[n], failed[i] = l.live(ctx, node, tokens[n])
			}
		})
	}
	working.Wait()
	var survivors []*token
	for i, t := range tokens {
		if alive[i] {
			survivors = append(survivors, t)
		}
	}
	return survivors, errors.Join(failed...)
}

func (l *Load) live(ctx context.Context, node int, t *token) (bool, error) {
	start := l.History.Now()
	a := l.http.Lookup(ctx, l.cfg.Nodes[node], l.cfg.Root, t.id)
	l.History.Record(check.Event{Token: t.number, Kind: check.Lookup, Outcome: a.Outcome, Node: node, Start: start})
	if a.Outcome != client.Done && a.Outcome != client.Refused {
		return false, fmt.Errorf("audit: node %d does not answer: %s", node+1, a)
	}
	return a.Outcome == client.Done, nil
}

func (l *Load) countTokens(ctx context.Context) (int, error) {
	a := l.http.Do(ctx, client.Request{Node: l.cfg.Nodes[0], Method: "LIST", Path: "auth/token/accessors", Token: l.cfg.Root})
	var body struct{ Data struct{ Keys []string } }
	if a.Outcome != client.Done {
		return 0, fmt.Errorf("audit: list accessors: %s", a)
	}
	err := a.Decode(&body)
	return len(body.Data.Keys), err
}
