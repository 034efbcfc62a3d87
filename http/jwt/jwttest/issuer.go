package jwttest

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
)

// Issuer is a server with keys, a good one until told otherwise.
type Issuer struct {
	URL     string
	Fetches atomic.Int64 // of keys

	server *httptest.Server
	mu     sync.Mutex
	keys   []*Key
	answer http.HandlerFunc // instead of the keys
}

// NewIssuer starts an issuer with TLS.
func NewIssuer(keys ...*Key) *Issuer {
	i := &Issuer{keys: keys}
	i.server = httptest.NewTLSServer(i)
	i.URL = i.server.URL
	return i
}

// CA is the authority that the issuer's certificate is verified with.
func (i *Issuer) CA() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw}))
}

// Keys is where the keys are.
func (i *Issuer) Keys() string { return i.URL + "/keys" }

// Rotate replaces the keys.
func (i *Issuer) Rotate(keys ...*Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

// Answer has keys answered in another way; nil ends that.
func (i *Issuer) Answer(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = h
}

// Close stops the issuer; who asks it for keys is refused from then on.
func (i *Issuer) Close() {
	i.server.CloseClientConnections()
	i.server.Close()
}

// ServeHTTP answers as an issuer does.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	answer, keys := i.answer, i.keys
	i.mu.Unlock()
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.Keys()})
	case "/keys":
		i.Fetches.Add(1)
		if answer != nil {
			answer(w, r)
			return
		}
		WriteKeys(w, keys...)
	default:
		http.NotFound(w, r)
	}
}

// WriteKeys answers with a set of keys.
func WriteKeys(w http.ResponseWriter, keys ...*Key) {
	set := []map[string]any{}
	for _, k := range keys {
		set = append(set, k.JWK())
	}
	json.NewEncoder(w).Encode(map[string]any{"keys": set})
}
