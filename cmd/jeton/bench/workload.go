package bench

import (
	"fmt"
	"time"
)

// op is one kind of measured request.
type op int

const (
	opCreate op = iota
	opLookup
	opRenew
	opUse
	opRevoke
	opPair // a create and the lookup of what it made, on one node: both together
	opCount
)

func (o op) String() string {
	return [opCount]string{"create", "lookup", "renew", "use", "revoke", "pair"}[o]
}

const (
	pathCreate     = "/v1/auth/token/create"
	pathLookupSelf = "/v1/auth/token/lookup-self"
	pathRenewSelf  = "/v1/auth/token/renew-self"
	pathRevokeSelf = "/v1/auth/token/revoke-self"
)

// manyUses is a count that no run exhausts: a hundred thousand uses a second for
// nearly three hours.
const manyUses = 1_000_000_000

// A workload is what each worker does over and over.
type workload struct {
	name, summary string
	// prepare runs before the clock does; nil if nothing is needed.
	prepare func(w *worker) error
	// step makes one round of requests; false says that nothing is left to do.
	step func(w *worker) bool
}

// workloads is everything that Config.Workloads can name, in the order in which
// they run when all do.
var workloads = []workload{
	{"create", "create child tokens", nil, stepCreate},
	{"lookup", "each connection looks its own token up (lookup-self)", prepareOwn, stepLookup},
	{"lookup-signed", "all connections look one Waypoint token up (lookup-self)", prepareSigned, stepLookup},
	{"renew", "each connection renews its own token", prepareOwn, stepRenew},
	{"use", "each connection spends uses of its own counted token", prepareCounted, stepUse},
	{"use-hot", "all connections spend uses of one and the same counted token", prepareHot, stepUse},
	{"revoke", "revoke tokens made beforehand, each once", preparePool, stepRevoke},
	{"mixed", "of 20 requests 12 look up, 2 each create, renew, use and revoke", prepareMixed, stepMixed},
	{"write-read", "create a token, then look it up at once on the same node", nil, stepWriteRead},
}

// Names lists the workloads.
func Names() []string {
	names := make([]string, len(workloads))
	for i, l := range workloads {
		names[i] = l.name
	}
	return names
}

// Summary is one line on a workload, for help texts.
func Summary(name string) string {
	l, _ := workloadByName(name)
	return l.summary
}

func workloadByName(name string) (workload, bool) {
	for _, l := range workloads {
		if l.name == name {
			return l, true
		}
	}
	return workload{}, false
}

func stepCreate(w *worker) bool { w.measure(opCreate, w.createRequest); return true }
func stepLookup(w *worker) bool { w.measure(opLookup, w.lookupRequest); return true }
func stepRenew(w *worker) bool  { w.measure(opRenew, w.renewRequest); return true }
func stepUse(w *worker) bool    { w.measure(opUse, w.useRequest); return true }

// prepareOwn makes the worker's own uncounted token.
func prepareOwn(w *worker) error {
	token, err := w.create(w.createRequest)
	if err != nil {
		return err
	}
	w.lookupRequest = w.render("GET", pathLookupSelf, token, "")
	w.renewRequest = w.render("POST", pathRenewSelf, token, "{}")
	return nil
}

// prepareCounted makes the worker's own counted token.
func prepareCounted(w *worker) error {
	token, err := w.create(w.countedRequest())
	if err != nil {
		return err
	}
	w.useRequest = w.render("GET", pathLookupSelf, token, "")
	return nil
}

// prepareHot takes the run's one counted token, made by whichever worker comes first.
func prepareHot(w *worker) error {
	token, err := w.hot.get(func() (string, error) { return w.create(w.countedRequest()) })
	if err != nil {
		return err
	}
	w.useRequest = w.render("GET", pathLookupSelf, token, "")
	return nil
}

// preparePool makes tokens for as long as the run will last. A revocation costs a
// server about what a create costs, so the pool lasts for most of the window; when
// it is empty before the end, the worker stops and the rate is taken over the time
// until then.
func preparePool(w *worker) error {
	until := time.Now().Add(w.config.Warmup + w.config.Duration)
	for time.Now().Before(until) {
		token, err := w.create(w.createRequest)
		if err != nil {
			return err
		}
		w.pool = append(w.pool, token)
	}
	return nil
}

func stepRevoke(w *worker) bool {
	if len(w.pool) == 0 {
		return false
	}
	last := len(w.pool) - 1
	w.measure(opRevoke, w.renderInto("POST", pathRevokeSelf, []byte(w.pool[last]), ""))
	w.pool = w.pool[:last]
	return true
}

func prepareMixed(w *worker) error {
	if err := prepareOwn(w); err != nil {
		return err
	}
	w.round = w.id // so that the workers are not in step with each other
	return prepareCounted(w)
}

// mixedRound is the order of one round; every create is revoked five steps later.
var mixedRound = [20]op{
	opLookup, opCreate, opLookup, opLookup, opRenew, opLookup, opRevoke, opLookup, opUse, opLookup,
	opLookup, opCreate, opLookup, opLookup, opRenew, opLookup, opRevoke, opLookup, opUse, opLookup,
}

func stepMixed(w *worker) bool {
	next := mixedRound[w.round%len(mixedRound)]
	w.round++
	switch next {
	case opLookup:
		w.measure(opLookup, w.lookupRequest)
	case opRenew:
		w.measure(opRenew, w.renewRequest)
	case opUse:
		w.measure(opUse, w.useRequest)
	case opCreate:
		if body, ok := w.measure(opCreate, w.createRequest); ok {
			w.fresh = append(w.fresh[:0], clientToken(body)...)
		}
	case opRevoke:
		if len(w.fresh) > 0 { // none when the worker began between the two
			w.measure(opRevoke, w.renderInto("POST", pathRevokeSelf, w.fresh, ""))
			w.fresh = w.fresh[:0]
		}
	}
	return true
}

func stepWriteRead(w *worker) bool {
	start := time.Now()
	if !w.due.IsZero() {
		start = w.due
	}
	body, ok := w.measure(opCreate, w.createRequest)
	if !ok {
		return true
	}
	w.fresh = append(w.fresh[:0], clientToken(body)...)
	if _, ok := w.measure(opLookup, w.renderInto("GET", pathLookupSelf, w.fresh, "")); ok {
		w.record(opPair, start, time.Now())
	}
	return true
}

// countedRequest asks for a token with more uses than a run can spend.
func (w *worker) countedRequest() []byte {
	body := fmt.Sprintf(`{"policies":["default"],"ttl":"%ds","num_uses":%d}`, ttlSeconds(w.config), manyUses)
	return w.render("POST", pathCreate, w.parent, body)
}

func ttlSeconds(c Config) int64 { return int64(c.TTL / time.Second) }
