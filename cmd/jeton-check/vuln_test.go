package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const scanned = `{"config": {"protocol_version": "v1.0.0", "scan_level": "symbol"}}
{"progress": {"message": "Checking the code against the vulnerabilities..."}}
{"osv": {"id": "GO-1", "summary": "A crash in net/http"}}
{"osv": {"id": "GO-2", "summary": "A loop in a library"}}
{"osv": {"id": "GO-3", "summary": "Never called"}}
{"finding": {"osv": "GO-2", "fixed_version": "v1.2.0", "trace": [
	{"module": "example.org/lib", "version": "v1.1.0", "package": "example.org/lib", "function": "Parse", "receiver": "*Text"},
	{"module": "example.org/lib", "package": "example.org/lib", "function": "Read"},
	{"module": "github.com/jeton-io/jeton", "package": "github.com/jeton-io/jeton/http", "function": "read"}]}}
{"finding": {"osv": "GO-2", "fixed_version": "v1.2.0", "trace": [
	{"module": "example.org/lib", "version": "v1.1.0", "package": "example.org/lib", "function": "Parse", "receiver": "*Text"},
	{"module": "github.com/jeton-io/jeton", "package": "github.com/jeton-io/jeton/http", "function": "parse"}]}}
{"finding": {"osv": "GO-1", "fixed_version": "v1.26.9", "trace": [
	{"module": "stdlib", "version": "v1.26.8", "package": "net/http", "function": "Serve", "receiver": "Server"},
	{"module": "github.com/jeton-io/jeton", "package": "github.com/jeton-io/jeton/http", "function": "Serve", "receiver": "*Server"}]}}
{"finding": {"osv": "GO-3", "fixed_version": "v0.2.0", "trace": [{"module": "example.org/other", "version": "v0.1.0"}]}}
{"finding": {"osv": "GO-3", "fixed_version": "v0.2.0", "trace": [{"module": "example.org/other", "version": "v0.1.0", "package": "example.org/other"}]}}
`

func TestReadVulns(t *testing.T) {
	got, err := readVulns(strings.NewReader(scanned))
	if err != nil {
		t.Fatal(err)
	}
	want := "     GO-1: A crash in net/http: stdlib@v1.26.8, fixed in v1.26.9: http.Server.Serve reaches net/http.Server.Serve\n" +
		"     GO-2: A loop in a library: example.org/lib@v1.1.0, fixed in v1.2.0: http.parse reaches example.org/lib.Text.Parse\n"
	if list(got) != want {
		t.Errorf("read\n%swant\n%s", list(got), want)
	}
	for name, text := range map[string]string{"nothing": "", "cut off": scanned[:len(scanned)-20], "no JSON": "govulncheck: no go.mod"} {
		if got, err := readVulns(strings.NewReader(text)); err == nil {
			t.Errorf("%s: taken for %d findings", name, len(got))
		}
	}
}

func TestJudgeVulns(t *testing.T) {
	lib := vuln{module: "example.org/lib", fixed: "v1.2.0"}
	std := vuln{module: stdlib, fixed: "v1.26.9"}
	for _, tt := range []struct {
		name      string
		v         vuln
		toolchain string
		ours      bool
	}{
		{"a library", lib, "go1.26.11", true},
		{"a library whose version looks like Go's", vuln{module: "example.org/lib", fixed: "v1.26.9"}, "go1.26.11", true},
		{"Go, mended in go.mod's", std, "go1.26.11", false},
		{"Go, mended in just that", std, "go1.26.9", false},
		{"Go, not in go.mod's", std, "go1.26.8", true},
		{"Go, ten is more than nine", vuln{module: stdlib, fixed: "v1.26.10"}, "go1.26.9", true},
		{"Go, only in the next one", vuln{module: stdlib, fixed: "v1.27.0"}, "go1.26.11", true},
		{"Go, mended nowhere", vuln{module: stdlib}, "go1.26.11", true},
	} {
		if ours, machines := judgeVulns([]vuln{tt.v}, tt.toolchain); len(ours) == 1 != tt.ours || len(ours)+len(machines) != 1 {
			t.Errorf("%s: ours is %v, want %v", tt.name, len(ours) == 1, tt.ours)
		}
	}
}

// The live database is taken when it answers with 200 and not else.
func TestAnswers(t *testing.T) {
	for _, code := range []int{200, 404, 503} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/index/db.json" {
				w.WriteHeader(code)
			}
		}))
		if err := answers(t.Context(), s.URL+"/index/db.json"); (err == nil) != (code == 200) {
			t.Errorf("%d: %v", code, err)
		}
		s.Close()
		if err := answers(t.Context(), s.URL+"/index/db.json"); err == nil {
			t.Error("nobody answers, and that is taken for an answer")
		}
	}
}
