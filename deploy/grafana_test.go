package deploy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

type panel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	GridPos     struct{ H, W, X, Y int }
	Targets     []struct{ RefID, Expr, LegendFormat string }
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

type dashboard struct {
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Templating struct {
		List []struct {
			Name  string          `json:"name"`
			Type  string          `json:"type"`
			Query json.RawMessage `json:"query"`
		} `json:"list"`
	} `json:"templating"`
	Panels []panel `json:"panels"`
}

// ofGrafana stands for what Grafana puts into an expression before Prometheus sees it.
var ofGrafana = strings.NewReplacer("$__rate_interval", "5m", "$job", "jeton", "$instance", ".*")

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("grafana/dashboards/jeton.json")
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&d); err != nil {
		t.Fatal(err)
	}
	if dec.More() {
		t.Error("something follows the dashboard")
	}
	if d.UID == "" || d.Title == "" || len(d.Panels) == 0 {
		t.Errorf("dashboard %q (%q) has %d panels", d.Title, d.UID, len(d.Panels))
	}
	return d
}

func TestDashboardPanels(t *testing.T) {
	d, known := readDashboard(t), readCatalogue(t)
	ids, titles := map[int]bool{}, map[string]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || titles[p.Title] || p.Title == "" {
			t.Errorf("panel %d, %q: both want to be its own", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		if p.Type == "row" {
			continue
		}
		if p.FieldConfig.Defaults.Unit == "" {
			t.Errorf("%s has no unit", p.Title)
		}
		if len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			expr := ofGrafana.Replace(target.Expr)
			if strings.Contains(expr, "$") {
				t.Errorf("%s: %s has a variable that nothing sets", p.Title, target.Expr)
			}
			if !strings.Contains(target.Expr, `job="$job"`) {
				t.Errorf("%s shows all clusters at once: %s", p.Title, target.Expr)
			}
			for _, wrong := range known.check(expr) {
				t.Errorf("%s: %s: %s", p.Title, target.Expr, wrong)
			}
		}
	}
	for i, p := range d.Panels {
		if g := p.GridPos; g.W <= 0 || g.H <= 0 || g.X+g.W > 24 {
			t.Errorf("%s lies outside: %+v", p.Title, g)
		}
		for _, q := range d.Panels[:i] {
			if a, b := p.GridPos, q.GridPos; a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%s lies over %s", p.Title, q.Title)
			}
		}
	}
}

func TestDashboardVariables(t *testing.T) {
	known := readCatalogue(t)
	found := map[string]bool{}
	for _, v := range readDashboard(t).Templating.List {
		found[v.Name] = true
		if v.Type != "query" {
			continue
		}
		var q struct{ Query string }
		if err := json.Unmarshal(v.Query, &q); err != nil {
			t.Fatal(err)
		}
		series, ok := strings.CutPrefix(q.Query, "label_values(")
		i := strings.LastIndex(series, ", ")
		if !ok || i < 0 {
			t.Fatalf("variable %s asks %q, want label_values(metric, label)", v.Name, q.Query)
		}
		for _, wrong := range known.check(ofGrafana.Replace(series[:i])) {
			t.Errorf("variable %s: %s", v.Name, wrong)
		}
	}
	for _, name := range []string{"datasource", "job", "instance"} {
		if !found[name] {
			t.Errorf("there is no variable %s", name)
		}
	}
}

// What Grafana is provisioned with has to be where the compose file mounts it.
func TestProvisioning(t *testing.T) {
	var sources struct {
		APIVersion  int `json:"apiVersion"`
		Datasources []struct {
			Name, Type, UID, Access, URL string
			IsDefault                    bool
			JSONData                     map[string]string
		} `json:"datasources"`
	}
	readYAML(t, "grafana/provisioning/datasources/jeton.yml", &sources)
	compose := readCompose(t)
	if u := sources.Datasources[0].URL; u != "http://prometheus:9090" || compose.Services["prometheus"].Image == "" {
		t.Errorf("Grafana asks %s, which is no service", u)
	}
	var providers struct {
		APIVersion int `json:"apiVersion"`
		Providers  []struct {
			Name, Type     string
			AllowUIUpdates bool              `json:"allowUiUpdates"`
			Options        map[string]string `json:"options"`
		} `json:"providers"`
	}
	readYAML(t, "grafana/provisioning/dashboards/jeton.yml", &providers)
	mounted := map[string]string{}
	for _, v := range compose.Services["grafana"].Volumes {
		from, to, _ := strings.Cut(strings.TrimSuffix(v, ":ro"), ":")
		mounted[to] = from
	}
	for to, from := range map[string]string{
		providers.Providers[0].Options["path"]: "./deploy/grafana/dashboards",
		"/etc/grafana/provisioning":            "./deploy/grafana/provisioning",
	} {
		if mounted[to] != from {
			t.Errorf("%s is mounted from %q, want %q", to, mounted[to], from)
		}
	}
}
