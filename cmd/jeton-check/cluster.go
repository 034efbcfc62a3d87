package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// later names the conformance scenarios of what is not built yet, a regular
// expression a line. They are counted as skipped.
//
//go:embed conformance.later
var later string

// checkConformance replays the suite against three processes, its steps going to
// the nodes in turn.
func checkConformance(ctx context.Context, s *settings) tally {
	if s.conformance == "" {
		return skip("no conformance suite here")
	}
	suite, err := filepath.Abs(s.conformance)
	if err != nil {
		return one(err, "")
	}
	dir, err := os.MkdirTemp("", "jeton-conformance-")
	if err != nil {
		return one(err, "")
	}
	defer os.RemoveAll(dir)
	script := `cd "$1" && go run . list -run "$2" && exec go run . replay -addr "$JETON_ADDRS" -token "$JETON_TOKEN" -parallel 8 -v -skip "$2"`
	cmd := exec.CommandContext(ctx, "deploy/run.sh", "sh", "-c", script, "sh", suite, laterPattern())
	cmd.Env = append(os.Environ(), "JETON_RUN_DIR="+dir, "JETON_RUN_PORT=18400", "JETON_LOG_LEVEL=warn")
	out, err := cmd.CombinedOutput()
	return readSuite(string(out), err)
}

// laterPattern joins the lines of the list to one expression.
func laterPattern() string {
	var names []string
	for line := range strings.Lines(later) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names = append(names, line)
		}
	}
	if len(names) == 0 {
		return "^$" // no scenario's name; an empty expression would be any
	}
	return strings.Join(names, "|")
}

// readSuite counts the scenarios: first comes the list of those that are left out,
// which ends with "N scenarios, M steps", and last "N passed, M failed".
func readSuite(out string, err error) tally {
	var t tally
	counted := false
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "FAIL ") {
			fmt.Print(line)
		}
		if n, _, ok := scanTwo(line, "%d scenarios, %d steps"); ok {
			t.skipped = n
		}
		if n, m, ok := scanTwo(line, "%d passed, %d failed"); ok {
			t.passed, t.failed, counted = n, m, true
		}
	}
	if !counted {
		return one(fmt.Errorf("the suite did not finish: %w", err), out)
	}
	return t
}

func scanTwo(line, format string) (n, m int, ok bool) {
	read, err := fmt.Sscanf(line, format, &n, &m)
	return n, m, err == nil && read == 2
}

// checkContainers builds the image and runs the tests of the compose file, when
// there is a Docker engine.
func checkContainers(ctx context.Context, _ *settings) tally {
	if err := exec.CommandContext(ctx, "docker", "info").Run(); err != nil {
		return skip("no Docker engine answers")
	}
	if out, err := exec.CommandContext(ctx, "make", "image").CombinedOutput(); err != nil {
		return one(err, string(out))
	}
	args := []string{"-tags", "containers", "-count=1", "-run", "^TestContainers"}
	if hasRace(ctx) {
		args = append(args, "-race") // as all that the tests need was built
	}
	return goTest(ctx, nil, append(args, "./deploy/...")...)
}
