package check

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// Kind is what was asked.
type Kind uint8

// The kinds of events. All but Create and Revoke are also evidence of whether the
// token was accepted.
const (
	Create Kind = iota
	Lookup      // spends nothing
	Use         // spends a use, if the token counts them
	Renew
	Revoke
	Put // Value is what was written
	Get // Value is what was read, 0 for nothing
)

func (k Kind) String() string {
	return [...]string{"create", "lookup", "use", "renew", "revoke", "put", "get"}[k]
}

// never is the end of an operation that may still take effect.
const never = time.Duration(math.MaxInt64)

// Event is one operation on one token.
type Event struct {
	Token      int
	Kind       Kind
	Outcome    client.Outcome
	Node       int
	Start, End time.Duration // sent and answered, since the history began
	Value      int64
}

// effective is the latest time at which the event can have taken effect.
func (e Event) effective() time.Duration {
	if e.Outcome == client.Open {
		return never
	}
	return e.End
}

func (e Event) String() string {
	return fmt.Sprintf("%s on node %d, %s..%s, %s", e.Kind, e.Node+1, round(e.Start), round(e.End), e.Outcome)
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

// Token is what was asked for.
type Token struct {
	Parent int           // its number, or NoParent
	Uses   int           // 0: uncounted
	TTL    time.Duration // 0: lives on; renewals ask for the same again
}

// NoParent is the parent of a token whose parent is never revoked.
const NoParent = -1

// History is the record. It is safe for concurrent use.
type History struct {
	begin time.Time

	mu     sync.Mutex
	tokens []Token
	events []Event
	other  []Violation // found by whoever records
}

// NewHistory begins now.
func NewHistory() *History { return &History{begin: time.Now()} }

// Now is the time since the history began.
func (h *History) Now() time.Duration { return time.Since(h.begin) }

// At is a moment in the history's time.
func (h *History) At(t time.Time) time.Duration { return t.Sub(h.begin) }

// Add numbers a token. It has not been asked for yet.
func (h *History) Add(t Token) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tokens = append(h.tokens, t)
	return len(h.tokens) - 1
}

// Record adds an event that ends now.
func (h *History) Record(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e.End = h.Now()
	h.events = append(h.events, e)
}

// Events is what was recorded so far, in the order of the answers.
func (h *History) Events() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clip(h.events) // recorded events never change
}

// Check looks for contradictions. It may be called while events are recorded, but
// then knows nothing of what is under way: only a finished history is judged
// rightly.
func (h *History) Check() []Violation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append(check(h.tokens, h.events), h.other...)
}

// Contradict notes a contradiction that events do not show.
func (h *History) Contradict(promise string, token int, because string, args ...any) {
	at := h.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.other = append(h.other, Violation{promise, token, Event{Token: token, Start: at, End: at}, fmt.Sprintf(because, args...)})
}
