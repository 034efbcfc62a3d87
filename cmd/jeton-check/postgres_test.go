package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jeton-io/jeton/http/engine/postgres/pgtest"
)

// What this package looks for is what the tests will find.
func TestFindPostgres(t *testing.T) {
	_, here := findPostgres()
	if _, there := pgtest.Programs(); (here == nil) != (there == nil) {
		t.Errorf("found: %v; by tests: %v", here, there)
	}
}

func TestCheckPostgres(t *testing.T) {
	for _, tt := range []struct {
		name    string
		there   bool
		root    bool
		apt     string
		fails   string // the call that does
		gives   bool   // the programs are there afterwards
		want    tally
		asked   []string
		written bool
	}{
		{name: "it is there", there: true, root: true, apt: "apt-get", want: tally{passed: 1}},
		{name: "not root", apt: "apt-get", want: tally{skipped: 1}},
		{name: "no apt-get", root: true, want: tally{skipped: 1}},
		{name: "installed", root: true, apt: "apt-get", gives: true, want: tally{passed: 1}, asked: []string{"update", "install"}, written: true},
		{name: "no network", root: true, apt: "apt-get", fails: "update", want: tally{skipped: 1}, asked: []string{"update"}, written: true},
		{name: "no such package", root: true, apt: "apt-get", fails: "install", want: tally{skipped: 1}, asked: []string{"update", "install"}, written: true},
		{name: "a package without programs", root: true, apt: "apt-get", want: tally{failed: 1}, asked: []string{"update", "install"}, written: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := host{root: tt.root, apt: tt.apt, drop: filepath.Join(t.TempDir(), "d", "conf")}
			there, written, asked := tt.there, false, []string(nil)
			h.find = func() (string, error) {
				if !there {
					return "", errors.New("no programs")
				}
				return "/usr/lib", nil
			}
			h.install = func(ctx context.Context, apt string, args ...string) ([]byte, error) {
				if _, bounded := ctx.Deadline(); !bounded || apt != tt.apt {
					t.Errorf("%s without a bound", apt)
				}
				text, _ := os.ReadFile(h.drop)
				written = written || strings.Contains(string(text), "create_main_cluster = false")
				for _, verb := range []string{"update", "install"} {
					if slices.Contains(args, verb) {
						asked = append(asked, verb)
						if verb == tt.fails {
							return []byte("E: no"), errors.New("exit status 100")
						}
						there = there || verb == "install" && tt.gives
					}
				}
				return nil, nil
			}
			ctx, cancel := new(settings).fetching(t.Context())
			defer cancel()
			if got := h.check(ctx); got != tt.want {
				t.Errorf("counted %+v, want %+v", got, tt.want)
			}
			if !slices.Equal(asked, tt.asked) || written != tt.written {
				t.Errorf("asked for %v, a cluster forbidden: %v", asked, written)
			}
			if _, err := os.Stat(h.drop); err == nil {
				t.Error("the file about clusters is left")
			}
		})
	}
}
