package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// readUnit is a unit's settings; what stands twice is joined with a line break.
func readUnit(t *testing.T) map[string]string {
	t.Helper()
	text, err := readFile("systemd/jeton.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			unit[key] = strings.TrimPrefix(unit[key]+"\n"+value, "\n")
		}
	}
	return unit
}

func TestSystemdUnit(t *testing.T) {
	unit := readUnit(t)
	for key, want := range map[string]string{
		"NoNewPrivileges":         "yes",
		"ProtectSystem":           "strict",
		"ProtectHome":             "yes",
		"PrivateTmp":              "yes",
		"PrivateDevices":          "yes",
		"MemoryDenyWriteExecute":  "yes",
		"CapabilityBoundingSet":   "",
		"SystemCallArchitectures": "native",
		"SystemCallFilter":        "@system-service\n~@privileged @resources",
		"StateDirectory":          "jeton",
		"StateDirectoryMode":      "0700",
		"UMask":                   "0077",
		"LimitCORE":               "0",
		"LimitNOFILE":             "65536",
		"Restart":                 "on-failure",
		"KillMode":                "mixed",
		"TimeoutStopSec":          "30s", // handOverTimeout and drainTimeout of the server, and some
		"ExecReload":              "/bin/kill -HUP $MAINPID",
	} {
		if got, ok := unit[key]; !ok || got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	// a Go program that panics ends with 2, and has to be started again
	if v, ok := unit["RestartPreventExitStatus"]; ok {
		t.Errorf("RestartPreventExitStatus=%s: is a panic never among them?", v)
	}
	credential, from, _ := strings.Cut(unit["LoadCredential"], ":")
	if want := "JETON_SECRET_FILE=%d/" + credential; from == "" || !strings.Contains(unit["Environment"], want) {
		t.Errorf("credential %q, but the environment is\n%s", credential, unit["Environment"])
	}
	if !strings.Contains(unit["Environment"], "JETON_DATA_DIR=%S/"+unit["StateDirectory"]+"/") {
		t.Errorf("the data is not in the state directory:\n%s", unit["Environment"])
	}
}

// systemd's own opinion. Exposure goes from 0 to 10; what remains of it is that the
// server has a network.
func TestSystemdAnalyze(t *testing.T) {
	tool := program(t, "systemd-analyze", "systemd")
	text, err := readFile("systemd/jeton.service")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable() // the unit's program is not installed here
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "jeton.service")
	text = strings.Replace(text, "/usr/local/bin/jeton server", self+" server", 1)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--man=no", path},
		{"security", "--no-pager", "--offline=true", "--threshold=15", path},
	} {
		out, err := exec.Command(tool, args...).CombinedOutput()
		if err != nil {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
		// verify only warns of what it does not know
		if args[0] == "verify" && strings.Contains(string(out), path) {
			t.Errorf("systemd-analyze verify:\n%s", out)
		}
	}
}
