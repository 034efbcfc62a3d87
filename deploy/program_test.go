package deploy_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// program finds one that is not of this project; a test without it says so. Servers
// are where the path of an ordinary user does not lead.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skipf("NOTHING IS CHECKED WITH %s: it is not installed (Debian: %s)", strings.ToUpper(name), debian)
	return ""
}

func readFile(path string) (string, error) {
	text, err := os.ReadFile(path)
	return string(text), err
}
