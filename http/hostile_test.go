package http_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// hostile is a request that must be refused. It is sent as it stands, byte for
// byte, by nobody's client library.
type hostile struct {
	method, target string
	body           string
	header         []string // lines; without one with X-Vault-Token the root token is shown
	status         int
	says           string // parts of the message, divided by " ... "
}

// Each of these gets the right status and a message that names what is wrong,
// and changes nothing.
func TestHostileRequests(t *testing.T) {
	var rows []hostile
	for _, group := range [][]hostile{
		malformedBodies(), wrongTypes(), wrongDurations(), wrongNumbers(), wrongNames(),
		wrongPaths(), wrongVerbs(), wrongHeaders(), wrongCallers(), wrongPolicies(),
	} {
		rows = append(rows, group...)
	}
	if len(rows) < 150 {
		t.Errorf("%d requests, want at least 150", len(rows))
	}
	c := httptestcluster.New()
	_, addr := serve(t, httpd.Config{Cluster: c, LegacyPaths: true})
	for i, row := range rows {
		t.Run(fmt.Sprintf("%03d %s %.60s", i, row.method, row.target), func(t *testing.T) {
			before := holdings(c)
			status, errs := row.send(t, addr)
			if status != row.status {
				t.Errorf("body %.80q: %d %q, want %d", row.body, status, errs, row.status)
			}
			for part := range strings.SplitSeq(row.says, " ... ") {
				if message := strings.Join(errs, "\n"); !strings.Contains(message, part) {
					t.Errorf("body %.80q: message is %q, want %q in it", row.body, message, part)
				}
			}
			if after := holdings(c); after != before {
				t.Errorf("body %.80q: something changed:\nbefore %s\nafter  %s", row.body, before, after)
			}
		})
	}
}

// FuzzRequest sends any request as root: whatever it is, it is answered, and
// never with an internal error.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/v1/auth/token/create", `{"ttl":"1h"}`)
	f.Add("GET", "/v1/auth/token/lookup?token=x&list=0", "")
	f.Add("LIST", "/v1/auth/token/roles/", "")
	f.Add("PUT", "/v1/auth/token/roles/a", `{"token_bound_cidrs":["::/0"],"token_type":"batch"}`)
	f.Add("POST", "/v1/auth/token/renew/jts_x", `{"increment":1}`)
	f.Add("POST", "/v1/auth/token/revoke-prefix/auth/x", "")
	f.Add("PUT", "/v1/sys/policies/acl/p", `{"policy":"path \"x\" { policy = \"read\" }"}`)
	f.Add("DELETE", "/v1/cubbyhole/a/%41", "")
	f.Add("POST", "/v1/sys/capabilities", `{"paths":["a"],"token":"root"}`)
	f.Add("PUT", "/v1/sys/leases/lookup", `{"lease_id":"auth/token/create/h00"}`)
	c := httptestcluster.New()
	h := newServer(f, httpd.Config{Cluster: c, LegacyPaths: true}).Handler()
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || method == "" || strings.Contains(target, "root") || strings.Contains(body, "root") {
			return // the root token must survive
		}
		r := (&http.Request{
			Method: method, URL: u, Header: http.Header{"X-Vault-Token": {root}}, RemoteAddr: "192.0.2.1:1", ProtoMajor: 1, ProtoMinor: 1,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}).WithContext(context.Background())
		if strings.HasSuffix(u.Path, "-self") && method != "GET" {
			return // nor may it end itself
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 200 {
			t.Errorf("%q %q %q: %d %s", method, target, body, w.Code, w.Body)
		}
		if w.Body.Len() > 0 && w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q %q %q: answer is no JSON: %s", method, target, body, w.Body)
		}
	})
}

// holdings is what the cluster keeps. (The state's hash also covers the counter
// of commands, which a refusal by the machine moves.)
func holdings(c *httptestcluster.Cluster) string {
	st := c.Local()
	b, err := json.Marshal(map[string]any{
		"tokens": st.CountTokens(), "accessors": st.LiveAccessors(st.Clock), "policies": st.PolicyNames(), "roles": st.RoleNames(),
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (h hostile) send(t *testing.T, addr string) (status int, errs []string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: jeton.test\r\n", h.method, h.target)
	if !strings.Contains(strings.Join(h.header, "\n"), "Token:") {
		b.WriteString("X-Vault-Token: root\r\n")
	}
	for _, line := range h.header {
		b.WriteString(line + "\r\n")
	}
	if h.body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(h.body))
	}
	if _, err := io.WriteString(conn, b.String()+"\r\n"+h.body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: h.method})
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if h.method == "HEAD" || resp.Header.Get("Content-Type") != "application/json" { // by net/http itself
		return resp.StatusCode, []string{string(text)}
	}
	var body struct{ Errors []string }
	if err := json.Unmarshal(text, &body); err != nil || body.Errors == nil {
		t.Errorf("answer is %s, want errors", text)
	}
	return resp.StatusCode, body.Errors
}

