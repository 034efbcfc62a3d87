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
	all := func() map[string]bool {
		return map[string]bool{"strace": true, "iptables": true, "ip": true, "nginx": true, "haproxy": true, "promtool": true}
	}
	for _, tt := range []struct {
		name    string
		lacks   []string
		user    bool
		apt     string
		fails   string // what a call that does contains
		empty   bool   // the packages have no programs in them
		want    tally
		calls   []string // what each call contains, in order
		started []string // what the unpacked ones are
	}{
		{name: "all there", apt: "apt-get", want: tally{passed: 1}},
		{name: "not root", lacks: []string{"nginx"}, user: true, apt: "apt-get", want: tally{skipped: 1}},
		{name: "no apt-get", lacks: []string{"strace"}, want: tally{skipped: 1}},
		{name: "a tool", lacks: []string{"ip"}, apt: "apt-get", want: tally{passed: 1},
			calls: []string{"update", "install iproute2"}},
		{name: "servers", lacks: []string{"nginx", "promtool"}, apt: "apt-get", want: tally{passed: 1},
			calls: []string{"update", "--download-only install nginx libnginx-mod-stream prometheus", "-x"}, started: []string{"nginx", "promtool"}},
		{name: "both", lacks: []string{"strace", "haproxy"}, apt: "apt-get", want: tally{passed: 1},
			calls: []string{"update", "install strace", "--download-only install haproxy", "-x"}, started: []string{"haproxy"}},
		{name: "no network", lacks: []string{"nginx"}, apt: "apt-get", fails: "update", want: tally{skipped: 1},
			calls: []string{"update"}},
		{name: "no such package", lacks: []string{"strace", "nginx"}, apt: "apt-get", fails: "install strace", want: tally{skipped: 1},
			calls: []string{"update", "install strace"}},
		{name: "a damaged archive", lacks: []string{"nginx"}, apt: "apt-get", fails: "-x", want: tally{skipped: 1},
			calls: []string{"update", "--download-only", "-x"}},
		{name: "packages without programs", lacks: []string{"nginx"}, apt: "apt-get", empty: true, want: tally{failed: 1},
			calls: []string{"update", "--download-only", "-x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			there, calls := all(), []string(nil)
			for _, name := range tt.lacks {
				delete(there, name)
			}
			w := workshop{root: !tt.user, apt: tt.apt, dir: t.TempDir()}
			w.has = func(name string) bool {
				_, err := os.Stat(filepath.Join(w.bin(), name))
				return there[name] || err == nil
			}
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
					write(t, filepath.Join(w.dir, "archives", "some.deb"), "")
				case args[0] == "-x" && !tt.empty:
					write(t, filepath.Join(w.dir, "usr", "lib", "x86_64-linux-gnu", "some.so"), "")
					for _, name := range tt.lacks {
						write(t, filepath.Join(w.dir, "usr", "sbin", name), "#!/bin/sh\necho \"$LD_LIBRARY_PATH $*\"\n")
					}
				case strings.Contains(line, " install "):
					for _, p := range tools {
						there[p.name] = there[p.name] || slices.Contains(args, p.pkg)
					}
				}
				return nil, nil
			}
			if got := w.check(t.Context()); got != tt.want {
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
			for _, name := range tt.started {
				out, err := exec.Command(filepath.Join(w.bin(), name), "a", "b c").CombinedOutput()
				if want := filepath.Join(w.dir, "usr", "lib", "x86_64-linux-gnu") + " a b c\n"; err != nil || string(out) != want {
					t.Errorf("%s: %q (%v), want %q", name, out, err, want)
				}
			}
		})
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
