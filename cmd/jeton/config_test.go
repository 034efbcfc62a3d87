package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// loadOptions goes the way of the server command.
func loadOptions(t *testing.T, args []string, env map[string]string) (Options, error) {
	t.Helper()
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	load := declareSettings(flags)
	if err := flags.Parse(args); err != nil {
		return Options{}, err
	}
	return load(func(name string) string { return env[name] })
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	file := writeFile(t, "jeton.hcl", `
		data_dir         = "/file"
		node_id          = "file"
		cluster_name     = "file"
		bootstrap_expect = 5
		join             = ["f1:1", "f2:2"]
		non_voter        = true
	`)
	got, err := loadOptions(t,
		[]string{"--config", file, "--node-id=flag", "-join", "a:1,b:2", "--join", "c:3", "--non-voter=false"},
		map[string]string{
			"JETON_NODE_ID": "env", "JETON_CLUSTER_NAME": "env", "JETON_JOIN": "e:1", "JETON_BOOTSTRAP_EXPECT": "3",
			"JETON_TLS_CERT_FILE": "", "JETON_LOG_FORMAT": "json",
		})
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultOptions()
	want.DataDir = "/file"                                    // file over default
	want.ClusterName = "env"                                  // environment over file
	want.BootstrapExpect = 3                                  //
	want.LogFormat = "json"                                   //
	want.NodeID = "flag"                                      // flag over environment
	want.Join = []string{"a:1", "b:2", "c:3"}                 // a list is replaced whole, not added to
	want.NonVoter = false                                     // also by its zero value
	if want.TLSCertFile = ""; !reflect.DeepEqual(got, want) { // empty in the environment is unset
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestConfigFromEnvironment(t *testing.T) {
	file := writeFile(t, "jeton.hcl", `data_dir = "/file"`)
	got, err := loadOptions(t, nil, map[string]string{"JETON_CONFIG": file})
	if err != nil {
		t.Fatal(err)
	}
	if got.DataDir != "/file" {
		t.Errorf("data dir %q", got.DataDir)
	}
}

// Every field of Options is one setting, and a setting means the same wherever it
// comes from.
func TestSettingsAgree(t *testing.T) {
	sample := map[valueKind]struct{ text, hcl string }{
		kindText:    {"/x:1", `"/x:1"`},
		kindList:    {"a:1,b:2", `["a:1", "b:2"]`},
		kindNumber:  {"7", "7"},
		kindBoolean: {"true", "true"},
	}
	choices := map[string]string{"raft-log-store": "boltdb", "log-level": "error", "log-format": "json"}
	if got, want := len(settings), reflect.TypeFor[Options]().NumField(); got != want {
		t.Errorf("%d settings for %d fields", got, want)
	}
	seen := map[any]string{}
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			var o Options
			kind := s.value(&o).kind()
			text, hcl := sample[kind].text, sample[kind].hcl
			if c := choices[s.name]; c != "" {
				text, hcl = c, `"`+c+`"`
			}
			var byText, byFile Options
			if err := s.set(&byText, text); err != nil {
				t.Fatal(err)
			}
			if err := applyHCL([]byte(s.key()+" = "+hcl), &byFile); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(byText, byFile) || reflect.DeepEqual(byText, Options{}) {
				t.Errorf("as text %+v, in a file %+v", byText, byFile)
			}
			if want := "JETON_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_")); s.env() != want {
				t.Errorf("variable %s, want %s", s.env(), want)
			}
			if !strings.Contains(s.usage, "`") && kind != kindBoolean {
				t.Error("help does not name the value")
			}
			where := fieldSet(byText)
			if other, ok := seen[where]; ok {
				t.Errorf("sets the same field as %s", other)
			}
			seen[where] = s.name
		})
	}
}

// fieldSet is the name of the one field that is not zero.
func fieldSet(o Options) string {
	v := reflect.ValueOf(o)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			return v.Type().Field(i).Name
		}
	}
	return ""
}

