package load

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a token server of a few dozen lines. It tells the truth, but for one lie.
type fake struct {
	lie string

	mu     sync.Mutex
	tokens map[string]*fakeToken
	byKey  map[string]string
	made   int
	asked  int
}

type fakeToken struct {
	parent   string
	uses     int // -1: spent
	ttl      time.Duration
	deadline time.Time
	revoked  bool
	value    string
	old      string
}

// The lies, each about one in so many.
const oneIn = 20

func newFake(t *testing.T, lie string) *httptest.Server {
	f := &fake{lie: lie, tokens: map[string]*fakeToken{"root": {}}, byKey: make(map[string]string)}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s
}

// lies says whether now is the time for this lie.
func (f *fake) lies(lie string) bool {
	f.asked++
	return f.lie == lie && f.asked%oneIn == 0
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var body struct {
		ID, Token, TTL, Value string
		NumUses               int `json:"num_uses"`
	}
	if r.ContentLength > 0 {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			panic(err)
		}
	}
	caller := r.Header.Get("X-Vault-Token")
	if !f.accepts(caller) {
		http.Error(w, `{"errors":["permission denied"]}`, http.StatusForbidden)
		return
	}
	t := f.tokens[caller]
	if t.uses > 0 && !f.lies("uses are not counted") {
		if t.uses--; t.uses == 0 {
			t.uses = -1
		}
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/v1/"); path {
	case "auth/token/create":
		id := f.create(caller, r.Header.Get("Idempotency-Key"), body.ID, body.NumUses, body.TTL)
		if f.lies("what was done is denied") {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"errors":["no leader; the request was not applied"]}`)
			return
		}
		fmt.Fprintf(w, `{"auth":{"client_token":%q}}`, id)
	case "auth/token/lookup":
		if !f.accepts(body.Token) {
			http.Error(w, `{"errors":["bad token"]}`, http.StatusForbidden)
		}
	case "auth/token/lookup-self":
	case "auth/token/renew-self":
		if !f.lies("renewals are lost") {
			t.deadline = time.Now().Add(t.ttl)
		}
	case "auth/token/revoke":
		if other := f.tokens[body.Token]; other != nil && !f.lies("revocations are lost") {
			other.revoked = true
		}
	case "auth/token/accessors":
		f.list(w)
	case "cubbyhole/register":
		f.cubbyhole(w, r.Method, t, body.Value)
	default:
		panic(path)
	}
}

func (f *fake) accepts(id string) bool {
	t := f.tokens[id]
	if t == nil || t.uses < 0 || t.revoked || !t.deadline.IsZero() && time.Now().After(t.deadline) {
		return false
	}
	if id != "root" && t.parent != "root" && f.lie != "children outlive their parents" {
		return f.accepts(t.parent)
	}
	return true
}

func (f *fake) create(parent, key, id string, uses int, ttl string) string {
	if made, ok := f.byKey[key]; ok && key != "" && f.lie != "keys are forgotten" {
		return made
	}
	f.made++
	if id == "" {
		id = fmt.Sprint("made-", f.made)
	}
	f.byKey[key] = id
	if f.lies("creations are lost") {
		return id
	}
	t := &fakeToken{parent: parent, uses: uses}
	if d, err := time.ParseDuration(ttl); err == nil {
		t.ttl, t.deadline = d, time.Now().Add(d)
	}
	f.tokens[id] = t
	return id
}

func (f *fake) list(w http.ResponseWriter) {
	var keys []string
	for id := range f.tokens {
		if f.accepts(id) {
			keys = append(keys, id)
		}
	}
	json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"keys": keys}})
}

func (f *fake) cubbyhole(w http.ResponseWriter, method string, t *fakeToken, value string) {
	if method == http.MethodPost {
		t.old, t.value = t.value, value
		return
	}
	shown := t.value
	if f.lies("reads are stale") {
		shown = t.old
	}
	if shown == "" {
		http.Error(w, `{"errors":[]}`, http.StatusNotFound)
		return
	}
	fmt.Fprintf(w, `{"data":{"value":%q}}`, shown)
}
