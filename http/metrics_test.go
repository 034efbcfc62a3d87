package http_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
	"github.com/jeton-io/jeton/fsm/policy"
	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// withMetrics is a stand that shows metrics. The global registry of go-metrics is
// one for the process, so tests with it do not run at the same time.
func withMetrics(t *testing.T) *stand {
	m, err := httpd.InstallMetrics()
	if err != nil {
		t.Fatal(err)
	}
	c := httptestcluster.New()
	return &stand{t, c, newServer(t, httpd.Config{Cluster: c, Metrics: m}).Handler()}
}

// The libraries must report where we look: raft 1.8 and memberlist 0.7 report to
// another global registry, and their metrics would vanish without an error.
func TestLibraryMetricsArrive(t *testing.T) {
	m, err := httpd.InstallMetrics()
	if err != nil {
		t.Fatal(err)
	}
	node := twoNodes(t)
	s := &stand{t, nil, newServer(t, httpd.Config{Cluster: node, Metrics: m}).Handler()}
	s.must(204, "POST", "cubbyhole/a", root, object{"x": 1})
	text := s.must(200, "GET", "sys/metrics?format=prometheus", root, nil).text
	for _, name := range []string{"jeton_raft_state_leader", "jeton_raft_commitTime_count", "jeton_raft_boltdb_storeLogs_count", "jeton_memberlist_", "jeton_fsm_apply_count", "jeton_cluster_commit_count", "go_goroutines"} {
		if !strings.Contains(text, "\n"+name) {
			t.Errorf("no metric %s*", name)
		}
	}
	// The JSON form shows the last interval of ten seconds that is over, if there is
	// one: what was measured in the present one is shown ten seconds later at most.
	var lacks []string
	for end := time.Now().Add(30 * time.Second); ; {
		s.must(204, "POST", "cubbyhole/a", root, object{"x": 1})
		json := s.must(200, "GET", "sys/metrics", root, nil).text
		lacks = lacks[:0]
		for _, name := range []string{`"jeton.raft.`, `"jeton.memberlist.`, `"jeton.fsm.apply"`, `"go_goroutines"`} {
			if !strings.Contains(json, name) {
				lacks = append(lacks, name)
			}
		}
		if len(lacks) == 0 || time.Now().After(end) {
			break
		}
	}
	if len(lacks) > 0 {
		t.Errorf("the JSON form lacks %v", lacks)
	}
}

// twoNodes forms a real cluster of two and returns one of them.
func twoNodes(t *testing.T) *cluster.Node { return formNodes(t, "n1", "n2")[0] }

// formNodes forms a real cluster.
func formNodes(t *testing.T, ids ...string) []*cluster.Node {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("0123", 8)))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var nodes []*cluster.Node
	for _, id := range ids {
		cfg := cluster.DefaultConfig()
		cfg.NodeID, cfg.DataDir, cfg.SecretFile = id, t.TempDir(), secret
		cfg.ClusterAddr, cfg.GossipAddr, cfg.AdvertiseHTTP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1"
		cfg.BootstrapExpect, cfg.SettleTime = len(ids), 50*time.Millisecond
		cfg.InitialRootToken, cfg.InitialRootAccessor = root, httpd.NewAccessor()
		cfg.DefaultPolicy = fsm.PolicySet{Name: policy.DefaultName, Raw: policy.DefaultText, Parsed: policy.Append(nil, policy.Default())}
		cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
		for _, n := range nodes {
			cfg.Join = append(cfg.Join, n.GossipAddr())
		}
		n, err := cluster.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { n.Close(context.Background()) })
		nodes = append(nodes, n)
	}
	for _, n := range nodes {
		select {
		case <-n.Ready():
		case <-t.Context().Done():
		case <-time.After(time.Minute):
			t.Fatalf("no cluster within a minute: %+v", n.Status())
		}
	}
	return nodes
}