// post is a hostile body for a path.
func post(path, body string, status int, says string) hostile {
	return hostile{method: "POST", target: "/v1/" + path, body: body, status: status, says: says}
}

func malformedBodies() (rows []hostile) {
	deep := `{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`
	many := `{"a":1` + strings.Repeat(`,"a":1`, 2000) + `}`
	for _, path := range []string{
		"auth/token/create", "auth/token/create-orphan", "auth/token/create/role", "auth/token/lookup", "auth/token/lookup-self",
		"auth/token/renew", "auth/token/revoke", "auth/token/roles/r", "cubbyhole/a", "sys/policies/acl/p", "sys/capabilities", "sys/leases/lookup",
	} {
		rows = append(rows,
			post(path, `{"policies":`, 400, "body ends early"),
			post(path, `[1,2]`, 400, "body is a list, expected an object"),
			post(path, `{"a":1} trailing`, 400, "expected nothing after the object"),
			post(path, "{\"a\":\"\xc3\x28\"}", 400, "not valid UTF-8"),
		)
	}
	return append(rows,
		post("auth/token/create", "not json", 400, "expected a value"),
		post("auth/token/create", `"text"`, 400, "body is a string"),
		post("auth/token/create", "policies=default&ttl=1h", 400, "expected a value"),
		post("auth/token/create", "<create/>", 400, "expected a value"),
		post("auth/token/create", deep, 400, "nested deeper than 32"),
		post("cubbyhole/a", deep, 400, "nested deeper than 32"),
		post("auth/token/create", many, 400, "more than 1024 fields"),
		post("auth/token/create", `{"display_name":"\ud800"}`, 400, "unpaired surrogate"),
		post("auth/token/create", "{\"display_name\":\"a\nb\"}", 400, "control character 0x0a"),
		post("auth/token/create", "\xef\xbb\xbf{}", 400, "expected a value"),
		post("auth/token/create", "\xff\xfe{\x00}\x00", 400, "expected a value"),
		post("auth/token/create", `{"num_uses":0x10}`, 400, "after the value"),
		post("auth/token/create", `{"ttl":NaN}`, 400, "expected a value"),
		post("auth/token/create", "\x00", 400, "expected a value"),
	)
}