func TestHCLRefusals(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "data_dir = \"/x\"\ndata_dri = \"/y\"", `line 2: unknown key "data_dri"`},
		{"dashes", "\n\nnode-id = \"x\"", `line 3: unknown key "node-id"; names here are written with underscores (node_id)`},
		{"twice", "node_id = \"x\"\n\nnode_id = \"y\"", `"node_id" at 3:1 was already set`},
		{"block", "listener \"tcp\" {\n}", "line 1: listener opens a block; there are no blocks here"},
		{"object", "node_id = {\n}", "line 1: node_id must be a string"},
		{"number for text", "node_id = 3", "line 1: node_id must be a string"},
		{"text for number", `bootstrap_expect = "3"`, "line 1: bootstrap_expect must be a number"},
		{"fraction", `bootstrap_expect = 3.5`, "line 1: bootstrap_expect must be a number"},
		{"text for boolean", `non_voter = "true"`, "line 1: non_voter must be true or false"},
		{"text for list", `join = "a:1"`, "line 1: join must be a list of strings"},
		{"numbers in a list", "join = [\n\"a:1\", 2]", "line 1: join must be a list of strings"},
		{"choice", `log_format = "xml"`, `line 1: log_format: "xml" is not one of text, json`},
		{"no value", "node_id = \"x\"\ndata_dir = ", "line 2: the last key has no value"},
		{"no value at all", "node_id = \"x\"\ndata_dir # later", "2"},
		{"no value between", "node_id =\ndata_dir = \"x\"", "2:1"},
		{"no end", "join = [\"a:1\"", "1:"},
		{"no HCL", "}", "1:1"},
		{"JSON", `{"node_id": "x"}`, "1:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			err := applyHCL([]byte(tt.text), &o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestOptionRefusals(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"no data dir", nil, nil, "data-dir is required"},
		{"certificate alone", []string{"--data-dir=x", "--tls-cert-file=c"}, nil, "tls-cert-file and tls-key-file must be given together"},
		{"negative", []string{"--data-dir=x", "--bootstrap-expect=-1"}, nil, "bootstrap-expect -1 is negative"},
		{"no number", nil, map[string]string{"JETON_DATA_DIR": "x", "JETON_BOOTSTRAP_EXPECT": "three"}, "JETON_BOOTSTRAP_EXPECT: not a whole number"},
		{"no boolean", nil, map[string]string{"JETON_DATA_DIR": "x", "JETON_NON_VOTER": "maybe"}, "JETON_NON_VOTER: neither true nor false"},
		{"no address", []string{"--data-dir=x", "--http-addr=here"}, nil, `http-addr: "here" is not host:port`},
		{"no port", []string{"--data-dir=x", "--advertise-gossip-addr=here:"}, nil, `advertise-gossip-addr: "here:" has no usable port`},
		{"no address for gRPC", []string{"--data-dir=x", "--grpc-addr=9701"}, nil, `grpc-addr: "9701" is not host:port`},
		{"gRPC for nobody", []string{"--data-dir=x", "--grpc-addr=:9701", "--disable-waypoint"}, nil, "grpc-addr is for Waypoint's clients, whom disable-waypoint turns away"},
		{"join", []string{"--data-dir=x", "--join=n1:8202,n2"}, nil, `join: "n2" is not host:port`},
		{"no cluster name", []string{"--data-dir=x", "--cluster-name="}, nil, "cluster-name is empty"},
		{"log store", []string{"--raft-log-store=rocksdb"}, nil, `"rocksdb" is not one of boltdb`},
		{"no file", []string{"--config=/nonexistent/jeton.hcl"}, nil, "config: open /nonexistent/jeton.hcl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadOptions(t, tt.args, tt.env)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// A node that was told whom to join must not form a cluster of its own.
func TestBootstrapExpectDefault(t *testing.T) {
	for args, want := range map[string]int{
		"--data-dir=x":                                     1,
		"--data-dir=x --join=n1:8202":                      0,
		"--data-dir=x --join=n1:8202 --bootstrap-expect=3": 3,
	} {
		got, err := loadOptions(t, strings.Fields(args), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.BootstrapExpect != want {
			t.Errorf("%s: bootstrap-expect %d, want %d", args, got.BootstrapExpect, want)
		}
	}
}

func TestLargeConfigFile(t *testing.T) {
	path := writeFile(t, "jeton.hcl", "# "+strings.Repeat("x", maxConfigBytes))
	if _, err := loadOptions(t, []string{"--config", path}, nil); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}

// The documentation has every setting, with all its names.
func TestSettingsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		if row := fmt.Sprintf("| `--%s` | `%s` | `%s` |", s.name, s.env(), s.key()); !strings.Contains(string(text), row) {
			t.Errorf("docs/cli.md has no row that begins with %s", row)
		}
	}
}

// And every command.
func TestCommandsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range commands {
		group, verb, two := strings.Cut(cmd.name, " ")
		if !two {
			verb = group
		}
		if !strings.Contains(string(text), verb) || !strings.Contains(string(text), group) {
			t.Errorf("docs/cli.md does not tell of %s", cmd.name)
		}
	}
}