func TestOwnMetrics(t *testing.T) {
	s := withMetrics(t)
	s.must(404, "GET", "cubbyhole/none", root, nil)
	s.must(403, "GET", "cubbyhole/none", "s.nobody", nil)
	s.must(405, "BREW", "cubbyhole/none", root, nil)
	s.must(404, "GET", "no/such/path", root, nil)
	text := s.must(200, "GET", "sys/metrics?format=prometheus", root, nil).text
	for _, line := range []string{
		`jeton_http_requests{class="4xx",method="GET",route="cubbyhole/{path:.*}"} 2`,
		`jeton_http_requests{class="4xx",method="other",route="cubbyhole/{path:.*}"} 1`,
		`jeton_http_requests{class="4xx",method="GET",route="unknown"} 1`,
		`jeton_http_latency_ms_count{route="cubbyhole/{path:.*}"} 3`,
		`jeton_http_in_flight 1`,
		`jeton_token_count 1`,
		`jeton_cluster_leader 1`,
		`jeton_cluster_members{alive="true",voter="true"} 1`,
		fmt.Sprintf(`jeton_fsm_index %d`, s.cluster.Local().Index()),
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, grep(text, line[:strings.IndexAny(line, "{ ")]))
		}
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil {
		t.Errorf("Prometheus cannot read it: %v", err)
	}
	if strings.Contains(text, "s.nobody") || strings.Contains(text, "none") {
		t.Error("a metric holds a token or a path")
	}
	summary := s.must(200, "GET", "sys/metrics", root, nil).body
	for kind, name := range map[string]string{"Gauges": "jeton.token.count", "Counters": "jeton.http.requests", "Samples": "jeton.http.latency_ms"} {
		if !hasMetric(summary[kind], name) {
			t.Errorf("%s lack %s", kind, name)
		}
	}
}

func grep(text, part string) string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

func hasMetric(list any, name string) bool {
	values, _ := list.([]any)
	for _, v := range values {
		if m, _ := v.(map[string]any); m["Name"] == name {
			return true
		}
	}
	return false
}

func TestMetricsForms(t *testing.T) {
	s := withMetrics(t)
	plain, _ := s.token(object{"policies": []string{"default"}})
	s.run(t, []row{
		{"needs a token", "GET", "sys/metrics", "", nil, 403, "permission denied"},
		{"needs a right", "GET", "sys/metrics", plain, nil, 403, "permission denied"},
		{"unknown format", "GET", "sys/metrics?format=xml", root, nil, 400, `"xml"`},
		{"no write", "POST", "sys/metrics", root, nil, 405, "unsupported operation"},
	})
	for accept, kind := range map[string]string{
		"": "application/json", "*/*": "application/json",
		"application/openmetrics-text;version=1.0.0,text/plain": "text/plain",
		"prometheus/telemetry": "text/plain",
	} {
		r := s.must(200, "GET", "sys/metrics", root, nil, "Accept", accept)
		if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("Accept %q: Content-Type is %s, want %s", accept, got, kind)
		}
	}
	newStand(t).must(404, "GET", "sys/metrics", root, nil) // a server that collects none
}

// Every metric of ours that there is stands in docs/metrics.md, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	ours, _, _ := strings.Cut(string(doc), "## Libraries")
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(jeton_[a-z_]+)`").FindAllStringSubmatch(ours, -1) {
		documented[m[1]] = true
	}
	known := map[string]bool{}
	for _, name := range declaredMetrics(t) {
		known[name] = true
		if !documented[name] {
			t.Errorf("%s is not in docs/metrics.md", name)
		}
	}
	for name := range documented { // order: each is reported
		if !known[name] {
			t.Errorf("docs/metrics.md has %s, which nothing declares", name)
		}
	}
}

// declaredMetrics reads the names out of the files that declare them: dotted
// ones of this package, lists of parts elsewhere.
func declaredMetrics(t *testing.T) (names []string) {
	own, err := os.ReadFile("metrics_names.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`metric\{"([a-z._]+)"`).FindAllStringSubmatch(string(own), -1) {
		names = append(names, strings.ReplaceAll(m[1], ".", "_"))
	}
	other, err := os.ReadFile("../cluster/metrics.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\[\]string\{"([a-z_]+)", "([a-z_]+)"\}`).FindAllStringSubmatch(string(other), -1) {
		names = append(names, "jeton_"+m[1]+"_"+m[2])
	}
	if len(names) < 20 {
		t.Fatalf("found only %v: have the files moved?", names)
	}
	return names
}
