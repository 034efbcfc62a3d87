package deploy_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
)

// foreign names what other programs tell, and Prometheus itself.
var foreign = map[string][]string{
	"up":                                   nil,
	"process_cpu_seconds_total":            nil,
	"process_resident_memory_bytes":        nil,
	"process_open_fds":                     nil,
	"process_max_fds":                      nil,
	"process_start_time_seconds":           nil,
	"node_filesystem_avail_bytes":          {"mountpoint"},
	"node_filesystem_size_bytes":           {"mountpoint"},
	"kubelet_volume_stats_available_bytes": {"persistentvolumeclaim"},
	"kubelet_volume_stats_capacity_bytes":  {"persistentvolumeclaim"},
}

// catalogue is which metrics there are, as series of Prometheus, and the labels of
// each.
type catalogue map[string][]string

var metricRow = regexp.MustCompile("(?m)^\\| `(jeton_[A-Za-z_]+)` \\|(.*)$")

// readCatalogue reads docs/metrics.md, which another test holds against the code.
func readCatalogue(t *testing.T) catalogue {
	t.Helper()
	doc, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	known := catalogue{}
	for name, labels := range foreign { // order: each goes to its own key
		known[name] = append([]string{"job", "instance"}, labels...)
	}
	for _, row := range metricRow.FindAllStringSubmatch(string(doc), -1) {
		known.add(row[1], row[2])
	}
	if len(known) < 40 {
		t.Fatalf("docs/metrics.md has only %d metrics: has it another form now?", len(known)-len(foreign))
	}
	return known
}

var quoted = regexp.MustCompile("`([a-z]+)`")

// add takes up a row: its kind, if it has that column, says which series there are.
func (k catalogue) add(name, rest string) {
	kind, says, ok := strings.Cut(strings.TrimSuffix(rest, " |"), "|")
	if !ok {
		kind, says = "library", rest
	}
	labels := []string{"job", "instance"}
	for _, q := range quoted.FindAllStringSubmatch(says, -1) {
		labels = append(labels, q[1])
	}
	if strings.HasPrefix(name, "jeton_audit_") { // said above that table
		labels = append(labels, "device")
	}
	kind, _, _ = strings.Cut(strings.TrimSpace(kind), ",")
	switch kind {
	case "histogram":
		k[name+"_bucket"] = append(slices.Clone(labels), "le")
	case "summary", "library":
		k[name] = append(slices.Clone(labels), "quantile")
	default:
		k[name] = labels
		return
	}
	k[name+"_sum"], k[name+"_count"] = labels, labels
}

// overRange is what wants a range of time: metricsql, which parses more than
// Prometheus does, would make one up.
var overRange = []string{"rate", "increase", "changes", "deriv", "predict_linear", "delta"}

// check says what is wrong with an expression.
func (k catalogue) check(expr string) (wrong []string) {
	parsed, err := metricsql.Parse(expr)
	if err != nil {
		return []string{err.Error()}
	}
	names := 0
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.MetricExpr:
			names++
			wrong = append(wrong, k.checkSeries(e)...)
		case *metricsql.FuncExpr:
			if !slices.Contains(overRange, e.Name) {
				return
			}
			if r, ok := e.Args[0].(*metricsql.RollupExpr); !ok || r.Window == nil {
				wrong = append(wrong, e.Name+" has no range of time")
			}
		}
	})
	if names == 0 {
		wrong = append(wrong, "it asks for no metric")
	}
	return wrong
}

func (k catalogue) checkSeries(e *metricsql.MetricExpr) (wrong []string) {
	for _, filters := range e.LabelFilterss {
		name := ""
		for _, f := range filters {
			if f.Label == "__name__" {
				name = f.Value
			}
		}
		labels, ok := k[name]
		if !ok {
			return append(wrong, fmt.Sprintf("there is no metric %q", name))
		}
		for _, f := range filters {
			if f.Label != "__name__" && !slices.Contains(labels, f.Label) {
				wrong = append(wrong, fmt.Sprintf("%s has no label %q", name, f.Label))
			}
		}
	}
	return wrong
}

func TestCatalogue(t *testing.T) {
	known := readCatalogue(t)
	for _, tt := range []struct{ name, expr, want string }{
		{"counter", "rate(jeton_fsm_commands[5m])", ""},
		{"histogram", `jeton_http_latency_ms_bucket{le="4",route="sys/health"}`, ""},
		{"summary", `jeton_fsm_apply{quantile="0.99"} / jeton_fsm_apply_count`, ""},
		{"of a library", `jeton_raft_commitTime{quantile="0.5"}`, ""},
		{"audit device", `jeton_audit_latency_ms_count{device="file/"}`, ""},
		{"of another program", `up{job="jeton"} == 0`, ""},
		{"unknown", "jeton_fsm_comands", `there is no metric "jeton_fsm_comands"`},
		{"a histogram itself", "jeton_http_latency_ms", `there is no metric "jeton_http_latency_ms"`},
		{"total", "jeton_fsm_commands_total", `there is no metric "jeton_fsm_commands_total"`},
		{"unknown within", "sum by (job) (rate(jeton_no[5m])) > 3", `there is no metric "jeton_no"`},
		{"wrong label", `jeton_cluster_members{voters="true"}`, `jeton_cluster_members has no label "voters"`},
		{"no range", "rate(jeton_fsm_commands)", "rate has no range of time"},
		{"no metric", "1 > 0", "it asks for no metric"},
		{"no sense", "sum by (job (up)", "syntax"},
	} {
		got := strings.Join(known.check(tt.expr), "; ")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) && tt.want != "syntax" || tt.want == "syntax" && got == "" {
			t.Errorf("%s: %s: got %q, want %q", tt.name, tt.expr, got, tt.want)
		}
	}
}
