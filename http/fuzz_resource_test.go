package http_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jeton-io/jeton/fsm/policy"
)

// Whatever is sent as the body of a cubbyhole value or a policy, under whatever
// name: the answer is a good one, nothing of it is a fault, and what was accepted
// is what is read back.
func FuzzResourceBodies(f *testing.F) {
	for _, body := range []string{
		"", "null", "{}", `{"a":1}`, `{"a":{"b":[1,2.50,"x",null,true]}}`, `{"a":1,"a":2}`, `{"\u0061":"\ud83d\ude00"}`, `{"a":1e999}`,
		`{"policy":"path \"x\" { capabilities = [\"read\"] }"}`, `{"policy":"{\"path\":{\"x\":{\"policy\":\"read\"}}}"}`,
		`{"policy":"bm9uc2Vuc2U=","rules":"x"}`, `{"rules":"path \"a/+/b*\" { policy = \"write\" }"}`,
		`{"policy":"path \"x\" { allowed_parameters = { a = [\"b*\", 5, {}] } min_wrapping_ttl = \"1m\" }"}`,
	} {
		for _, name := range []string{"a", "A b", "a/b", "a/", "ä", "root", "default"} {
			f.Add(name, body)
		}
	}
	s := newStand(f)
	s.policy("limited", `path "cubbyhole/*" {
		capabilities = ["create", "update", "read"]
		denied_parameters = { "a" = ["x"] }
		required_parameters = ["b"]
	}`)
	limited, _ := s.token(object{"policies": []string{"limited"}, "no_default_policy": true})
	f.Fuzz(func(t *testing.T, name, body string) {
		s := &stand{t, s.cluster, s.handler}
		path := strings.ReplaceAll(url.PathEscape(name), "%2F", "/")
		fuzzCubbyhole(t, s, "cubbyhole/"+path, body)
		for _, place := range []string{"sys/policies/acl/", "sys/policy/"} {
			fuzzPolicy(t, s, place+path, body)
		}
		for _, r := range []reply{
			s.send("POST", "cubbyhole/"+path, limited, body),
			s.send("POST", "sys/capabilities-self", limited, body),
			s.send("PUT", "sys/leases/revoke-prefix/none/"+path, root, body),
			s.send("PUT", "sys/leases/lookup", root, body),
			s.send("LIST", "sys/leases/lookup/"+path, root, nil),
		} {
			sound(t, r)
		}
	})
}

// sound checks what holds for every answer.
func sound(t *testing.T, r reply) {
	t.Helper()
	if r.status >= 500 {
		t.Fatalf("status %d %s", r.status, r.text)
	}
	if r.text != "" && !json.Valid([]byte(r.text)) || !utf8.ValidString(r.text) {
		t.Fatalf("status %d with no JSON: %q", r.status, r.text)
	}
	if r.status >= 400 && r.body["errors"] == nil {
		t.Fatalf("status %d without errors: %q", r.status, r.text)
	}
}

func fuzzCubbyhole(t *testing.T, s *stand, path, body string) {
	r := s.send("POST", path, root, body)
	sound(t, r)
	if r.status != 204 {
		return
	}
	got := s.must(200, "GET", path, root, nil)
	var envelope struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(got.text), &envelope); err != nil {
		t.Fatal(err)
	}
	if a, b := canonical(t, envelope.Data), canonical(t, []byte(body)); a != b {
		t.Fatalf("wrote %s, read %s", b, a)
	}
	s.must(204, "DELETE", path, root, nil)
}

func fuzzPolicy(t *testing.T, s *stand, path, body string) {
	r := s.send("PUT", path, root, body)
	sound(t, r)
	if r.status >= 300 {
		return
	}
	got := s.must(200, "GET", path, root, nil)
	text, _ := got.data()["policy"].(string)
	if text == "" {
		text, _ = got.data()["rules"].(string)
	}
	if text == "" || len(text) > policy.MaxTextBytes {
		t.Fatalf("accepted %q, holds %q", body, text)
	}
	if name, _ := got.data()["name"].(string); name != "default" { // which has to stay
		s.must(204, "DELETE", path, root, nil)
	}
}
