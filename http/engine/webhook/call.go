package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/jeton-io/jeton/http/dialer"
	"github.com/jeton-io/jeton/http/engine"
)

const (
	maxCalls       = 16       // under way to one service from one node
	maxAnswerBytes = 64 << 10 // what is read of an answer
	firstPause     = 100 * time.Millisecond
)

// answer is what a service said.
type answer struct {
	status int
	body   []byte // at most maxAnswerBytes
	unsure bool   // an attempt before it had no answer, and may still be carried out
}

// service is a configuration that can be called.
type service struct {
	config *Config
	secret *Secret
	client *http.Client
}

// call sends a message until there is an answer that will not change, within the
// time of the context. All attempts have one Idempotency-Key, so that to repeat one
// whose outcome is unknown is safe.
func (s *service) call(ctx context.Context, m *message) (*answer, error) {
	body, err := marshal(m)
	if err != nil {
		return nil, err
	}
	var a *answer
	unsure := false
	for try := 0; ; try++ {
		if try > 0 && !pause(ctx, firstPause<<(try-1)) {
			break
		}
		if a, err = s.attempt(ctx, body, m.idempotencyKey()); err == nil && !a.passing() {
			a.unsure = unsure
			return a, nil
		}
		unsure = true
		if try == s.config.MaxRetries || errors.Is(err, dialer.ErrRefused) {
			break
		}
	}
	if err != nil {
		return nil, engine.Unreachable("the webhook's service: %s", reach(err))
	}
	return nil, engine.Unreachable("the webhook's service %s", a.said())
}

// attempt is one call.
func (s *service) attempt(ctx context.Context, body []byte, key string) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(s.config.Timeout)*time.Second)
	defer cancel()
	now := time.Now()
	if deadline, ok := ctx.Deadline(); ok && now.Round(0).After(deadline.Round(0)) {
		return nil, context.DeadlineExceeded // the machine was suspended: see engine.Engine
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range s.secret.Headers { // order: headers have none
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	req.Header.Set("Jeton-Signature", sign(s.secret.SigningKey, now, body))
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "jeton")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes+1))
	if err == nil {
		err = ctx.Err() // a body that ended when the time did may lack its end
	}
	if err != nil {
		return nil, err
	}
	if len(text) > maxAnswerBytes {
		return nil, errTooLarge
	}
	return &answer{status: res.StatusCode, body: text}, nil
}

var errTooLarge = fmt.Errorf("its answer has more than %d bytes", maxAnswerBytes)

// pause waits before the next attempt, if there is time for one.
func pause(ctx context.Context, d time.Duration) bool {
	d += rand.N(d) // so that many do not come back at once
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// passing tells answers that the same call may not get the next time.
func (a *answer) passing() bool {
	switch a.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented:
		return false
	}
	return a.status >= 500
}

func (a *answer) ok() bool { return a.status >= 200 && a.status < 300 }

// said words an answer that is a no. The field error of a JSON answer is meant to be
// shown; nothing else of it is.
func (a *answer) said() string {
	text := fmt.Sprintf("answered %d", a.status)
	var no struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(a.body, &no) == nil && no.Error != "" {
		text += ": " + no.Error
	}
	return text
}

// no is the error of an answer that will not change.
func (a *answer) no() error {
	if a.status >= 300 && a.status < 400 {
		return engine.Refuse("the webhook's service answered %d: redirects are not followed", a.status)
	}
	return engine.Refuse("the webhook's service %s", a.said())
}

// reach says why there was no answer, without the URL that it was asked for.
func reach(err error) string {
	var cert *tls.CertificateVerificationError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, dialer.ErrRefused):
		return dialer.ErrRefused.Error()
	case errors.Is(err, errTooLarge):
		return errTooLarge.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "no answer in time"
	case errors.As(err, &cert):
		return "its certificate is not trusted"
	case errors.As(err, &dns):
		return "its host is not known"
	case errors.As(err, &op):
		return op.Op + ": " + op.Err.Error()
	}
	return "the call failed"
}
