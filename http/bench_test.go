package http

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// canned answers without a machine, so that a benchmark measures this package.
type canned struct {
	*httptestcluster.Cluster
	created *fsm.TokenCreated
	renewed *fsm.TokenRenewed
}

func (c *canned) Propose(_ context.Context, p cluster.Proposal) (cluster.Reply, error) {
	r := cluster.Reply{Index: 1000}
	switch p.Command.(type) {
	case *fsm.TokenCreate:
		r.Result = c.created
	case *fsm.TokenRenew:
		r.Result = c.renewed
	default:
		r.Result = &fsm.TokenRevoked{Found: true}
	}
	return r, nil
}

func (c *canned) Read(_ context.Context, caller fsm.Caller, access fsm.Access) (cluster.View, *fsm.Actor, error) {
	st := c.Local()
	a, no := st.Resolve(caller, st.Clock)
	if no == nil {
		no = st.Authorize(a, access, caller)
	}
	if no != nil {
		return cluster.View{}, nil, no
	}
	return cluster.View{State: st, At: st.Clock}, a, nil
}

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (w *nowhere) WriteHeader(status int)      { w.status = status }

func BenchmarkHandler(b *testing.B) {
	for _, bench := range []struct{ name, method, path, body string }{
		{"lookup-self", "GET", "/v1/auth/token/lookup-self", ""},
		{"create-empty", "POST", "/v1/auth/token/create", ""},
		{"create", "POST", "/v1/auth/token/create", `{"policies":["default","web"],"ttl":"1h","meta":{"user":"armon"},"display_name":"bench"}`},
		{"lookup", "POST", "/v1/auth/token/lookup", `{"token":"root"}`},
		{"renew-self", "POST", "/v1/auth/token/renew-self", `{"increment":"1h"}`},
		{"revoke", "POST", "/v1/auth/token/revoke", `{"token":"` + newServiceToken() + `"}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			fake := &canned{Cluster: httptestcluster.New()}
			fake.created = &fsm.TokenCreated{
				Accessor: newAccessor(), Policies: []string{"default", "web"}, TTL: time.Hour, Renewable: true,
				Meta: []fsm.MetaPair{{Key: "user", Value: "armon"}},
			}
			d, err := fake.Digest(httptestcluster.Root)
			if err != nil {
				b.Fatal(err)
			}
			root, ok := fake.Local().Live(d, fake.Local().Clock)
			if !ok {
				b.Fatal("no root token")
			}
			fake.renewed = &fsm.TokenRenewed{TTL: time.Hour, Token: root}
			s, err := New(Config{Cluster: fake, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
			if err != nil {
				b.Fatal(err)
			}
			h := s.Handler()
			r := httptest.NewRequest(bench.method, bench.path, nil)
			r.Header.Set(headerToken, httptestcluster.Root)
			body := bytes.NewReader([]byte(bench.body))
			r.ContentLength = int64(len(bench.body))
			if len(bench.body) > 0 {
				r.Body = io.NopCloser(body)
			}
			w := &nowhere{header: make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				body.Seek(0, io.SeekStart)
				h.ServeHTTP(w, r)
			}
			if w.status/100 != 2 {
				b.Fatalf("status %d", w.status)
			}
		})
	}
}
