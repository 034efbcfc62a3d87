package main

import (
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// hookWork is what the service needs for one call.
const hookWork = 5 * time.Millisecond

// hook is a service that makes and ends secrets for engines of type webhook, and
// counts how it is asked to.
type hook struct {
	URL string

	server *http.Server
	mu     sync.Mutex
	mounts map[string]*hooked
	now    int       // revocations under way
	most   int       // of them at once
	order  []*hooked // whose secrets were ended, one after the other
}

// hooked is what the service knows of one mount.
type hooked struct {
	dead      bool // nothing is revoked: calls hang
	issued    map[string]bool
	revoked   map[string]int
	now, most int // as of hook
}

// startHook serves the mounts on loopback, where a webhook may do without TLS.
func startHook(mounts map[string]*hooked) (*hook, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &hook{URL: "http://" + l.Addr().String(), mounts: mounts}
	for _, m := range mounts { // order: none matters
		m.issued, m.revoked = make(map[string]bool), make(map[string]int)
	}
	h.server = &http.Server{Handler: h}
	go h.server.Serve(l)
	return h, nil
}

func (h *hook) close() { h.server.Close() }

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Action string
		Lease  string `json:"lease_id"`
		Mount  string
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&call); err != nil {
		http.Error(w, `{"error":"not a call"}`, http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	m := h.mounts[call.Mount]
	h.mu.Unlock()
	switch {
	case m == nil:
		http.Error(w, `{"error":"not a mount of ours"}`, http.StatusBadRequest)
	case call.Action == "issue":
		h.mu.Lock()
		m.issued[call.Lease] = true
		h.mu.Unlock()
		w.Write([]byte(`{"key":"` + rand.Text() + `"}`))
	case call.Action == "revoke":
		h.enter(m)
		defer h.leave(m)
		if m.dead {
			<-r.Context().Done() // until the caller hangs up
			return
		}
		time.Sleep(hookWork)
		h.mu.Lock()
		if m.revoked[call.Lease]++; m.revoked[call.Lease] == 1 {
			h.order = append(h.order, m)
		}
		h.mu.Unlock()
	default:
		w.WriteHeader(http.StatusNotImplemented)
	}
}

func (h *hook) enter(m *hooked) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now, m.now = h.now+1, m.now+1
	h.most, m.most = max(h.most, h.now), max(m.most, m.now)
}

func (h *hook) leave(m *hooked) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now, m.now = h.now-1, m.now-1
}

// counts is how many leases a mount has had made and ended, and how many calls to
// end one came again.
func (h *hook) counts(m *hooked) (issued, revoked, again int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range m.revoked { // order: a sum
		again += n - 1
	}
	return len(m.issued), len(m.revoked), again
}

// after is how many secrets of a mount were ended after the last of another's.
func (h *hook) after(m, last *hooked) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, ended := range slices.Backward(h.order) {
		if ended == last {
			break
		}
		if ended == m {
			n++
		}
	}
	return n
}
