package load

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/client"
)

// Patience is what clients experienced that know all nodes and go on to the next
// when one is unavailable.
type Patience struct {
	Requests int
	Retried  int            // requests that were sent more than once
	Retries  client.Retries // what for
	Slowest  time.Duration  // from the first attempt to the answer
	Failed   []string       // requests that came to nothing
}

func (p Patience) String() string {
	return fmt.Sprintf("%d requests, %d sent again (%d answers 503, %d connections not made, %d broken), slowest %s, %d failed",
		p.Requests, p.Retried, p.Retries.Unavailable, p.Retries.Unreached, p.Retries.Lost,
		p.Slowest.Round(time.Millisecond), len(p.Failed))
}

// Patients are such clients at work.
type Patients struct {
	nodes []string
	root  string
	http  *client.Client

	end     chan struct{}
	clients sync.WaitGroup
	mu      sync.Mutex
	sum     Patience
}

// Bounds of a patient client.
const (
	patientTimeout  = 5 * time.Second  // one attempt
	patientLimit    = 20 * time.Second // one request, all attempts
	patientPause    = 10 * time.Millisecond
	patientCreates  = 900 // by one token, whose idempotency keys the server bounds
	patientsPerNode = 2
)

// StartPatients begins the work of two clients a node. Each makes tokens, with an
// idempotency key so that a repeated request makes no second one, and uses them.
func StartPatients(ctx context.Context, nodes []string, root string) *Patients {
	p := &Patients{nodes: nodes, root: root, http: client.New(patientTimeout), end: make(chan struct{})}
	for home := range nodes {
		for i := range patientsPerNode {
			p.clients.Go(func() { p.run(ctx, home, fmt.Sprintf("patient-%d-%d", home, i)) })
		}
	}
	return p
}

// Stop lets every client finish its request, and tells how they fared.
func (p *Patients) Stop() Patience {
	close(p.end)
	p.clients.Wait()
	return p.sum
}

func (p *Patients) run(ctx context.Context, home int, name string) {
	nodes := append(slices.Clone(p.nodes[home:]), p.nodes[:home]...)
	tick := time.NewTicker(patientPause)
	defer tick.Stop()
	var own string
	for n := 0; ; n++ {
		select {
		case <-p.end:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if n%patientCreates == 0 {
			own = p.create(ctx, nodes, p.root, fmt.Sprint(name, "-own-", n))
		}
		if made := p.create(ctx, nodes, own, fmt.Sprint(name, "-", n)); made != "" {
			p.send(ctx, nodes, client.Request{Method: http.MethodGet, Path: "auth/token/lookup-self", Token: made})
		}
	}
}

func (p *Patients) create(ctx context.Context, nodes []string, caller, key string) string {
	a := p.send(ctx, nodes, client.Request{Method: http.MethodPost, Path: "auth/token/create", Token: caller, Body: client.TokenRequest{}, Key: key})
	var body struct{ Auth client.Token }
	if a.Outcome != client.Done || a.Decode(&body) != nil {
		return ""
	}
	return body.Auth.ID
}

func (p *Patients) send(ctx context.Context, nodes []string, r client.Request) client.Answer {
	ctx, cancel := context.WithTimeout(ctx, patientLimit)
	defer cancel()
	start := time.Now()
	a, n := p.http.Persist(ctx, nodes, r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sum.Requests++
	p.sum.Slowest = max(p.sum.Slowest, time.Since(start))
	if n.Total() > 0 {
		p.sum.Retried++
		p.sum.Retries.Add(n)
	}
	if a.Outcome != client.Done {
		p.sum.Failed = append(p.sum.Failed, fmt.Sprintf("%s %s: %s", r.Method, r.Path, a))
	}
	return a
}

// Await returns when clients have been answered so many more times.
func (p *Patients) Await(ctx context.Context, answers int) error {
	tick := time.NewTicker(patientPause)
	defer tick.Stop()
	for before := p.answered(); p.answered() < before+answers; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

func (p *Patients) answered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sum.Requests
}