func wrongTypes() (rows []hostile) {
	field := func(path, body, name, says string) {
		rows = append(rows, post(path, body, 400, `field "`+name+`": ... `+says))
	}
	create := "auth/token/create"
	field(create, `{"policies":{"a":"b"}}`, "policies", "is an object, expected a list of strings")
	field(create, `{"policies":5}`, "policies", "is a number, expected a list of strings")
	field(create, `{"policies":["a",{}]}`, "policies", "item 1 is an object, expected a string")
	field(create, `{"policies":[["a"]]}`, "policies", "item 0 is a list, expected a string")
	field(create, `{"policies":[null]}`, "policies", "item 0 is null, expected a string")
	field(create, `{"display_name":["x"]}`, "display_name", "is a list, expected a string")
	field(create, `{"display_name":{}}`, "display_name", "is an object, expected a string")
	field(create, `{"id":["x"]}`, "id", "is a list, expected a string")
	field(create, `{"no_parent":"perhaps"}`, "no_parent", `is the string "perhaps", expected true or false`)
	field(create, `{"no_parent":[]}`, "no_parent", "is a list, expected true or false")
	field(create, `{"renewable":"maybe"}`, "renewable", "expected true or false")
	field(create, `{"no_default_policy":{}}`, "no_default_policy", "is an object, expected true or false")
	field(create, `{"ttl":["1h"]}`, "ttl", "is a list, expected seconds")
	field(create, `{"ttl":true}`, "ttl", "is a boolean, expected seconds")
	field(create, `{"lease":{}}`, "lease", "is an object, expected seconds")
	field(create, `{"meta":"x"}`, "meta", "is a string, expected an object of strings")
	field(create, `{"meta":["a=b"]}`, "meta", "is a list, expected an object of strings")
	field(create, `{"meta":{"a":{"b":"c"}}}`, "meta", `entry "a" is an object, expected a string`)
	field(create, `{"meta":{"a":[1]}}`, "meta", `entry "a" is a list, expected a string`)
	field(create, `{"meta":{"a":null}}`, "meta", `entry "a" is null, expected a string`)
	field(create, `{"num_uses":[]}`, "num_uses", "is a list, expected a whole number")
	field(create, `{"type":"nonsense"}`, "type", `is "nonsense", expected service or batch`)
	field(create, `{"type":5}`, "type", `is "5", expected service or batch`)
	field("auth/token/lookup", `{"token":["x"]}`, "token", "is a list, expected a string")
	field("auth/token/lookup-accessor", `{"accessor":{}}`, "accessor", "is an object, expected a string")
	field("auth/token/renew", `{"token":{}}`, "token", "is an object, expected a string")
	field("auth/token/renew-self", `{"increment":{}}`, "increment", "is an object, expected seconds")
	field("auth/token/renew-accessor", `{"accessor":["x"]}`, "accessor", "is a list, expected a string")
	field("auth/token/revoke", `{"token":[]}`, "token", "is a list, expected a string")
	field("auth/token/revoke-orphan", `{"token":{}}`, "token", "is an object, expected a string")
	field("auth/token/revoke-accessor", `{"accessor":[]}`, "accessor", "is a list, expected a string")
	field("auth/token/roles/r", `{"allowed_policies":{}}`, "allowed_policies", "is an object, expected a list of strings")
	field("auth/token/roles/r", `{"orphan":"perhaps"}`, "orphan", "expected true or false")
	field("auth/token/roles/r", `{"path_suffix":[]}`, "path_suffix", "is a list, expected a string")
	field("auth/token/roles/r", `{"token_type":"nonsense"}`, "token_type", `is "nonsense", expected service`)
	field("auth/token/roles/r", `{"token_bound_cidrs":["not-a-cidr"]}`, "token_bound_cidrs", `"not-a-cidr" is neither an IP address nor a range`)
	field("auth/token/roles/r", `{"bound_cidrs":"10.0.0.0/99"}`, "bound_cidrs", `"10.0.0.0/99" is neither`)
	field("auth/token/roles/r", `{"token_bound_cidrs":"fe80::1%eth0"}`, "token_bound_cidrs", "is neither")
	field("auth/token/roles/r", `{"token_bound_cidrs":"::ffff:0:0/90"}`, "token_bound_cidrs", "reaches beyond IPv4")
	return rows
}

func wrongDurations() (rows []hostile) {
	for _, f := range []struct{ path, name string }{
		{"auth/token/create", "ttl"}, {"auth/token/create", "lease"}, {"auth/token/create", "explicit_max_ttl"}, {"auth/token/create", "period"},
		{"auth/token/renew-self", "increment"}, {"auth/token/roles/r", "token_period"}, {"auth/token/roles/r", "explicit_max_ttl"},
	} {
		for _, v := range []struct{ value, says string }{
			{`"soon"`, `invalid duration "soon"`},
			{`"-1h"`, `duration "-1h" is negative`},
			{`-5`, `duration "-5" is negative`},
			{`"99999999999999999999h"`, "is too long"},
			{`99999999999999999999`, "is too long"},
			{`1e30`, `invalid duration "1e30"`},
			{`"500ms"`, "is shorter than a second"},
		} {
			rows = append(rows, post(f.path, `{"`+f.name+`":`+v.value+`}`, 400, `field "`+f.name+`": ... `+v.says))
		}
	}
	return rows
}

func wrongNumbers() (rows []hostile) {
	for _, f := range []struct{ path, name string }{{"auth/token/create", "num_uses"}, {"auth/token/roles/r", "token_num_uses"}} {
		for _, v := range []struct{ value, says string }{
			{`-1`, "cannot be negative"},
			{`"-3"`, "cannot be negative"},
			{`-99999999999999999999`, "cannot be negative"},
			{`1.5`, `is "1.5", expected a whole number`},
			{`"many"`, `is "many", expected a whole number`},
			{`99999999999999999999`, "is too large"},
			{`2147483649`, "at most 2147483648 is allowed"},
		} {
			rows = append(rows, post(f.path, `{"`+f.name+`":`+v.value+`}`, 400, `field "`+f.name+`": ... `+v.says))
		}
	}
	return rows
}

