package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Client keeps connections to any number of nodes. It is safe for concurrent use.
type Client struct {
	// Timeout bounds one request, dialling included.
	Timeout time.Duration

	mu   sync.Mutex
	idle map[string][]*conn // by host:port
}

// New makes a client.
func New(timeout time.Duration) *Client {
	return &Client{Timeout: timeout, idle: make(map[string][]*conn)}
}

// Request is one request to one node.
type Request struct {
	Node   string // http://host:port
	Method string
	Path   string // below /v1/
	Token  string
	Body   any    // marshalled as JSON; nil: none
	Key    string // Idempotency-Key
	Wrap   string // X-Vault-Wrap-TTL
}

// Answer is what came of a request.
type Answer struct {
	Outcome Outcome
	Status  int // 0: no answer
	Header  http.Header
	Body    []byte
	Err     error // why there is no answer
	Took    time.Duration
}

// Decode reads the answer's body.
func (a Answer) Decode(v any) error {
	if a.Err != nil {
		return a.Err
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("answer %d: %w", a.Status, err)
	}
	return nil
}

// String is for messages: status and what the server said, never what it gave.
func (a Answer) String() string {
	switch {
	case a.Err != nil:
		return a.Err.Error()
	case a.Status >= 400:
		return fmt.Sprintf("%d %s", a.Status, bytes.TrimSpace(a.Body))
	}
	return fmt.Sprint(a.Status)
}

// notApplied is the server's promise, in every 503 that was without effect.
const notApplied = "the request was not applied"

// maxAnswerBytes bounds an answer: accessor lists and metrics are the largest.
const maxAnswerBytes = 256 << 20

// Do sends the request once.
func (c *Client) Do(ctx context.Context, r Request) Answer {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	a := c.exchange(ctx, r)
	a.Took = time.Since(start)
	return a
}

func (c *Client) exchange(ctx context.Context, r Request) Answer {
	req, err := r.build()
	if err != nil {
		return Answer{Outcome: Void, Err: err}
	}
	cn, err := c.take(ctx, req.URL.Host)
	if err != nil {
		return Answer{Outcome: Void, Err: err}
	}
	unhook := context.AfterFunc(ctx, cn.abort)
	a, keep := cn.roundTrip(req)
	if unhook() && keep {
		c.give(req.URL.Host, cn)
	} else {
		cn.close()
	}
	if a.Err != nil && ctx.Err() != nil {
		a.Err = fmt.Errorf("%w (%w)", ctx.Err(), a.Err)
	}
	return a
}

func (r Request) build() (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		b, err := json.Marshal(r.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(r.Method, r.Node+"/v1/"+r.Path, body)
	if err != nil {
		return nil, err
	}
	if r.Token != "" {
		req.Header.Set("X-Vault-Token", r.Token)
	}
	if r.Key != "" {
		req.Header.Set("Idempotency-Key", r.Key)
	}
	if r.Wrap != "" {
		req.Header.Set("X-Vault-Wrap-TTL", r.Wrap)
	}
	return req, nil
}

// judge says what a status lets a client conclude.
func judge(status int, body []byte) Outcome {
	switch {
	case status >= 200 && status < 300:
		return Done
	case status == http.StatusTooManyRequests:
		return Void // nobody looked at it
	case status >= 400 && status < 500:
		return Refused
	case status == http.StatusServiceUnavailable && strings.Contains(string(body), notApplied):
		return Void
	}
	return Open
}

// Unavailable says that the node could not serve the request, as opposed to
// refusing it.
func (a Answer) Unavailable() bool {
	return a.Err != nil || a.Status == http.StatusServiceUnavailable
}

// CloseIdle drops the connections that wait.
func (c *Client) CloseIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for host, conns := range c.idle {
		for _, cn := range conns {
			cn.close()
		}
		delete(c.idle, host)
	}
}
