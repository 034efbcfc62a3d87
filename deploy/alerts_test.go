package deploy_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// readYAML reads a file into what it is meant to be; a key that has no place there is
// an error.
func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type alertRules struct {
	Groups []struct {
		Name  string      `json:"name"`
		Rules []alertRule `json:"rules"`
	} `json:"groups"`
}

type alertRule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for"`
	Labels      map[string]string `json:"labels"`
	Annotations struct {
		Summary     string `json:"summary"`
		Description string `json:"description"`
		Runbook     string `json:"runbook"`
	} `json:"annotations"`
}

func readAlerts(t *testing.T) (rules []alertRule) {
	t.Helper()
	var file alertRules
	readYAML(t, "prometheus/alerts.yml", &file)
	for _, group := range file.Groups {
		rules = append(rules, group.Rules...)
	}
	if len(rules) == 0 {
		t.Fatal("there are no rules")
	}
	return rules
}

func TestAlertRules(t *testing.T) {
	known := readCatalogue(t)
	seen := map[string]bool{}
	for _, r := range readAlerts(t) {
		if seen[r.Alert] || !strings.HasPrefix(r.Alert, "Jeton") {
			t.Errorf("%s: there are two of that name, or it does not begin with Jeton", r.Alert)
		}
		seen[r.Alert] = true
		for _, wrong := range known.check(r.Expr) {
			t.Errorf("%s: %s", r.Alert, wrong)
		}
		if _, err := time.ParseDuration(r.For); r.For != "" && err != nil {
			t.Errorf("%s: for: %v", r.Alert, err)
		}
		if s := r.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s: severity is %q, want page or ticket", r.Alert, s)
		}
		a := r.Annotations
		if a.Summary == "" || a.Description == "" || !strings.HasSuffix(a.Description, ".") {
			t.Errorf("%s wants a summary, and a description in whole sentences", r.Alert)
		}
		for _, m := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(a.Summary+a.Description, -1) {
			if strings.Contains(r.Expr, "by (job) (") && !strings.Contains(r.Expr, "group_right") && m[1] != "job" {
				t.Errorf("%s tells of label %s, which its expression sums up", r.Alert, m[1])
			}
		}
	}
	// what docs/metrics.md says to alert on; quorum is seen in up (alerts.yml says why)
	for _, name := range []string{
		"jeton_audit_dropped", "jeton_audit_failing", "jeton_expire_num_irrevocable_leases", "jeton_snapshot_auto_overdue",
		"jeton_cluster_refused", "jeton_cluster_states_differ", "jeton_cluster_clock_refused", "jeton_cluster_failure_tolerance", "jeton_cluster_leader", "jeton_cluster_disk_free_bytes",
	} {
		found := false
		for _, r := range readAlerts(t) {
			found = found || strings.Contains(r.Expr, name)
		}
		if !found {
			t.Errorf("no rule watches %s", name)
		}
	}
}

// Every rule leads to a chapter of the handbook.
func TestRunbooks(t *testing.T) {
	const handbook = "docs/operations.md"
	chapters := map[string]bool{}
	doc, err := os.ReadFile("../" + handbook)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(doc), -1) {
		chapters[anchor(m[1])] = true
	}
	for _, r := range readAlerts(t) {
		file, chapter, _ := strings.Cut(r.Annotations.Runbook, "#")
		if file != handbook || !chapters[chapter] {
			t.Errorf("%s leads to %q, and no heading there has that anchor", r.Alert, r.Annotations.Runbook)
		}
	}
}

// anchor is what code hosts make of a heading.
func anchor(heading string) string {
	kept := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

func TestScrapes(t *testing.T) {
	var c struct {
		Global        map[string]string `json:"global"`
		RuleFiles     []string          `json:"rule_files"`
		ScrapeConfigs []struct {
			Job           string                       `json:"job_name"`
			Path          string                       `json:"metrics_path"`
			Params        map[string][]string          `json:"params"`
			Authorization map[string]string            `json:"authorization"`
			Targets       []struct{ Targets []string } `json:"static_configs"`
		} `json:"scrape_configs"`
	}
	readYAML(t, "prometheus/prometheus.yml", &c)
	for _, file := range c.RuleFiles {
		if _, err := os.Stat("prometheus/" + file); err != nil {
			t.Error(err)
		}
	}
	if len(c.ScrapeConfigs) != 1 {
		t.Fatalf("%d scrape configurations, want 1", len(c.ScrapeConfigs))
	}
	s := c.ScrapeConfigs[0]
	if s.Job != "jeton" || s.Path != "/v1/sys/metrics" || s.Params["format"][0] != "prometheus" {
		t.Errorf("job %q asks for %s with %v", s.Job, s.Path, s.Params)
	}
	compose := readCompose(t)
	for _, target := range s.Targets[0].Targets {
		host, port, _ := strings.Cut(target, ":")
		if _, ok := compose.Services[host]; !ok || port != "8200" {
			t.Errorf("%s is no node of docker-compose.yml", target)
		}
	}
	secret := strings.TrimPrefix(s.Authorization["credentials_file"], "/run/secrets/")
	if _, ok := compose.Secrets[secret]; !ok {
		t.Errorf("docker-compose.yml mounts no secret %q", secret)
	}
}

// Prometheus' own tool knows its language best, and runs the histories of
// alerts_test.yml.
func TestPromtool(t *testing.T) {
	t.Parallel()
	tool := program(t, "promtool", "prometheus")
	for _, args := range [][]string{
		{"check", "config", "--syntax-only", "prometheus.yml"},
		{"check", "rules", "alerts.yml"},
		{"test", "rules", "alerts_test.yml"},
	} {
		cmd := exec.Command(tool, args...)
		cmd.Dir = "prometheus"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
