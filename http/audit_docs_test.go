package http_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/audit"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// The examples of docs/audit.md do what they show, its messages are ours, and it
// names the defaults.
func TestAuditExamples(t *testing.T) {
	text, err := os.ReadFile("../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, httpd.Config{Cluster: httptestcluster.New()})
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	sh := shell{t, map[string]string{"JETON_ADDR": server.URL, "ROOT": root, "LOG": filepath.Join(t.TempDir(), "audit.log")}}
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for example := range strings.SplitSeq(strings.TrimPrefix(block[1], "$ "), "\n$ ") {
			command, want, _ := strings.Cut(example, "\n")
			got := sh.run(command)
			commands++
			if msg := differs(decodeJSON(t, want), decodeJSON(t, got), ""); msg != "" {
				t.Errorf("%s\n%s\nthe answer is %s", command, msg, got)
			}
		}
	}
	if commands < 3 {
		t.Errorf("found only %d examples", commands)
	}
	for _, message := range httpd.AuditRefusals() {
		if !strings.Contains(string(text), "`"+message+"`") {
			t.Errorf("docs/audit.md lacks the message %q", message)
		}
	}
	if audit.DefaultQueue != 4096 || audit.DefaultDeadline.String() != "2s" {
		t.Error("docs/audit.md has other defaults")
	}
}
