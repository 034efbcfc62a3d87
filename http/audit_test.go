package http_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

var update = flag.Bool("update", false, "write the golden files anew")

// audited is a stand whose requests are written to a file.
type audited struct {
	*stand
	server *httpd.Server
	file   string
}

func newAudited(t testing.TB, options object) *audited {
	t.Helper()
	c := httptestcluster.New()
	server := newServer(t, httpd.Config{Cluster: c, LegacyPaths: true})
	s := &audited{&stand{t, c, server.Handler()}, server, filepath.Join(t.TempDir(), "audit.log")}
	with := object{"file_path": s.file}
	for k, v := range options {
		with[k] = v
	}
	s.must(204, "PUT", "sys/audit/file", root, object{"type": "file", "options": with})
	t.Cleanup(func() { server.Shutdown(t.Context()) })
	return s
}

// entries are those in the file, as they stand there.
func (s *audited) entries() []string {
	s.t.Helper()
	text, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		out = append(out, line)
	}
	return out
}

// trace is what one request leaves: its two entries.
func (s *audited) trace(method, path, token string, body any, header ...string) (reply, []object) {
	s.t.Helper()
	before := len(s.entries())
	r := s.send(method, path, token, body, header...)
	var left []object
	for _, line := range s.entries()[before:] {
		var e object
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		left = append(left, e)
	}
	return r, left
}

