package load

import (
	"context"
	"fmt"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// The times to live that are asked for: short enough to end while they are looked
// at, long enough to be renewed.
const (
	shortestTTL = 3
	longestTTL  = 12
)

// create asks for a token of some shape: under the worker's own or another's,
// counted, mortal, with an id of the client's choice or a request that is repeated
// until it is answered.
func (w *worker) create(ctx context.Context) {
	parent := w.own
	if p := w.load.pool.some(w.random, bears); p != nil && w.random.IntN(4) == 0 {
		parent = p
	}
	t := &token{Token: check.Token{Parent: parent.number}, depth: parent.depth + 1}
	var r client.TokenRequest
	switch w.random.IntN(10) {
	case 0, 1, 2, 3:
		t.Uses = 1 + w.random.IntN(3)
		r.NumUses = t.Uses
	case 4, 5:
		t.TTL = time.Duration(shortestTTL+w.random.IntN(longestTTL-shortestTTL+1)) * time.Second
		r.TTL, r.Policies = t.TTL.String(), []string{"default"}
	}
	switch w.random.IntN(10) {
	case 0:
		w.createForSure(ctx, parent, t, r)
	case 1, 2, 3:
		t.id = fmt.Sprintf("chosen-%d-%d", w.load.cfg.Seed, w.load.names.Add(1))
		r.ID = t.id
		w.createOnce(ctx, parent, t, r)
	default:
		w.createOnce(ctx, parent, t, r)
	}
}

// createOnce asks one node once.
func (w *worker) createOnce(ctx context.Context, parent, t *token, r client.TokenRequest) {
	h := w.load.History
	t.number = h.Add(t.Token)
	node, start := w.somewhere(), h.Now()
	made, a := w.load.http.CreateToken(ctx, w.load.cfg.Nodes[node], parent.id, "", r)
	w.created(parent, t, made, a, node, start)
}

// createAttempts bounds how often a keyed creation is sent.
const createAttempts = 8

// createForSure repeats the request under one idempotency key, on one node after
// the other, until it is answered, and then sometimes once more: the same token
// must come back.
func (w *worker) createForSure(ctx context.Context, parent, t *token, r client.TokenRequest) {
	h := w.load.History
	t.number = h.Add(t.Token)
	key := fmt.Sprintf("key-%d-%d", w.load.cfg.Seed, t.number)
	node, start := w.somewhere(), h.Now()
	var made client.Token
	var a client.Answer
	outcome := client.Void
	for range createAttempts {
		made, a = w.load.http.CreateToken(ctx, w.load.cfg.Nodes[node], parent.id, key, r)
		if a.Outcome == client.Done || a.Outcome == client.Refused {
			outcome = a.Outcome
			break
		}
		if a.Outcome == client.Open {
			outcome = client.Open
		}
		node = (node + 1) % len(w.load.cfg.Nodes)
	}
	a.Outcome = outcome
	w.created(parent, t, made, a, node, start)
	if outcome != client.Done || w.random.IntN(3) > 0 {
		return
	}
	again, a := w.load.http.CreateToken(ctx, w.load.cfg.Nodes[(node+1)%len(w.load.cfg.Nodes)], parent.id, key, r)
	if a.Outcome == client.Done && again.ID != made.ID {
		h.Contradict(check.Repeated, t.number, "the same key gave another token")
	}
}

// created records a creation, what it says of the parent, and the token.
func (w *worker) created(parent, t *token, made client.Token, a client.Answer, node int, start time.Duration) {
	h := w.load.History
	h.Record(check.Event{Token: t.number, Kind: check.Create, Outcome: a.Outcome, Node: node, Start: start})
	// The parent was accepted, or not: no child is made under a dead one.
	h.Record(check.Event{Token: parent.number, Kind: check.Lookup, Outcome: a.Outcome, Node: node, Start: start})
	switch {
	case a.Outcome == client.Done:
		t.id = made.ID
	case a.Outcome == client.Open && t.id == "":
		w.load.unseen.Add(1)
		return
	}
	if t.id != "" && a.Outcome != client.Refused {
		w.load.pool.add(t)
	}
}