func wrongNames() []hostile {
	long := func(n int) string { return strings.Repeat("x", n) }
	list := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	pairs := make([]string, 65)
	for i := range pairs {
		pairs[i] = fmt.Sprintf(`"k%d":"v"`, i)
	}
	return []hostile{
		post("auth/token/create", `{"id":"two words"}`, 400, "without white space"),
		post("auth/token/create", `{"id":"a.b"}`, 400, "cannot contain '.' or '/'"),
		post("auth/token/create", `{"id":"jts_mine"}`, 400, `cannot start with "jts_"`),
		post("auth/token/create", `{"id":"\u202egnp"}`, 400, "printable ASCII"),
		post("auth/token/create", `{"id":"`+long(257)+`"}`, 400, `field "id": has 257 bytes`),
		post("auth/token/create", `{"id":"root"}`, 400, "duplicate ID"),
		post("auth/token/create", `{"policies":`+list(65, `"p"`)+`}`, 400, `field "policies": has 65 items, at most 64`),
		post("auth/token/create", `{"policies":["`+long(257)+`"]}`, 400, "policy name"),
		post("auth/token/create", `{"policies":["response-wrapping"]}`, 400, "response-wrapping"),
		post("auth/token/create", `{"display_name":"`+long(300)+`"}`, 400, "display_name"),
		post("auth/token/create", `{"meta":{`+strings.Join(pairs, ",")+`}}`, 400, `field "meta": has 65 entries`),
		post("auth/token/create", `{"meta":{"a":"`+long(5000)+`"}}`, 400, "meta"),
		post("auth/token/create", `{"entity_alias":"x"}`, 400, "entity_alias"),
		post("auth/token/create/no-such-role", `{}`, 400, "unknown role no-such-role"),
		post("auth/token/roles/-dash", `{}`, 400, "role name"),
		post("auth/token/roles/a%20b", `{}`, 400, "role name"),
		post("auth/token/roles/%C3%BC", `{}`, 400, "role name"),
		post("auth/token/roles/"+long(257), `{}`, 400, "role name"),
		post("auth/token/roles/r", `{"path_suffix":"a/b"}`, 400, "path suffix"),
		post("auth/token/roles/r", `{"path_suffix":"a..b"}`, 400, "path suffix"),
		post("auth/token/roles/r", `{"token_type":"batch"}`, 400, "batch"),
		post("auth/token/roles/r", `{"allowed_policies":`+list(257, `"p"`)+`}`, 400, "has 257 items"),
		post("auth/token/roles/r", `{"token_bound_cidrs":`+list(65, `"10.0.0.1"`)+`}`, 400, "has 65 items"),
		post("auth/token/renew", `{}`, 400, "missing token ID"),
		post("auth/token/renew", `{"token":"s.nosuchtoken"}`, 400, "token not found"),
		post("auth/token/renew-accessor", `{}`, 400, "missing accessor"),
		post("auth/token/renew-accessor", `{"accessor":"`+long(257)+`"}`, 400, `field "accessor": has 257 bytes`),
		post("auth/token/renew-self", `{}`, 400, "lease"),
		post("auth/token/revoke", `{"token":""}`, 400, "missing token ID"),
		post("auth/token/revoke", `{"token":"`+long(5000)+`"}`, 400, `field "token": has 5000 bytes`),
		post("auth/token/revoke-orphan", `{}`, 400, "missing token ID"),
		post("auth/token/revoke-orphan", `{"token":"s.nosuchtoken"}`, 400, "not found"),
		post("auth/token/lookup", `{"token":"s.nosuchtoken"}`, 403, "bad token"),
		post("auth/token/lookup-accessor", `{}`, 400, "missing accessor"),
		post("auth/token/lookup-accessor", `{"accessor":"nosuchaccessor"}`, 400, "invalid accessor"),
		post("auth/token/revoke-prefix//", ``, 400, "empty segment"),
	}
}