// at finds what stands in an entry under names divided by dots.
func at(e object, path string) any {
	var v any = map[string]any(e)
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (s *audited) hash(text string) string {
	s.t.Helper()
	return s.must(200, "PUT", "sys/audit-hash/file", root, object{"input": text}).data()["hash"].(string)
}

// Entries to the byte, but for what differs from run to run. A hash is shown as
// the text that audit-hash finds for it.
func TestAuditGolden(t *testing.T) {
	s := newAudited(t, nil)
	s.must(204, "PUT", "sys/config/auditing/request-headers/X-Trace", root, object{})
	s.must(204, "PUT", "sys/config/auditing/request-headers/X-Quiet", root, object{"hmac": true})
	before := len(s.entries())
	created := s.must(200, "POST", "auth/token/create", root, object{
		"policies": []string{"default"}, "ttl": "1h", "meta": object{"user": "armon"}, "num_uses": 5, "renewable": true,
	}, "X-Trace", "abc", "X-Quiet", "hush")
	auth := created.body["auth"].(map[string]any)
	token, accessor := auth["client_token"].(string), auth["accessor"].(string)
	s.must(200, "GET", "auth/token/lookup-self", token, nil)
	s.must(204, "POST", "cubbyhole/a/b", token, object{"password": "hunter2", "n": 5, "deep": object{"list": []any{"x", nil, true, 1.5}}})
	s.must(200, "LIST", "cubbyhole/a", token, nil)
	s.must(403, "GET", "sys/auth", token, nil)
	s.must(200, "GET", "auth/token/lookup/"+token, root, nil)
	s.must(400, "POST", "auth/token/create", root, object{"ttl": "hunter2"})
	s.must(403, "GET", "auth/token/lookup-self", "s.unknown", nil)
	s.must(400, "GET", "no/such/"+token, root, nil)
	s.must(200, "GET", "sys/health", "", nil)
	wrapped := s.must(200, "POST", "auth/token/create", root, object{}, "X-Vault-Wrap-TTL", "60")
	info := wrapped.body["wrap_info"].(map[string]any)
	text := strings.Join(s.entries()[before:], "")
	replace := map[string]string{}
	for name, secret := range map[string]string{
		"root": root, "token": token, "accessor": accessor, "root accessor": "rootAccessor000000000000", "unknown": "s.unknown",
		"wrapping": info["token"].(string), "wrapping accessor": info["accessor"].(string), "wrapped accessor": info["wrapped_accessor"].(string),
	} {
		replace[s.hash(secret)] = "hmac(" + name + ")"
	}
	for _, word := range []string{"hunter2", `"hunter2"`, "armon", "1h", "default", "x", "token", "service", "auth/token/create", "", "hush", "b", "GET, POST, PUT"} {
		replace[s.hash0(word)] = "hmac(" + word + ")"
	}
	text = regexp.MustCompile(`hmac-sha256:[0-9a-f]{64}`).ReplaceAllStringFunc(text, func(h string) string {
		if known, ok := replace[h]; ok {
			return known
		}
		return "hmac(?)"
	})
	text = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`).ReplaceAllString(text, "TIME")
	text = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(text, "UUID")
	text = regexp.MustCompile(`("creation_time":|"index":)\d+`).ReplaceAllString(text, "${1}0")
	const golden = "testdata/audit.golden"
	if *update {
		os.MkdirAll("testdata", 0o755)
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("entries are\n%s\nwant\n%s", text, want)
	}
}

// hash0 is hash, also of nothing, which audit-hash refuses.
func (s *audited) hash0(text string) string {
	if text == "" {
		return "-"
	}
	return s.hash(text)
}

// What a client sent is in the entries as audit-hash says, and nowhere in the
// clear, whatever way it was sent.
func TestAuditHoldsNoSecrets(t *testing.T) {
	s := newAudited(t, nil)
	chosen, _ := s.token(object{"policies": []string{"default"}, "id": "chosen-by-root-4711"})
	drawn, _ := s.token(object{"policies": []string{"default"}})
	upper, _ := s.token(object{"policies": []string{"default"}, "id": "chosen-ABCDEFGH"})
	s.must(204, "POST", "sys/auth/up", root, object{"type": "userpass"})
	s.must(204, "POST", "auth/up/users/alice", root, object{"password": "correct horse"})
	login := s.must(200, "POST", "auth/up/login/alice", "", object{"password": "correct horse"})
	alice := login.body["auth"].(map[string]any)["client_token"].(string)
	box := s.must(200, "POST", "sys/wrapping/wrap", root, object{"a": "wrapped secret"}, "X-Vault-Wrap-TTL", "1h")
	wrapping := box.body["wrap_info"].(map[string]any)["token"].(string)
	s.must(204, "POST", "sys/auth/token/tune", root, object{"audit_non_hmac_request_keys": "token,note", "audit_non_hmac_response_keys": "id"})
	for _, r := range []row{
		{method: "GET", path: "auth/token/lookup/" + chosen, token: root},
		{method: "GET", path: "auth/token/lookup?token=" + drawn, token: root},
		{method: "POST", path: "auth/token/lookup", token: root, body: object{"token": chosen, "note": drawn, "x": object{drawn: 1, upper: 2}, upper: 3}},
		{method: "POST", path: "auth/token/renew/" + drawn, token: root, body: `{"x":`},
		{method: "POST", path: "auth/token/renew-self", token: drawn, body: object{"increment": "misplaced secret"}},
		{method: "POST", path: "auth/token/create", token: root, body: object{"type": "misplaced secret"}},
		{method: "POST", path: "auth/token/create/misplacedSecret", token: root, body: object{}},
		{method: "GET", path: "no/such/" + drawn, token: chosen},
		{method: "GET", path: "no/such/" + chosen, token: chosen},
		{method: "GET", path: "cubbyhole/" + flip(drawn), token: chosen},
		{method: "POST", path: "auth/up/login/alice", body: object{"password": "wrong horse"}},
		{method: "POST", path: "sys/wrapping/lookup", body: object{"token": wrapping}},
		{method: "POST", path: "sys/wrapping/unwrap", token: root, body: object{"token": wrapping}},
		{method: "POST", path: "cubbyhole/x", token: chosen, body: object{"v": "cubby secret", drawn: "as a name"}},
		{method: "GET", path: "cubbyhole/x", token: chosen},
		{method: "POST", path: "auth/token/revoke/" + alice, token: root},
	} {
		s.send(r.method, r.path, r.token, r.body, "Idempotency-Key", "idempotent-4711", "Cookie", "token="+drawn)
	}
	text := strings.Join(s.entries(), "")
	for _, secret := range []string{
		chosen, upper, drawn, drawn[4:], flip(drawn), alice, wrapping, "correct horse", "wrong horse", "wrapped secret", "cubby secret", "misplaced secret", "idempotent-4711",
	} {
		if strings.Contains(text, secret) {
			i := strings.Index(text, secret)
			t.Errorf("log holds %q: %s", secret, text[max(0, i-300):min(len(text), i+100)])
		}
	}
	for _, sent := range []string{chosen, drawn, alice, wrapping, "correct horse", "wrapped secret", "cubby secret", "misplaced secret"} {
		if !strings.Contains(text, s.hash(sent)) {
			t.Errorf("log has no hash of %q", sent)
		}
	}
}

func TestAuditOptions(t *testing.T) {
	s := newAudited(t, object{"hmac_accessor": false, "elide_list_responses": true, "prefix": "@cee: ", "mode": "0640"})
	_, accessor := s.token(object{"policies": []string{"default"}})
	s.must(204, "POST", "sys/auth/token/tune", root, object{"audit_non_hmac_request_keys": "display_name", "audit_non_hmac_response_keys": "path"})
	s.must(200, "POST", "auth/token/lookup-accessor", root, object{"accessor": accessor, "display_name": "shown"})
	s.must(200, "LIST", "auth/token/accessors", root, nil)
	text := strings.Join(s.entries(), "")
	for _, want := range []string{
		"@cee: {\"time\":", `"accessor":"` + accessor + `"`, `"client_token_accessor":"rootAccessor`, `"display_name":"shown"`, `"path":"auth/token/create"`, `"data":{"keys":2}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("log lacks %s:\n%s", want, text)
		}
	}
	if info, err := os.Stat(s.file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
}

// What a device cannot take back is there twice: as asked and as answered, also
// when nothing came of it.
func TestAuditTraces(t *testing.T) {
	s := newAudited(t, nil)
	plain, _ := s.token(object{"policies": []string{"default"}})
	tests := []struct {
		name, method, path, token string
		body                      any
		status                    int
		error                     string
	}{
		{"done", "GET", "auth/token/lookup-self", plain, nil, 200, ""},
		{"denied", "GET", "sys/audit", plain, nil, 403, "permission denied"},
		{"without a token", "GET", "auth/token/lookup-self", "", nil, 403, "permission denied"},
		{"with a token made up", "GET", "auth/token/lookup-self", "made up", nil, 403, "permission denied"},
		{"no JSON", "POST", "auth/token/renew-self", plain, `{"x`, 400, "JSON"},
		{"a wrong path", "GET", "auth//token", plain, nil, 400, "empty segment"},
		{"a wrong verb", "PURGE", "auth/token/lookup-self", root, nil, 405, "unsupported"},
		{"nothing there", "GET", "cubbyhole/none", plain, nil, 404, "Not Found"},
		{"no such path", "GET", "no/such", root, nil, 404, "no handler"},
		{"nothing to say", "POST", "cubbyhole/x", plain, object{"a": 1}, 204, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, left := s.trace(tt.method, tt.path, tt.token, tt.body)
			if r.status != tt.status || len(left) != 2 {
				t.Fatalf("status %d, %d entries", r.status, len(left))
			}
			if left[0]["type"] != "request" || left[1]["type"] != "response" || at(left[0], "request.id") != at(left[1], "request.id") {
				t.Errorf("entries are %v and %v", left[0], left[1])
			}
			if got := at(left[1], "jeton.status"); got != float64(tt.status) {
				t.Errorf("status is shown as %v", got)
			}
			if got, _ := left[1]["error"].(string); !strings.Contains(got, tt.error) || (got == "") != (tt.error == "") {
				t.Errorf("error is shown as %q", got)
			}
			if index, _ := at(left[1], "jeton.index").(float64); index == 0 {
				t.Error("no index")
			}
		})
	}
	for _, path := range []string{"sys/health", "sys/leader", "sys/seal-status", "sys/init"} {
		if _, left := s.trace("GET", path, "", nil); len(left) > 0 {
			t.Errorf("GET %s left %v", path, left)
		}
	}
}

