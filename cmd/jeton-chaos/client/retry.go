package client

import (
	"context"
	"time"
)

// Retries is what it took to get an answer that is one.
type Retries struct {
	Unavailable int // answers 503
	Unreached   int // connections that were not made
	Lost        int // connections that broke after the request was written
}

// Total is how many times the request was sent again.
func (r Retries) Total() int { return r.Unavailable + r.Unreached + r.Lost }

// Add sums up.
func (r *Retries) Add(o Retries) {
	r.Unavailable += o.Unavailable
	r.Unreached += o.Unreached
	r.Lost += o.Lost
}

// retryPause is what a node gets before it is asked again.
const retryPause = 20 * time.Millisecond

// Persist sends the request to one node after the other until one gives an answer
// other than 503, as an ordinary client behind a list of addresses does. Requests
// that must not be repeated want a Key.
func (c *Client) Persist(ctx context.Context, nodes []string, r Request) (Answer, Retries) {
	var n Retries
	for i := 0; ; i++ {
		r.Node = nodes[i%len(nodes)]
		a := c.Do(ctx, r)
		switch {
		case !a.Unavailable():
			return a, n
		case a.Err == nil:
			n.Unavailable++
		case a.Outcome == Void:
			n.Unreached++
		default:
			n.Lost++
		}
		pause := time.NewTimer(retryPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return a, n
		case <-pause.C:
		}
	}
}