func wrongPaths() (rows []hostile) {
	path := func(target string, status int, says string) {
		rows = append(rows, hostile{method: "GET", target: target, status: status, says: says})
	}
	path("/v1/auth/token/../token/lookup-self", 400, `segment ".."`)
	path("/v1/auth/token/./lookup-self", 400, `segment "."`)
	path("/v1/auth/token/%2e%2e/token/lookup-self", 400, `segment ".."`)
	path("/v1/cubbyhole/../sys/policies/acl/default", 400, `segment ".."`)
	path("/v1/cubbyhole/a/..", 400, `segment ".."`)
	path("/v1//auth/token/lookup-self", 400, "empty segment")
	path("/v1/auth/token//lookup-self", 400, "empty segment")
	path("//v1/auth/token/lookup-self", 400, "empty segment")
	path("/v1/auth%2ftoken%2flookup-self", 400, "encoded slash")
	path("/v1/cubbyhole/a%2F..%2Fb", 400, "encoded slash")
	path("/v1/cubbyhole/a%5cb", 400, "encoded slash")
	path("/v1/cubbyhole/a%00b", 400, "control character 0x00")
	path("/v1/cubbyhole/a%0d%0ab", 400, "control character 0x0d")
	path("/v1/cubbyhole/a%7fb", 400, "control character 0x7f")
	path("/v1/cubbyhole/%ff%fe", 400, "not valid UTF-8")
	path("/v1/cubbyhole/"+strings.Repeat("x", 600), 414, "path has 610 bytes, at most 512")
	path("/v1/cubbyhole/a?list=maybe", 400, "query parameter list")
	path("/v1/cubbyhole/a?x=%zz", 400, "query does not parse")
	path("/v1/cubbyhole/a?x=1;y=2", 400, "query does not parse")
	path("/v1/cubbyhole/a?x="+strings.Repeat("x", 9000), 414, "query has 9002 bytes")
	path("/v1/cubbyhole/%zz", 400, "")
	path("/v1", 404, "no handler for route")
	path("/", 404, "no handler for route")
	path("/v2/auth/token/lookup-self", 404, "no handler for route")
	path("/v1/", 404, "no handler for route")
	path("/v1/AUTH/token/lookup-self", 404, "no handler for route")
	path("/v1/auth/token/lookup-self/extra", 404, "unsupported path")
	path("/v1/auth/token/no-such-thing", 404, "unsupported path")
	path("/v1/sys/no-such-thing", 404, "unsupported path")
	path("/v1/auth/token/roles/none", 404, "")
	path("/v1/auth/token/create/", 404, "unsupported path")
	path("/v1/secret/data/x", 404, `no handler for route "secret/data/x"`)
	path("/v1/<script>", 404, `<script>`)
	return rows
}

func wrongVerbs() (rows []hostile) {
	for _, v := range []struct{ method, path string }{
		{"GET", "auth/token/create"}, {"DELETE", "auth/token/create"}, {"PATCH", "auth/token/create"}, {"OPTIONS", "auth/token/create"},
		{"TRACE", "auth/token/create"}, {"BREW", "auth/token/create"}, {"get", "auth/token/lookup-self"}, {"LIST", "auth/token/lookup-self"},
		{"DELETE", "auth/token/lookup-self"}, {"HEAD", "auth/token/renew-self"}, {"GET", "auth/token/renew"}, {"GET", "auth/token/revoke"},
		{"GET", "auth/token/revoke-self"}, {"GET", "auth/token/tidy"}, {"GET", "auth/token/accessors"}, {"POST", "auth/token/accessors"},
		{"DELETE", "auth/token/roles"}, {"GET", "auth/token/roles"}, {"PATCH", "auth/token/roles/r"}, {"LIST", "auth/token/roles/r"},
		{"GET", "sys/capabilities-self"}, {"DELETE", "sys/leases/lookup"},
	} {
		row := hostile{method: v.method, target: "/v1/" + v.path, status: 405, says: "unsupported operation"}
		if v.method == "HEAD" {
			row.says = ""
		}
		rows = append(rows, row)
	}
	return rows
}

func wrongHeaders() (rows []hostile) {
	header := func(status int, says string, lines ...string) {
		rows = append(rows, hostile{method: "POST", target: "/v1/auth/token/create", body: "{}", header: lines, status: status, says: says})
	}
	header(400, "header X-Vault-Token is given 2 times", "X-Vault-Token: root", "X-Vault-Token: root")
	header(400, "header X-Vault-Token is given 2 times", "X-Vault-Token: root", "x-vault-token: other")
	header(400, "header Authorization is given 2 times", "X-Not-A-Token: x", "X-Vault-Token:", "Authorization: Bearer root", "Authorization: Bearer x")
	header(400, "header Idempotency-Key is given 2 times", "Idempotency-Key: a", "Idempotency-Key: b")
	header(400, "header Idempotency-Key has 129 bytes", "Idempotency-Key: "+strings.Repeat("k", 129))
	header(400, `invalid duration "soon"`, "X-Vault-Wrap-TTL: soon")
	header(400, "is negative", "X-Vault-Wrap-TTL: -5s")
	header(400, "header X-Vault-Wrap-Ttl is given 2 times", "X-Vault-Wrap-TTL: 1m", "X-Vault-Wrap-TTL: 2m")
	header(400, "response wrapping is not supported", "X-Vault-Wrap-TTL: 1m")
	header(400, "namespaces are not supported", "X-Vault-Namespace: team-a")
	header(415, `Content-Encoding "gzip" is not supported`, "Content-Encoding: gzip")
	header(400, "", "Host: second.test")
	header(400, "", "Bad Header: x")
	header(400, "", "Content-Length: 3")
	header(501, "", "Transfer-Encoding: gzip")
	header(400, "cookie token is given 2 times", "X-Vault-Token:", "Cookie: token=root; token=other")
	return rows
}

