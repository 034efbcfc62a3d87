package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jeton-io/jeton/cmd/jeton-chaos/procs"
)

// replayed is a campaign of the conformance suite: whole runs one after the
// other, then once each scenario alone, right after the leader was killed.
type replayed struct {
	c     *procs.Cluster
	suite string // the suite's program
	dir   string // its folder, with the scenarios
}

var errScenarios = errors.New("scenarios failed")

// replay runs the campaign on a running cluster.
func replay(ctx context.Context, c *procs.Cluster, folder string, runs int) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "jeton-suite-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	r := &replayed{c, filepath.Join(scratch, "suite"), folder}
	build := exec.CommandContext(ctx, "go", "build", "-o", r.suite, ".")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the suite: %w: %s", err, out)
	}
	failed := 0
	for i := range runs {
		start := time.Now()
		out, err := r.run(ctx, "-parallel", "8")
		fmt.Printf("run %d of %d: %s (%s)\n", i+1, runs, lastLine(out), time.Since(start).Round(time.Second))
		failed += r.tell(out, err)
	}
	more, err := r.betweenKills(ctx)
	if failed += more; failed > 0 {
		err = errors.Join(err, errScenarios)
	}
	return err
}

// betweenKills kills the leader before each scenario and waits only until each
// node answers again.
func (r *replayed) betweenKills(ctx context.Context) (failed int, err error) {
	names, err := r.names()
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		if err := r.strike(ctx); err != nil {
			return failed, fmt.Errorf("before %s: %w", name, err)
		}
		out, err := r.run(ctx, "-run", "^"+name+"$")
		failed += r.tell(out, err)
	}
	fmt.Printf("after a leader's death each: %d scenarios, %d failed\n", len(names), failed)
	return failed, nil
}

func (r *replayed) strike(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, recoveryLimit)
	defer cancel()
	leader, err := r.c.AwaitLeader(ctx)
	if err != nil {
		return err
	}
	if err := leader.Kill(); err != nil {
		return err
	}
	if err := leader.Start(); err != nil {
		return err
	}
	return r.c.AwaitServing(ctx, r.c.Nodes...)
}

func (r *replayed) run(ctx context.Context, args ...string) (string, error) {
	args = append([]string{"replay", "-addr", strings.Join(r.c.URLs(), ","), "-token", r.c.Root}, args...)
	cmd := exec.CommandContext(ctx, r.suite, args...)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// tell shows what failed and counts the scenarios.
func (r *replayed) tell(out string, err error) (failed int) {
	if err == nil {
		return 0
	}
	for line := range strings.Lines(out) {
		fmt.Print("  ", line)
	}
	var passed int
	if n, _ := fmt.Sscanf(lastLine(out), "%d passed, %d failed", &passed, &failed); n < 2 {
		return 1 // the suite itself did not run
	}
	return failed
}

// names are the scenarios' names, each a file's.
func (r *replayed) names() (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(r.dir, "scenarios", "*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no scenarios in %s", r.dir)
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	return names, err
}

func lastLine(out string) string {
	out = strings.TrimSpace(out)
	return out[strings.LastIndexByte(out, '\n')+1:]
}
