package load

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/check"
)

// What is checked is only worth something if it is found when it breaks: for every
// lie that a server could tell, load and check together find the promise it breaks.
func TestLiesAreFound(t *testing.T) {
	for _, test := range []struct {
		lie  string
		want []string // one of these; none: nothing is found
	}{
		{"", nil},
		{"creations are lost", []string{check.Lost}},
		{"revocations are lost", []string{check.Revived}},
		{"children outlive their parents", []string{check.Revived}},
		{"uses are not counted", []string{check.Overspent}},
		{"renewals are lost", []string{check.Lost}},
		{"what was done is denied", []string{check.Phantom}},
		{"keys are forgotten", []string{check.Repeated}},
		{"reads are stale", []string{check.StaleValue}},
	} {
		t.Run("lie: "+test.lie, func(t *testing.T) {
			t.Parallel()
			s := newFake(t, test.lie)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			for {
				found := afterWork(t, ctx, s.URL, test.lie == "renewals are lost")
				if test.want == nil && len(found) == 0 {
					return
				}
				if test.want == nil {
					t.Fatalf("an honest server was accused: %v", found[0])
				}
				for _, v := range found {
					if slices.Contains(test.want, v.Promise) {
						return
					}
				}
				if ctx.Err() != nil {
					t.Fatalf("not found; but %d others", len(found))
				}
			}
		})
	}
}

// afterWork lets clients work and says what was found.
func afterWork(t *testing.T, ctx context.Context, url string, long bool) []check.Violation {
	t.Helper()
	rate, answers := 3000, 3000
	if long { // until renewed tokens would have ended, without asking more often for it
		rate, answers = 400, 5000
	}
	l, err := Start(ctx, Config{Nodes: []string{url, url, url}, Root: "root", Seed: 1, Rate: rate, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for len(l.History.Events()) < answers && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	l.Stop()
	if err := l.Audit(ctx); err != nil {
		t.Fatal(err)
	}
	return l.History.Check()
}
