package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// finding is what noticed a mutant.
type finding struct{ where, what string }

// runTimeout bounds one run of a test; a mutant that hangs has been noticed.
const runTimeout = 4 * time.Minute

func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("not in the module: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// try builds the mutant's tests and runs them until one fails.
func (m *mutant) try(ctx context.Context, root string, tries int) (finding, error) {
	dir, err := os.MkdirTemp("", "jeton-mutant-*")
	if err != nil {
		return finding{}, err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return finding{}, err
	}
	t := m.test
	if len(m.seeds) > 0 {
		t = test{"cluster", "TestSim"}
	}
	binary := filepath.Join(dir, "mutant.test")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, "./"+t.pkg)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return finding{}, fmt.Errorf("build: %w\n%s", err, out)
	}
	for range tries {
		if len(m.seeds) == 0 {
			if what := run(ctx, binary, filepath.Join(root, t.pkg), t.name); what != "" {
				return finding{t.name, what}, nil
			}
		}
		for _, seed := range m.seeds {
			if what := run(ctx, binary, filepath.Join(root, t.pkg), t.name, fmt.Sprint("JETON_SIM_SEED=", seed)); what != "" {
				return finding{fmt.Sprint("seed ", seed), what}, nil
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return finding{}, ctx.Err()
}

// overlay writes the mutant's files and the list of what they replace.
func (m *mutant) overlay(root, dir string) (string, error) {
	files, err := m.changed(root)
	if err != nil {
		return "", err
	}
	list := struct{ Replace map[string]string }{make(map[string]string)}
	for name, text := range files { // order: each is a file of its own
		copied := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			return "", err
		}
		list.Replace[filepath.Join(root, name)] = copied
	}
	b, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, b, 0o600)
}

// run runs a test and says what it found wrong; "" when it passes.
func run(ctx context.Context, binary, dir, name string, env ...string) string {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-test.run", "^"+name+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ""
	case ctx.Err() != nil:
		return "it hung"
	case !errors.As(err, &exit):
		return err.Error()
	}
	return complaint(string(out))
}

// complaints are how the lines begin in which tests and the runtime say what is wrong.
// The first that is found names the finding.
var complaints = []struct {
	line *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`stale: `), "an answer from before what had been answered"},
	{regexp.MustCompile(`have different states`), "nodes with different states at one index"},
	{regexp.MustCompile(`the log's clock falls`), "the log's clock falls"},
	{regexp.MustCompile(`unexpected verdict: `), "a verdict that cannot be"},
	{regexp.MustCompile(`no order of these`), "porcupine: answers that no order explains"},
	{regexp.MustCompile(`goes on although its disk`), "a node that goes on with a failed disk"},
	{regexp.MustCompile(`gave up: `), "a node that gave up"},
	{regexp.MustCompile(`(?m)^panic: `), "panic"},
	{regexp.MustCompile(`not ready: `), "a node that does not serve again"},
	{regexp.MustCompile(`waited in vain`), "no progress"},
}

func complaint(out string) string {
	for _, c := range complaints {
		if c.line.MatchString(out) {
			return c.name
		}
	}
	for line := range strings.Lines(out) {
		if m := said.FindStringSubmatch(line); m != nil && !schedule.MatchString(m[1]) {
			return m[1]
		}
	}
	return "it failed"
}

var (
	// said is a line of a test's own.
	said = regexp.MustCompile(`^\s+\w+_test\.go:\d+: (.*)`)
	// schedule is one in which a simulation says what it does.
	schedule = regexp.MustCompile(`^(seed \d+, |to repeat: )`)
)
