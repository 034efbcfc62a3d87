package cluster

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/jeton-io/jeton/fsm"
)

// simKind is what a client asked for.
type simKind uint8

const (
	simCreate    simKind = iota // by the parent, which has to be alive
	simLogin                    // of a user: makes a token without a parent
	simLookup                   // by the token itself, uncounted
	simUse                      // by a counted token
	simForbidden                // by a counted token, of a path that is denied to it: refused, and charged
	simRenew                    // by the token itself
	simRevoke                   // of the tree under a token; accepted: there was such a live token
	simCut                      // revoke-orphan
	simLend                     // of a lease to an uncounted token
)

// simInput is one request. Tokens have numbers within their tree.
type simInput struct {
	kind     simKind
	tree     int
	token    int8
	parent   int8        // of simCreate
	uses     int16       // of simCreate; 0: uncounted
	short    bool        // of simCreate and simLogin: it expires while the simulation runs
	key      uint8       // the client's own request id, counted from 1 in each tree; 0: none
	earliest fsm.Instant // of what sets a deadline: it is not before that
}

// known is what a client knows of a question's answer.
type known uint8

const (
	accepted known = iota
	refused
	open // it may take effect at any time, or never
)

// simOutput is what the client was told.
type simOutput struct {
	known    known
	replayed bool        // the key was recognised
	left     int16       // of simUse: no fewer uses are left
	clock    fsm.Instant // the log's, at which it was judged; 0: not told
	deadline fsm.Instant // of the token; 0: not told
	latest   fsm.Instant // the log's time was not later when the answer was there
}

// simTree is what clients know of one tree while they make it.
type simTree struct {
	number int
	made   []simInput // what made each token; its outcome may be open
}

// text is a token's; with its first letters unlike the others', so that accessors
// differ, too.
func (t *simTree) text(token int8) string { return fmt.Sprintf("t%d-%d", t.number, token) }

// simHistory is everything that was asked and answered.
type simHistory struct {
	begin time.Time

	mu     sync.Mutex
	ops    []porcupine.Operation
	trees  []*simTree
	ahead  time.Duration // at most so far any clock was ever set forward
	behind time.Duration // and back
}

func (h *simHistory) now() int64 { return int64(time.Since(h.begin)) }

// off notes that a clock is about to be off.
func (h *simHistory) off(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ahead, h.behind = max(h.ahead, d), max(h.behind, -d)
}

// logTime bounds the log's time now. A leader stamps by its own clock, and never back;
// so the log, when something is added to it, is not behind the slowest clock, and never
// ahead of the fastest that there has been.
func (h *simHistory) logTime() (notBefore, notAfter fsm.Instant) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := fsm.Instant(time.Now().UnixNano())
	return now.Add(-h.behind), now.Add(h.ahead)
}

func (h *simHistory) add(client int, in simInput, call int64, out simOutput) {
	ret := h.now()
	if out.known == open {
		ret = math.MaxInt64
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: ret})
}

func (h *simHistory) keep(t *simTree) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trees = append(h.trees, t)
}

// split deals the trees out among clients.
func (h *simHistory) split(n int) [][]*simTree {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([][]*simTree, n)
	for i, t := range h.trees {
		out[i%n] = append(out[i%n], t)
	}
	return out
}
