package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheckPrograms(t *testing.T) {
	for _, tt := range []struct {
		name    string
		lacks   []string
		user    bool
		apt     string
		fails   string // what a call that does contains
		brings  string // a file in the archive
		broken  bool   // the programs do not start
		want    tally
		calls   []string // what each call contains, in order
		started []string // what the unpacked ones are
	}{
		{name: "all there", apt: "apt-get", want: tally{passed: 1}},
		{name: "not root", lacks: []string{"nginx"}, user: true, apt: "apt-get", want: tally{skipped: 1}},
		{name: "no apt-get", lacks: []string{"strace"}, want: tally{skipped: 1}},
		{name: "a tool", lacks: []string{"ip"}, apt: "apt-get", want: tally{passed: 1},
			calls: []string{"update", "install iproute2"}},
		{name: "servers", lacks: []string{"nginx", "promtool"}, apt: "apt-get", want: tally{passed: 1}, started: []string{"nginx", "promtool"},
			calls: []string{"update", "--download-only install nginx libnginx-mod-stream", "-x", "-v", "--download-only install prometheus", "-x", "--version"}},
		{name: "both", lacks: []string{"strace", "haproxy"}, apt: "apt-get", want: tally{passed: 1}, started: []string{"haproxy"},
			calls: []string{"update", "install strace", "--download-only install haproxy", "-x", "-v"}},
		{name: "lists that cannot be had anew", lacks: []string{"ip"}, apt: "apt-get", fails: "update", want: tally{passed: 1},
			calls: []string{"update", "install iproute2"}},
		{name: "one package that there is not", lacks: []string{"strace", "haproxy", "promtool"}, apt: "apt-get", fails: "install haproxy", want: tally{skipped: 1}, started: []string{"promtool"},
			calls: []string{"update", "install strace", "install haproxy", "install prometheus", "-x", "--version"}},
		{name: "a damaged archive", lacks: []string{"nginx"}, apt: "apt-get", fails: "-x", want: tally{skipped: 1},
			calls: []string{"update", "--download-only", "-x"}},
		{name: "a package without its program", lacks: []string{"nginx"}, apt: "apt-get", brings: "usr/bin/other", want: tally{skipped: 1},
			calls: []string{"update", "--download-only", "-x"}},
		{name: "another C library", lacks: []string{"nginx"}, apt: "apt-get", brings: "libc6_9.deb", want: tally{skipped: 1},
			calls: []string{"update", "--download-only"}},
		{name: "a program that does not start", lacks: []string{"nginx"}, apt: "apt-get", broken: true, want: tally{skipped: 1},
			calls: []string{"update", "--download-only", "-x", "-v"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			there := make(map[string]bool)
			for _, p := range append(append([]program(nil), tools...), servers...) {
				there[p.name] = !slices.Contains(tt.lacks, p.name)
			}
			w := workshop{root: !tt.user, apt: tt.apt, dir: t.TempDir()}
			w.has = func(name string) bool {
				_, err := os.Stat(filepath.Join(w.bin(), name))
				return there[name] || err == nil
			}
			var calls []string
			w.run = func(ctx context.Context, name string, args ...string) ([]byte, error) {
				line := strings.Join(args, " ")
				calls = append(calls, line)
				if _, bounded := ctx.Deadline(); !bounded {
					t.Errorf("%s without a bound", line)
				}
				switch {
				case tt.fails != "" && strings.Contains(line, tt.fails):
					return []byte("E: no"), errors.New("exit status 100")
				case strings.Contains(line, "--download-only"):
					archive := "some.deb"
					if strings.HasSuffix(tt.brings, ".deb") {
						archive = tt.brings
					}
					write(t, filepath.Join(w.dir, "archives", archive), "")
				case args[0] == "-x":
					write(t, filepath.Join(w.dir, "usr", "lib", "x86_64-linux-gnu", "some.so"), "")
					for _, name := range tt.lacks {
						if tt.brings == "" {
							write(t, filepath.Join(w.dir, "usr", "sbin", name), "#!/bin/sh\necho \"$LD_LIBRARY_PATH $*\"\n")
						}
					}
				case strings.Contains(line, " install "):
					for _, p := range tools {
						there[p.name] = there[p.name] || slices.Contains(args, p.pkg)
					}
				case tt.broken:
					return []byte("no such library"), errors.New("exit status 127")
				}
				return nil, nil
			}
			ctx, cancel := new(settings).fetching(t.Context())
			defer cancel()
			if got := w.check(ctx); got != tt.want {
				t.Errorf("counted %+v, want %+v", got, tt.want)
			}
			if len(calls) != len(tt.calls) {
				t.Fatalf("calls %q, want %q", calls, tt.calls)
			}
			for i, want := range tt.calls {
				if !strings.Contains(calls[i], want) {
					t.Errorf("call %q, want one of %q", calls[i], want)
				}
			}
			for _, p := range servers {
				out, err := exec.Command(filepath.Join(w.bin(), p.name), "a", "b c").CombinedOutput()
				if started := err == nil; started != slices.Contains(tt.started, p.name) {
					t.Errorf("%s starts: %t (%v)", p.name, started, err)
				} else if want := filepath.Join(w.dir, "usr", "lib", "x86_64-linux-gnu") + " a b c\n"; started && string(out) != want {
					t.Errorf("%s: %q, want %q", p.name, out, want)
				}
			}
			if _, err := os.Stat(filepath.Join(w.dir, "archives")); err == nil {
				t.Error("archives are left")
			}
		})
	}
}

// What leads to the programs is there until the end, and then gone.
func TestProgramsAreForTheRun(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("PATH", t.TempDir()) // without apt-get
	before, s := os.Getenv("PATH"), new(settings)
	if got := checkPrograms(t.Context(), s); got.failed > 0 {
		t.Errorf("counted %+v", got)
	}
	first, _, _ := strings.Cut(os.Getenv("PATH"), string(os.PathListSeparator))
	if filepath.Base(first) != "start" {
		t.Errorf("PATH begins with %s", first)
	}
	for _, f := range s.after {
		f()
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if os.Getenv("PATH") != before || len(left) > 0 || err != nil {
		t.Errorf("left: PATH %s, files %v (%v)", os.Getenv("PATH"), left, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}
