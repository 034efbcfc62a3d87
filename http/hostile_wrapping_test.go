package http_test

import (
	"strings"
)

// wrongWrappings are requests to wrap and unwrap that must be refused.
func wrongWrappings() (rows []hostile) {
	const unknown = "jtw_0123456789ABCDEFGHIJKLMNOPQRSTUV" // its checksum is wrong
	const none = "wrapping token is not valid or does not exist"
	for _, path := range []string{"sys/wrapping/unwrap", "sys/wrapping/rewrap", "sys/wrapping/lookup"} {
		rows = append(rows,
			post(path, `{"token":`, 400, "body ends early"),
			post(path, `[]`, 400, "expected an object"),
			post(path, `{"token":["x"]}`, 400, `"token"`),
			post(path, `{"token":{}}`, 400, `"token"`),
			post(path, `{"token":"x"}`, 400, none),
			post(path, `{"token":"root"}`, 400, none),
			post(path, `{"token":"`+unknown+`"}`, 400, none),
			post(path, `{"token":"jtw_"}`, 400, none),
			post(path, `{"token":"\u0000\uFFFF"}`, 400, none),
			post(path, `{"token":"`+strings.Repeat("x", 10_000)+`"}`, 400, none),
			post(path, `{}`, 400, none), // the root token holds nothing
			post(path, ``, 400, none),
			hostile{method: "DELETE", target: "/v1/" + path, status: 405, says: "unsupported operation"},
			hostile{method: "LIST", target: "/v1/" + path, status: 405, says: "unsupported operation"},
		)
	}
	for _, path := range []string{"sys/wrapping/wrap", "sys/wrapping/unwrap", "sys/wrapping/rewrap"} {
		for _, token := range []string{"X-Vault-Token:", "X-Vault-Token: x", "X-Vault-Token: " + unknown} {
			rows = append(rows,
				hostile{method: "POST", target: "/v1/" + path, body: `{"token":5}`, header: []string{token, "X-Vault-Wrap-TTL: 1m"}, status: 403, says: "permission denied"},
				hostile{method: "GET", target: "/v1/" + path, header: []string{token}, status: 403, says: "permission denied"},
			)
		}
	}
	wrap := func(status int, says, body string, header ...string) {
		rows = append(rows, hostile{method: "POST", target: "/v1/sys/wrapping/wrap", body: body, header: header, status: status, says: says})
	}
	wrap(400, "requires response wrapping", `{"a":1}`)
	wrap(400, "requires response wrapping", `{"a":1}`, "X-Vault-Wrap-TTL: 0")
	wrap(400, "requires response wrapping", `{"a":1}`, "X-Vault-Wrap-TTL:")
	wrap(400, "body ends early", `{"a":`, "X-Vault-Wrap-TTL: 1m")
	wrap(400, "nested", `{"a":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`}`, "X-Vault-Wrap-TTL: 1m")
	wrap(413, "122880", `{"a":"`+strings.Repeat("x", 130_000)+`"}`, "X-Vault-Wrap-TTL: 1m")
	for _, ttl := range []string{"-1", "1e3", "0x10", "NaN", "1h-1m", "99999999999999999999", "1m 1s", "∞", "500ms", "-0.5s", strings.Repeat("9", 1000)} {
		wrap(400, "error parsing X-Vault-Wrap-TTL header", `{"a":1}`, "X-Vault-Wrap-TTL: "+ttl)
	}
	return append(rows,
		hostile{method: "POST", target: "/v1/sys/wrapping/lookup", header: []string{"X-Vault-Token:"}, status: 400, says: "missing wrapping token"},
		hostile{method: "POST", target: "/v1/sys/wrapping/lookup", body: `{"token":""}`, header: []string{"X-Vault-Token:"}, status: 400, says: "missing wrapping token"},
		hostile{method: "GET", target: "/v1/sys/wrapping/lookup?token=" + unknown, header: []string{"X-Vault-Token:"}, status: 400, says: "missing wrapping token"},
		hostile{method: "GET", target: "/v1/sys/wrapping/" + unknown, status: 404, says: "unsupported path"},
	)
}
