package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// program is one of Debian's that tests start; a server says its version when it is asked.
type program struct{ name, pkg, version string }

// Tools are installed. Servers would be started, now or with the machine, which nobody
// asked for: they are unpacked for the tests alone, with the libraries that they lack.
var (
	tools   = []program{{"strace", "strace", ""}, {"iptables", "iptables", ""}, {"ip", "iproute2", ""}}
	servers = []program{{"nginx", "nginx", "-v"}, {"haproxy", "haproxy", "-v"}, {"promtool", "prometheus", "--version"}}
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
// had. PATH leads to them until everything has been checked.
func checkPrograms(ctx context.Context, s *settings) tally {
	w := workshop{root: os.Getuid() == 0, run: runProgram}
	w.has = func(name string) bool { _, err := exec.LookPath(name); return err == nil }
	w.apt, _ = exec.LookPath("apt-get")
	dir, err := os.MkdirTemp("", "jeton-check-")
	if err == nil {
		w.dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return one(err, "")
	}
	path := os.Getenv("PATH")
	s.after = append(s.after, func() {
		os.Setenv("PATH", path)
		os.RemoveAll(w.dir)
	})
	// Servers and iptables are where the path of an ordinary user does not lead.
	os.Setenv("PATH", strings.Join([]string{w.bin(), path, "/usr/sbin", "/sbin"}, string(os.PathListSeparator)))
	ctx, cancel := s.fetching(ctx)
	defer cancel()
	return w.check(ctx)
}

func runProgram(ctx context.Context, name string, args ...string) ([]byte, error) {
	if filepath.Base(name) == "apt-get" {
		return runApt(ctx, name, args...)
	}
	return exec.CommandContext(ctx, name, args...).CombinedOutput()
}

func (w *workshop) missing() (names []string) {
	for _, p := range append(append([]program(nil), tools...), servers...) {
		if !w.has(p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// check gets what can be had, one by one, so that one which can not is in nobody's way.
func (w *workshop) check(ctx context.Context) tally {
	missing := w.missing()
	if len(missing) == 0 {
		return tally{passed: 1}
	}
	why := []error{errors.New("only root can get them, with apt-get")}
	if w.root && w.apt != "" {
		fmt.Println("     there is no " + strings.Join(missing, ", no ") + ": getting Debian's packages, for the tests")
		why = w.get(ctx, missing)
	}
	if missing = w.missing(); len(missing) > 0 {
		return skip("NOTHING IS TESTED WITH " + strings.Join(missing, ", ") + ": " + errors.Join(why...).Error())
	}
	return tally{passed: 1}
}

// get says what went wrong. Debian's lists may be good enough though they are not of today.
func (w *workshop) get(ctx context.Context, missing []string) (errs []error) {
	errs = append(errs, w.do(ctx, w.apt, "-q", "update"))
	for _, p := range tools {
		if slices.Contains(missing, p.name) {
			errs = append(errs, w.do(ctx, w.apt, "-q", "-y", "--no-install-recommends", "install", p.pkg))
		}
	}
	for _, p := range servers {
		if slices.Contains(missing, p.name) {
			errs = append(errs, w.unpack(ctx, p))
		}
	}
	return errs
}

func (w *workshop) do(ctx context.Context, name string, args ...string) error {
	if out, err := w.run(ctx, name, args...); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, lastLines(string(out), 10))
	}
	return nil
}

// unpack gets a package, and those that it needs and the machine lacks, and has its program
// start.
func (w *workshop) unpack(ctx context.Context, p program) error {
	archives := filepath.Join(w.dir, "archives")
	defer os.RemoveAll(archives)
	if err := os.MkdirAll(filepath.Join(archives, "partial"), 0o755); err != nil {
		return err
	}
	args := []string{"-q", "-y", "--no-install-recommends", "-o", "Dir::Cache::archives=" + archives, "--download-only", "install"}
	if err := w.do(ctx, w.apt, append(args, strings.Fields(p.pkg+" "+more[p.name])...)...); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(archives, "*.deb"))
	if err != nil {
		return err
	}
	for _, archive := range found {
		if strings.HasPrefix(filepath.Base(archive), "libc6_") {
			return fmt.Errorf("%s wants another C library", p.pkg)
		}
		if err := w.do(ctx, "dpkg-deb", "-x", archive, w.dir); err != nil {
			return err
		}
	}
	return w.wrap(ctx, p)
}

// bin is where the unpacked programs start from: a folder beside their lib, as theirs is.
func (w *workshop) bin() string { return filepath.Join(w.dir, "usr", "start") }

// wrap has an unpacked program start with the libraries that came with it, if it can.
func (w *workshop) wrap(ctx context.Context, p program) error {
	found, _ := filepath.Glob(filepath.Join(w.dir, "usr", "*bin", p.name))
	if len(found) == 0 {
		return fmt.Errorf("there is no %s in the package %s", p.name, p.pkg)
	}
	usr, _ := filepath.Glob(filepath.Join(w.dir, "usr", "lib", "*-linux-gnu*"))
	lib, _ := filepath.Glob(filepath.Join(w.dir, "lib", "*-linux-gnu*"))
	if err := os.MkdirAll(w.bin(), 0o755); err != nil {
		return err
	}
	start := filepath.Join(w.bin(), p.name)
	text := fmt.Sprintf("#!/bin/sh\nLD_LIBRARY_PATH='%s' exec '%s' \"$@\"\n", strings.Join(append(usr, lib...), ":"), found[0])
	if err := os.WriteFile(start, []byte(text), 0o755); err != nil {
		return err
	}
	err := w.do(ctx, start, p.version)
	if err != nil {
		os.Remove(start)
	}
	return err
}