func wrongCallers() (rows []hostile) {
	for _, header := range []string{
		"X-Vault-Token:", "X-Vault-Token: x", "X-Vault-Token: s.", "X-Vault-Token: two words", "X-Vault-Token: rootx", "X-Vault-Token: ROOT",
		"X-Vault-Token: jts_0123456789ABCDEFGHIJKLMNOPQR000000", "X-Vault-Token: " + strings.Repeat("x", 50_000), "X-Vault-Token: \xff\xfe",
		"X-No-Token: x\r\nAuthorization: bearer root", "X-No-Token: x\r\nAuthorization: Basic root", "X-No-Token: x\r\nCookie: token=",
	} {
		rows = append(rows, hostile{method: "POST", target: "/v1/auth/token/create", body: `{"ttl":"soon"}`, header: []string{header}, status: 403, says: "permission denied"})
	}
	return append(rows,
		hostile{method: "GET", target: "/v1/no/such/path", header: []string{"X-Vault-Token: x"}, status: 403, says: "permission denied"},
		hostile{method: "LIST", target: "/v1/auth/token/accessors", header: []string{"X-Vault-Token:"}, status: 403, says: "permission denied"},
	)
}

func wrongPolicies() []hostile {
	put := func(body string, status int, says string) hostile {
		return hostile{method: "PUT", target: "/v1/sys/policies/acl/p", body: body, status: status, says: says}
	}
	text := func(policy string) string {
		b, _ := json.Marshal(map[string]string{"policy": policy})
		return string(b)
	}
	return []hostile{
		put(`{}`, 400, "policy"),
		put(`{"policy":""}`, 400, "policy"),
		put(`{"policy":{"path":{}}}`, 400, "policy"),
		put(text(`path "x" { capabilities = ["fly"] }`), 400, "line 1"),
		put(text("\n\npath \"x\" {"), 400, "line"),
		put(text(`path "a/+b*" { capabilities = "read" `), 400, "line 1"),
		put(text(strings.Repeat("x", 70<<10)), 413, "at most"),
		put(text(strings.Repeat(`path "x" { capabilities = ["read"] }`+"\n", 1000)), 400, "line 257: more than 256 path blocks"),
		{method: "PUT", target: "/v1/sys/policies/acl/root", body: text(`path "x" { policy = "read" }`), status: 400, says: "root"},
		{method: "DELETE", target: "/v1/sys/policies/acl/root", status: 400, says: "root"},
		{method: "DELETE", target: "/v1/sys/policies/acl/default", status: 400, says: "default"},
		{method: "GET", target: "/v1/sys/policies/acl/none", status: 404},
		{method: "POST", target: "/v1/sys/capabilities-self", body: `{}`, status: 400, says: "path"},
		{method: "POST", target: "/v1/sys/capabilities-accessor", body: `{"path":"x"}`, status: 400, says: "accessor"},
		{method: "POST", target: "/v1/sys/leases/lookup", body: `{}`, status: 400, says: "lease_id"},
		{method: "POST", target: "/v1/sys/leases/revoke", body: `{"lease_id":{}}`, status: 400, says: "lease_id"},
		{method: "GET", target: "/v1/cubbyhole/none", status: 404},
		{method: "LIST", target: "/v1/cubbyhole/none", status: 404},
		{method: "POST", target: "/v1/cubbyhole/", body: `{"a":1}`, status: 405, says: "unsupported operation"},
		{method: "PUT", target: "/v1/cubbyhole/a", body: `{"a":"` + strings.Repeat("x", 70<<10) + `"}`, status: 413, says: "at most"},
	}
}
