package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// program is one of Debian's that tests start.
type program struct{ name, pkg string }

// Tools are installed. Servers would be started, now or with the machine, which nobody
// asked for: they are unpacked for the tests alone, with the libraries that they lack.
var (
	tools   = []program{{"strace", "strace"}, {"iptables", "iptables"}, {"ip", "iproute2"}}
	servers = []program{{"nginx", "nginx"}, {"haproxy", "haproxy"}, {"promtool", "prometheus"}}
	// more is what is unpacked with a server.
	more = map[string]string{"nginx": "libnginx-mod-stream"}
)

// workshop is a machine on which programs may be missing.
type workshop struct {
	has  func(name string) bool
	root bool
	apt  string // apt-get; empty if there is none
	run  func(ctx context.Context, name string, args ...string) ([]byte, error)
	dir  string // to unpack into
}

// checkPrograms sees to it that tests find the programs they start, where Debian's can be
// had. The unpacked ones come first in PATH until everything has been checked.
func checkPrograms(ctx context.Context, s *settings) tally {
	w := workshop{has: hasProgram, root: os.Getuid() == 0, run: runProgram}
	w.apt, _ = exec.LookPath("apt-get")
	var err error
	if w.dir, err = os.MkdirTemp("", "jeton-check-"); err != nil {
		return one(err, "")
	}
	path := os.Getenv("PATH")
	s.after = append(s.after, func() {
		os.Setenv("PATH", path)
		os.RemoveAll(w.dir)
	})
	os.Setenv("PATH", w.bin()+string(os.PathListSeparator)+path)
	return w.check(ctx)
}

// hasProgram looks where tests do.
func hasProgram(name string) bool {
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if _, err := exec.LookPath(candidate); err == nil {
			return true
		}
	}
	return false
}

func runProgram(ctx context.Context, name string, args ...string) ([]byte, error) {
	if filepath.Base(name) == "apt-get" {
		return runApt(ctx, name, args...)
	}
	return exec.CommandContext(ctx, name, args...).CombinedOutput()
}

func (w *workshop) missing(all []program) (packages []string) {
	for _, p := range all {
		if !w.has(p.name) {
			packages = append(packages, p.pkg)
		}
	}
	return packages
}

func (w *workshop) check(ctx context.Context) tally {
	install, unpack := w.missing(tools), w.missing(servers)
	if len(install)+len(unpack) == 0 {
		return tally{passed: 1}
	}
	lacking := strings.Join(append(append([]string(nil), install...), unpack...), ", ")
	if !w.root || w.apt == "" {
		return skip("NOTHING IS TESTED WITH " + lacking + ": not installed, and only root can do it, with apt-get")
	}
	fmt.Println("     not installed: " + lacking + "; getting Debian's packages, for the tests")
	ctx, cancel := context.WithTimeout(ctx, installTime)
	defer cancel()
	err := w.do(ctx, w.apt, "-q", "update")
	if err == nil && len(install) > 0 {
		err = w.do(ctx, w.apt, append([]string{"-q", "-y", "--no-install-recommends", "install"}, install...)...)
	}
	if err == nil && len(unpack) > 0 {
		err = w.unpack(ctx, unpack)
	}
	if err != nil {
		return skip("NOTHING IS TESTED WITH " + lacking + ": " + err.Error())
	}
	for _, p := range append(append([]program(nil), tools...), servers...) {
		if !w.has(p.name) {
			return one(fmt.Errorf("package %s is there, %s is not", p.pkg, p.name), "")
		}
	}
	return tally{passed: 1}
}

func (w *workshop) do(ctx context.Context, name string, args ...string) error {
	if out, err := w.run(ctx, name, args...); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, lastLines(string(out), 10))
	}
	return nil
}

// unpack gets packages, and those that they need and the machine lacks, and makes their
// programs start.
func (w *workshop) unpack(ctx context.Context, packages []string) error {
	archives := filepath.Join(w.dir, "archives")
	if err := os.MkdirAll(filepath.Join(archives, "partial"), 0o755); err != nil {
		return err
	}
	args := []string{"-q", "-y", "--no-install-recommends", "-o", "Dir::Cache::archives=" + archives, "--download-only", "install"}
	for _, p := range packages {
		args = append(args, p)
		if m := more[p]; m != "" {
			args = append(args, m)
		}
	}
	if err := w.do(ctx, w.apt, args...); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(archives, "*.deb"))
	if err != nil {
		return err
	}
	for _, archive := range found {
		if err := w.do(ctx, "dpkg-deb", "-x", archive, w.dir); err != nil {
			return err
		}
	}
	return w.wrap()
}

// bin is where the unpacked programs start from: a folder beside their lib, as theirs is.
func (w *workshop) bin() string { return filepath.Join(w.dir, "usr", "start") }

// wrap has every unpacked server start with the libraries that came with it.
func (w *workshop) wrap() error {
	if err := os.MkdirAll(w.bin(), 0o755); err != nil {
		return err
	}
	libraries, err := filepath.Glob(filepath.Join(w.dir, "usr", "lib", "*-linux-gnu*"))
	if err != nil {
		return err
	}
	for _, p := range servers {
		found, err := filepath.Glob(filepath.Join(w.dir, "usr", "*bin", p.name))
		if err != nil || len(found) == 0 {
			continue // it was there, or the check will say that it is not
		}
		text := fmt.Sprintf("#!/bin/sh\nLD_LIBRARY_PATH='%s' exec '%s' \"$@\"\n", strings.Join(libraries, ":"), found[0])
		if err := os.WriteFile(filepath.Join(w.bin(), p.name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	return nil
}
