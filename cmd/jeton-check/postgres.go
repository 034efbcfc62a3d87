package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// host is a machine that may have PostgreSQL, and may be given it.
type host struct {
	find    func() (string, error) // where the server's program is
	root    bool
	apt     string // apt-get; empty if there is none
	drop    string // what to say to Debian about clusters, in a file of this name
	install func(ctx context.Context, apt string, args ...string) ([]byte, error)
}

// checkPostgres sees to it that tests find a PostgreSQL: where there is none it
// installs Debian's package, if that is possible.
func checkPostgres(ctx context.Context, s *settings) tally {
	h := host{find: findPostgres, root: os.Getuid() == 0, install: runApt,
		drop: "/etc/postgresql-common/createcluster.d/jeton-check.conf"}
	h.apt, _ = exec.LookPath("apt-get")
	ctx, cancel := s.fetching(ctx)
	defer cancel()
	return h.check(ctx)
}

// findPostgres looks where pgtest does.
func findPostgres() (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 {
		return found[0], nil
	}
	return exec.LookPath("postgres")
}

func (h *host) check(ctx context.Context) tally {
	if _, err := h.find(); err == nil {
		return tally{passed: 1}
	}
	const untested = "NOTHING IS TESTED AGAINST A REAL POSTGRESQL: "
	if !h.root || h.apt == "" {
		return skip(untested + "there is none, and only root can install one, with apt-get")
	}
	fmt.Println("     there is no PostgreSQL: installing Debian's package postgresql with apt-get, for the tests")
	if err := h.get(ctx); err != nil {
		return skip(untested + err.Error())
	}
	path, err := h.find()
	if err != nil {
		return one(err, "")
	}
	fmt.Println("     it is " + path + "; no server was started")
	return tally{passed: 1}
}

// get installs the package. Debian would make a cluster and start a server with it,
// which nobody asked for.
func (h *host) get(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(h.drop), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(h.drop, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return err
	}
	defer os.Remove(h.drop)
	for _, args := range [][]string{
		{"-q", "update"},
		{"-q", "-y", "--no-install-recommends", "install", "postgresql"},
	} {
		if out, err := h.install(ctx, h.apt, args...); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, lastLines(string(out), 10))
		}
	}
	return nil
}

// runApt asks it nothing, and to stop in good order when the time is over: a
// package that is half installed is in everybody's way.
func runApt(ctx context.Context, apt string, args ...string) ([]byte, error) {
	bounds := []string{"-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30", "-o", "DPkg::Lock::Timeout=60"}
	cmd := exec.CommandContext(ctx, apt, append(bounds, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd.CombinedOutput()
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
