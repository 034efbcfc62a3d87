package check

import (
	"fmt"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// Violation is a contradiction: a promise, and the event that breaks it.
type Violation struct {
	Promise string
	Token   int
	Event   Event
	Because string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: token %d: %s; %s", v.Promise, v.Token, v.Event, v.Because)
}

// The promises, as they are reported.
const (
	Lost        = "an acknowledged token was refused"
	Revived     = "a revoked token was accepted"
	Returned    = "a refused token was accepted again"
	Overspent   = "a token was used more often than it allows"
	Overdue     = "an expired token was accepted"
	Phantom     = "a request that was not applied had an effect"
	StaleValue  = "a cubbyhole showed a value that had been overwritten"
	ForeignText = "a cubbyhole showed a value that nobody wrote"
	Repeated    = "a repeated request was done again"
	Miscounted  = "there are more or fewer tokens than were made and live"
)

// record is what is known of one token.
type record struct {
	Token
	number  int
	events  []Event
	acked   time.Duration // the creation's first acknowledgement; never: none
	void    bool          // no creation can have had an effect
	revoked time.Duration // first acknowledgement of a revocation of this very token
	doomed  time.Duration // first revocation of this very token that was sent
	spent   []Event       // uses that were, or may have been, spent
	puts    []Event
	life    lifetime
}

type checker struct {
	records []record
	found   []Violation
}

func check(tokens []Token, events []Event) []Violation {
	c := &checker{records: make([]record, len(tokens))}
	for i, t := range tokens {
		c.records[i] = record{Token: t, number: i, acked: never, revoked: never, doomed: never, void: true}
	}
	for _, e := range events {
		r := &c.records[e.Token]
		r.events = append(r.events, e)
	}
	for i := range c.records {
		c.records[i].learn()
	}
	for i := range c.records {
		c.judge(&c.records[i])
	}
	return c.found
}

// learn takes down what the token's own events say happened or may have.
func (r *record) learn() {
	for _, e := range r.events {
		if e.Outcome == client.Void || e.Outcome == client.Refused {
			continue
		}
		done := e.Outcome == client.Done
		switch e.Kind {
		case Create:
			r.void = false
			if done {
				r.acked = min(r.acked, e.End)
			}
			r.life.add(e, r.TTL)
		case Renew:
			r.life.add(e, r.TTL)
		case Revoke:
			r.doomed = min(r.doomed, e.Start)
			if done {
				r.revoked = min(r.revoked, e.End)
			}
		case Use:
			r.spent = append(r.spent, e)
		case Put:
			r.puts = append(r.puts, e)
		}
	}
}

func (c *checker) report(promise string, r *record, e Event, because string, args ...any) {
	c.found = append(c.found, Violation{promise, r.number, e, fmt.Sprintf(because, args...)})
}

// judge tests every answer about one token.
func (c *checker) judge(r *record) {
	revoked, doomed := c.ends(r)
	gone := never // when the first answer that it is gone was there
	for _, e := range r.events {
		if e.Kind != Create && e.Kind != Revoke && e.Outcome == client.Refused && e.Start >= r.acked {
			gone = min(gone, e.End)
		}
	}
	used := 0
	for _, e := range r.events {
		switch {
		case e.Kind == Create || e.Kind == Revoke:
		case e.Outcome == client.Refused:
			c.refused(r, e, doomed)
		case e.Outcome == client.Done:
			c.accepted(r, e, revoked, gone)
			if e.Kind == Use {
				used++
				if r.Uses > 0 && used > r.Uses {
					c.report(Overspent, r, e, "it allows %d", r.Uses)
				}
			}
			if e.Kind == Get {
				c.read(r, e)
			}
		}
	}
}

// ends says when the first revocation of the token or an ancestor was
// acknowledged, and when the first was sent.
func (c *checker) ends(r *record) (revoked, doomed time.Duration) {
	revoked, doomed = r.revoked, r.doomed
	for p := r.Parent; p != NoParent; p = c.records[p].Parent {
		revoked, doomed = min(revoked, c.records[p].revoked), min(doomed, c.records[p].doomed)
	}
	return revoked, doomed
}

func (c *checker) accepted(r *record, e Event, revoked, gone time.Duration) {
	switch {
	case r.void:
		c.report(Phantom, r, e, "its creation was without effect")
	case revoked < e.Start:
		c.report(Revived, r, e, "the revocation was acknowledged at %s", round(revoked))
	case gone < e.Start:
		c.report(Returned, r, e, "it was refused by %s", round(gone))
	}
	if latest := r.life.latest(e); r.TTL > 0 && e.Start > latest {
		c.report(Overdue, r, e, "it ended at %s at the latest", round(latest))
	}
}

// refused wants an explanation: something that was sent by the time of the answer
// and can have ended the token.
func (c *checker) refused(r *record, e Event, doomed time.Duration) {
	if e.Start < r.acked || doomed < e.End {
		return
	}
	if r.TTL > 0 && e.End > r.life.earliest(e) {
		return
	}
	if r.Uses > 0 {
		spent := 0
		for _, u := range r.spent {
			if u.Start < e.End {
				spent++
			}
		}
		if spent >= r.Uses {
			return
		}
	}
	c.report(Lost, r, e, "its creation was acknowledged at %s", round(r.acked))
}
