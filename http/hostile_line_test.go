package http_test

import (
	"encoding/json"
	"strings"
)

// Hostile paths, verbs, headers and callers, and what is wrong with policies.

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
	header(400, "is too long", "X-Vault-Wrap-TTL: 87601h")
	header(400, "shorter than a second", "X-Vault-Wrap-TTL: 1ms")
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
