package check

import (
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

const (
	done    = client.Done
	refused = client.Refused
	open    = client.Open
	void    = client.Void
)

// at makes an event on token 0 that was sent and answered at these seconds.
func at(start, end float64, k Kind, o client.Outcome) Event {
	s := func(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }
	return Event{Kind: k, Outcome: o, Start: s(start), End: s(end)}
}

func (e Event) of(token int) Event     { e.Token = token; return e }
func (e Event) with(v int64) Event     { e.Value = v; return e }
func tokens(t ...Token) []Token        { return t }
func plain() []Token                   { return tokens(Token{Parent: NoParent}) }
func counted(n int) []Token            { return tokens(Token{Parent: NoParent, Uses: n}) }
func living(ttl time.Duration) []Token { return tokens(Token{Parent: NoParent, TTL: ttl}) }

func family() []Token { return tokens(Token{Parent: NoParent}, Token{Parent: 0}, Token{Parent: 1}) }

func TestCheck(t *testing.T) {
	created := at(0, 1, Create, done)
	for _, test := range []struct {
		name   string
		tokens []Token
		events []Event
		want   []string
	}{
		{"created and accepted", plain(), []Event{created, at(2, 3, Lookup, done)}, nil},
		{"acknowledged and lost", plain(), []Event{created, at(2, 3, Lookup, refused)}, []string{Lost}},
		{"refused while it was being created", plain(), []Event{created, at(0.5, 3, Lookup, refused), at(4, 5, Lookup, done)}, nil},
		{"open creation never took effect", plain(), []Event{at(0, 1, Create, open), at(2, 3, Lookup, refused)}, nil},
		{"open creation took effect late", plain(), []Event{at(0, 1, Create, open), at(2, 3, Lookup, refused), at(4, 5, Lookup, done)}, nil},
		{"void creation took effect", plain(), []Event{at(0, 1, Create, void), at(2, 3, Lookup, done)}, []string{Phantom}},
		{"void creation, then a real one", plain(), []Event{at(0, 1, Create, void), at(1, 2, Create, done), at(2, 3, Lookup, done)}, nil},

		{"accepted after revocation", plain(), []Event{created, at(2, 3, Revoke, done), at(4, 5, Lookup, done)}, []string{Revived}},
		{"accepted beside revocation", plain(), []Event{created, at(2, 4, Revoke, done), at(3, 5, Lookup, done)}, nil},
		{"refused after revocation", plain(), []Event{created, at(2, 3, Revoke, done), at(4, 5, Lookup, refused)}, nil},
		{"refused after open revocation", plain(), []Event{created, at(2, 3, Revoke, open), at(9, 10, Lookup, refused)}, nil},
		{"accepted after open revocation", plain(), []Event{created, at(2, 3, Revoke, open), at(9, 10, Lookup, done)}, nil},
		{"open revocation undone", plain(), []Event{created, at(2, 3, Revoke, open), at(4, 5, Lookup, refused), at(6, 7, Lookup, done)}, []string{Returned}},
		{"refused before revocation was sent", plain(), []Event{created, at(2, 3, Lookup, refused), at(4, 5, Revoke, done)}, []string{Lost}},
		{"void revocation revoked", plain(), []Event{created, at(2, 3, Revoke, void), at(4, 5, Lookup, refused)}, []string{Lost}},
		{"unanswered lookup proves nothing", plain(), []Event{created, at(2, 3, Revoke, done), at(4, 5, Lookup, open)}, nil},

		{"grandchild outlives the tree", family(), []Event{created, created.of(1), created.of(2), at(2, 3, Revoke, done), at(4, 5, Lookup, done).of(2)}, []string{Revived}},
		{"grandchild goes with the tree", family(), []Event{created, created.of(1), created.of(2), at(2, 3, Revoke, done), at(4, 5, Lookup, refused).of(2)}, nil},
		{"parent goes with its child", family(), []Event{created, created.of(1), at(2, 3, Revoke, done).of(1), at(4, 5, Lookup, refused)}, []string{Lost}},

		{"used once", counted(1), []Event{created, at(2, 3, Use, done), at(2, 3, Use, refused), at(4, 5, Lookup, refused)}, nil},
		{"used twice", counted(1), []Event{created, at(2, 4, Use, done), at(3, 5, Use, done)}, []string{Overspent}},
		{"refused with a use left", counted(2), []Event{created, at(2, 3, Use, done), at(4, 5, Use, refused)}, []string{Lost}},
		{"an open use may be the last", counted(1), []Event{created, at(2, 3, Use, open), at(4, 5, Use, refused)}, nil},
		{"a later use excuses nothing", counted(1), []Event{created, at(2, 3, Use, refused), at(4, 5, Use, refused)}, []string{Lost, Lost}},
		{"used after it was exhausted", counted(1), []Event{created, at(2, 3, Use, open), at(4, 5, Use, refused), at(6, 7, Use, done)}, []string{Returned}},

		{"ends in time", living(5 * time.Second), []Event{created, at(4, 4.5, Lookup, done), at(7, 8, Lookup, refused)}, nil},
		{"ends early", living(5 * time.Second), []Event{created, at(3, 4, Lookup, refused)}, []string{Lost}},
		{"ends late", living(5 * time.Second), []Event{created, at(7, 8, Lookup, done)}, []string{Overdue}},
		{"renewed", living(5 * time.Second), []Event{created, at(4, 4.5, Renew, done), at(7, 8, Lookup, done), at(10, 11, Lookup, refused)}, nil},
		{"renewal lost", living(5 * time.Second), []Event{created, at(4, 4.5, Renew, done), at(6, 7, Lookup, refused)}, []string{Lost}},
		{"open renewal", living(5 * time.Second), []Event{created, at(4, 4.5, Renew, open), at(60, 61, Lookup, done)}, nil},

		{"reads what was written", plain(), []Event{created, at(2, 3, Put, done).with(1), at(4, 5, Get, done).with(1)}, nil},
		{"reads nothing before", plain(), []Event{created, at(2, 4, Put, done).with(1), at(3, 5, Get, done)}, nil},
		{"lost a write", plain(), []Event{created, at(2, 3, Put, done).with(1), at(4, 5, Get, done)}, []string{StaleValue}},
		{"reads an old value", plain(), []Event{created, at(2, 3, Put, done).with(1), at(4, 5, Put, done).with(2), at(6, 7, Get, done).with(1)}, []string{StaleValue}},
		{"reads either of two that overlap", plain(), []Event{created, at(2, 4, Put, done).with(1), at(3, 5, Put, done).with(2), at(6, 7, Get, done).with(1)}, nil},
		{"an open write comes late", plain(), []Event{created, at(2, 3, Put, open).with(1), at(4, 5, Put, done).with(2), at(6, 7, Get, done).with(1)}, nil},
		{"reads a void write", plain(), []Event{created, at(2, 3, Put, void).with(1), at(4, 5, Get, done).with(1)}, []string{ForeignText}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, v := range check(test.tokens, test.events) {
				got = append(got, v.Promise)
			}
			if !slices.Equal(got, test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHistoryKeepsItsOwnTime(t *testing.T) {
	h := NewHistory()
	n := h.Add(Token{Parent: NoParent})
	start := h.Now()
	h.Record(Event{Token: n, Kind: Create, Outcome: done, Start: start})
	h.Record(Event{Token: n, Kind: Lookup, Outcome: refused, Start: h.Now()})
	events := h.Events()
	if len(events) != 2 || events[0].End < start || events[1].Start < events[0].End {
		t.Fatalf("events %v", events)
	}
	if v := h.Check(); len(v) != 1 || v[0].Promise != Lost {
		t.Fatalf("violations %v", v)
	}
}
