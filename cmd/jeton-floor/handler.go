package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// The answers, in form and length those of a server.
const (
	created = `{"request_id":"5b1f0f0e-2b1c-4a7e-9d5c-3f6f0d1c2b3a","lease_id":"","renewable":false,"lease_duration":0,"data":null,"wrap_info":null,"warnings":null,` +
		`"auth":{"client_token":"jts_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ","accessor":"0123456789abcdefghijklmn","policies":["default"],"token_policies":["default"],` +
		`"metadata":null,"lease_duration":3600,"renewable":true,"entity_id":"","token_type":"service","orphan":false,"mfa_requirement":null,"num_uses":0}}`
	found = `{"request_id":"5b1f0f0e-2b1c-4a7e-9d5c-3f6f0d1c2b3a","lease_id":"","renewable":false,"lease_duration":0,"data":{"accessor":"0123456789abcdefghijklmn",` +
		`"creation_time":1764000000,"creation_ttl":3600,"display_name":"token","entity_id":"","expire_time":"2026-11-29T17:00:00Z","explicit_max_ttl":0,"id":"jts_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",` +
		`"issue_time":"2026-11-29T16:00:00Z","meta":null,"num_uses":0,"orphan":false,"path":"auth/token/create","policies":["default"],"renewable":true,"ttl":3600,"type":"service"},"wrap_info":null,"warnings":null,"auth":null}`
)

// handler is the bare handler, and what jeton status and jeton bench ask besides.
func handler(node *cluster.Node, local bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/sys/leader", func(w http.ResponseWriter, _ *http.Request) {
		s := node.Status()
		say(w, map[string]any{"ha_enabled": true, "is_self": s.Leader, "leader_address": "http://" + s.LeaderHTTPAddr})
	})
	mux.HandleFunc("GET /v1/sys/seal-status", func(w http.ResponseWriter, _ *http.Request) {
		s := node.Status()
		say(w, map[string]any{"initialized": s.Initialized, "sealed": !s.Ready, "type": "floor"})
	})
	mux.HandleFunc("GET /v1/sys/health", func(w http.ResponseWriter, _ *http.Request) {
		s := node.Status()
		if !s.HasQuorum {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		say(w, map[string]any{"initialized": s.Initialized, "sealed": !s.Ready, "standby": !s.Leader, "quorum": s.HasQuorum})
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if err == nil {
			_, err = node.Propose(r.Context(), cluster.Proposal{Command: &fsm.Tick{}})
		}
		give(w, created, err)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		var err error
		if !local {
			_, err = node.View(r.Context())
		}
		give(w, found, err)
	})
	return mux
}

func give(w http.ResponseWriter, body string, err error) {
	if err != nil {
		http.Error(w, fmt.Sprintf(`{"errors":[%q]}`, err), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, body)
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // who does not read it has gone
}