func TestAuditRoutes(t *testing.T) {
	s := newAudited(t, object{"write_timeout": "500ms", "queue": 100})
	list := s.must(200, "GET", "sys/audit", root, nil).data()["file/"].(map[string]any)
	if list["type"] != "file" || list["path"] != "file/" || at(list, "options.file_path") != s.file || at(list, "options.required") != "true" ||
		at(list, "options.write_timeout") != "500ms" || at(list, "options.queue") != "100" {
		t.Errorf("device is listed as %v", list)
	}
	s.must(204, "POST", "sys/audit/out/", root, object{"type": "file", "options": object{"file_path": "discard", "required": "false", "write_timeout": "3"}})
	if got := at(s.must(200, "GET", "sys/audit", root, nil).data(), "out/.options.write_timeout"); got != "3s" {
		t.Errorf("write_timeout is %v", got)
	}
	if a, b := s.hash("x"), s.must(200, "POST", "sys/audit-hash/out", root, object{"input": "x"}).data()["hash"]; a == b {
		t.Error("two devices have one salt")
	}
	s.must(204, "DELETE", "sys/audit/out/", root, nil)
	s.must(204, "DELETE", "sys/audit/out", root, nil)
	s.must(400, "POST", "sys/audit-hash/out", root, object{"input": "x"})
	s.must(204, "POST", "sys/config/auditing/request-headers/X-Forwarded-For", root, object{"hmac": true})
	if got := s.must(200, "GET", "sys/config/auditing/request-headers/x-forwarded-for", root, nil).data(); at(got, "x-forwarded-for.hmac") != true {
		t.Errorf("header is shown as %v", got)
	}
	if got := s.must(200, "GET", "sys/config/auditing/request-headers", root, nil).data(); at(got, "headers.x-forwarded-for.hmac") != true {
		t.Errorf("headers are shown as %v", got)
	}
	s.must(204, "DELETE", "sys/config/auditing/request-headers/X-FORWARDED-FOR", root, nil)
	s.must(400, "GET", "sys/config/auditing/request-headers/x-forwarded-for", root, nil)
	// A device is the cluster's: another server of it writes to it too.
	other := newServer(t, httpd.Config{Cluster: s.cluster})
	before := len(s.entries())
	(&stand{t, s.cluster, other.Handler()}).must(200, "GET", "auth/token/lookup-self", root, nil)
	if got := len(s.entries()) - before; got != 2 {
		t.Errorf("another server left %d entries", got)
	}
	other.Shutdown(t.Context())
}
