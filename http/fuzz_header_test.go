package http_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// credentialHeaders hold what nobody may read in a log.
var credentialHeaders = []string{
	"X-Vault-Token", "Authorization", "Cookie", "Idempotency-Key",
	"Waypoint-Token", "Wpcookie", "Grpc-Metadata-Waypoint-Token", "Grpc-Metadata-Wpcookie",
}

// FuzzHeaders sends any header, on a path of Vault's and on one of Waypoint's: it is
// answered, never with an internal error, and what is a credential is not logged.
func FuzzHeaders(f *testing.F) {
	for _, seed := range [][2]string{
		{"X-Vault-Token", "SECRET"}, {"X-Vault-Token", "jts_SECRET7890123456789012345678000000"}, {"X-Vault-Token", "jtb_SECRET"},
		{"Authorization", "Bearer SECRET"}, {"Authorization", "SECRET"}, {"Cookie", "token=SECRET; token=SECRET"}, {"Cookie", `token="SECRET`},
		{"Idempotency-Key", "SECRET"}, {"X-Vault-Wrap-TTL", "1h"}, {"X-Vault-Wrap-TTL", "-9223372036854775808"}, {"X-Vault-Namespace", "/"},
		{"Grpc-Metadata-Waypoint-Token", "SECRET"}, {"Wpcookie", "SECRET"}, {"Grpc-Metadata-Wpcookie", "WPCSECRET"},
		{"Sec-Fetch-Site", "none"}, {"Origin", "http://[::1"}, {"Content-Encoding", "gzip"}, {"Content-Type", "a/b; c"},
		{"Accept", "text/plain; version=1, */*;q=x"}, {"X-Forwarded-For", "::"}, {"User-Agent", "\x00"}, {"X-Request-Id", "a\nb"},
	} {
		f.Add(seed[0], seed[1])
	}
	var log lockedBuffer
	server, err := httpd.New(httpd.Config{Cluster: httptestcluster.New(), LegacyPaths: true,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		f.Fatal(err)
	}
	h := server.Handler()
	f.Fuzz(func(t *testing.T, name, value string) {
		name = http.CanonicalHeaderKey(name)
		log.Reset()
		for _, path := range []string{"/v1/auth/token/lookup-self", "/v1/auth/token/create", "/v1/users", "/v1/sys/metrics"} {
			r := httptest.NewRequest("GET", path, nil)
			if strings.HasSuffix(path, "create") {
				r = httptest.NewRequest("POST", path, strings.NewReader("{}"))
			}
			r.Header["X-Vault-Token"] = []string{root}
			if name == "Authorization" || name == "Cookie" { // which that one would hide
				delete(r.Header, "X-Vault-Token")
			}
			r.Header[name] = []string{value}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code == http.StatusInternalServerError || w.Code < 200 {
				t.Errorf("%s with %s: %q: %d %s", path, name, value, w.Code, w.Body)
			}
		}
		if strings.Contains(value, "SECRET") && slices.Contains(credentialHeaders, name) && strings.Contains(log.String(), "SECRET") {
			t.Errorf("%s: %q is in the log:\n%s", name, value, log.String())
		}
	})
}
