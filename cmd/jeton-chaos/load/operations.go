package load

import (
	"context"
	"net/http"
	"strconv"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// operations and how often each is done, of a hundred.
var operations = []struct {
	share int
	do    func(*worker, context.Context)
}{
	{30, (*worker).create},
	{20, (*worker).lookup},
	{10, (*worker).lookupSelf},
	{14, (*worker).use},
	{8, (*worker).revoke},
	{4, (*worker).renew},
	{7, (*worker).put},
	{7, (*worker).get},
}

func (w *worker) step(ctx context.Context) {
	n := w.random.IntN(100)
	for _, op := range operations {
		if n < op.share {
			op.do(w, ctx)
			return
		}
		n -= op.share
	}
}

// ask does one operation on a token and records it.
func (w *worker) ask(t *token, kind check.Kind, do func(node string) (client.Answer, int64)) {
	node := w.somewhere()
	e := check.Event{Token: t.number, Kind: kind, Node: node, Start: w.load.History.Now()}
	a, value := do(w.load.cfg.Nodes[node])
	e.Outcome, e.Value = a.Outcome, value
	w.load.History.Record(e)
	if a.Outcome == client.Refused || kind == check.Revoke && a.Outcome == client.Done {
		t.over.Store(true)
	}
}

func (w *worker) lookup(ctx context.Context) {
	if t := w.load.pool.some(w.random, anyToken); t != nil {
		w.ask(t, check.Lookup, func(node string) (client.Answer, int64) {
			return w.load.http.Lookup(ctx, node, w.load.cfg.Root, t.id), 0
		})
	}
}

func (w *worker) lookupSelf(ctx context.Context) {
	if t := w.load.pool.some(w.random, free); t != nil {
		w.ask(t, check.Lookup, func(node string) (client.Answer, int64) {
			return w.load.http.LookupSelf(ctx, node, t.id), 0
		})
	}
}

func (w *worker) use(ctx context.Context) {
	if t := w.load.pool.some(w.random, countsUses); t != nil {
		w.ask(t, check.Use, func(node string) (client.Answer, int64) {
			return w.load.http.LookupSelf(ctx, node, t.id), 0
		})
	}
}

// revoke spares the tokens of workers.
func (w *worker) revoke(ctx context.Context) {
	t := w.load.pool.some(w.random, func(t *token) bool { return t.Parent != check.NoParent })
	if t == nil {
		return
	}
	w.ask(t, check.Revoke, func(node string) (client.Answer, int64) {
		return w.load.http.Revoke(ctx, node, w.load.cfg.Root, t.id), 0
	})
}

func (w *worker) renew(ctx context.Context) {
	if t := w.load.pool.some(w.random, lives); t != nil {
		w.ask(t, check.Renew, func(node string) (client.Answer, int64) {
			return w.load.http.RenewSelf(ctx, node, t.id, t.TTL.String()), 0
		})
	}
}

// cubbyhole is the path at which every token keeps its one value.
const cubbyhole = "register"

func (w *worker) put(ctx context.Context) {
	t := w.load.pool.some(w.random, free)
	if t == nil {
		return
	}
	value := t.values.Add(1)
	w.ask(t, check.Put, func(node string) (client.Answer, int64) {
		return w.load.http.Put(ctx, node, t.id, cubbyhole, map[string]string{"value": strconv.FormatInt(value, 10)}), value
	})
}

func (w *worker) get(ctx context.Context) {
	t := w.load.pool.some(w.random, func(t *token) bool { return free(t) && t.values.Load() > 0 })
	if t == nil {
		return
	}
	w.ask(t, check.Get, func(node string) (client.Answer, int64) {
		return readRegister(w.load.http.Get(ctx, node, t.id, cubbyhole))
	})
}

// readRegister takes the value out of an answer. Nothing there is an answer of a
// live token too.
func readRegister(a client.Answer) (client.Answer, int64) {
	if a.Status == http.StatusNotFound {
		a.Outcome = client.Done
		return a, 0
	}
	if a.Outcome != client.Done {
		return a, 0
	}
	var body struct{ Data struct{ Value string } }
	err := a.Decode(&body)
	value, parse := strconv.ParseInt(body.Data.Value, 10, 64)
	if err != nil || parse != nil {
		return a, -1 // nobody wrote that
	}
	return a, value
}
