package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
)

// allTags are the build tags of the project, so that vet and staticcheck see the
// files behind them, too.
const allTags = "containers"

// goFiles is every Go file that belongs to the project: those that git knows of or
// would add.
func goFiles(ctx context.Context) ([]string, error) {
	out, err := exec.CommandContext(ctx, "git", "ls-files", "--cached", "--others", "--exclude-standard", "*.go").Output()
	return strings.Fields(string(out)), err
}

func checkFormat(ctx context.Context, _ *settings) tally {
	files, err := goFiles(ctx)
	if err != nil {
		return one(err, "")
	}
	out, err := exec.CommandContext(ctx, "gofmt", append([]string{"-l"}, files...)...).CombinedOutput()
	if err == nil && len(out) > 0 {
		err = errors.New("not formatted")
		out = append([]byte("not gofmt-ed (make fix):\n"), out...)
	}
	return one(err, string(out))
}

func checkVet(ctx context.Context, _ *settings) tally {
	return look(ctx, "go", "vet", "-tags", allTags, "./...")
}

// checkStatic finds the tool first: built with the race detector it would be slow.
func checkStatic(ctx context.Context, _ *settings) tally {
	path, err := exec.CommandContext(ctx, "go", "tool", "-n", "staticcheck").Output()
	if err != nil {
		return one(err, "")
	}
	return look(ctx, strings.TrimSpace(string(path)), "-tags", allTags, "./...")
}

// look runs a tool that needs all packages compiled. That is done as the tests will
// have them, with the race detector if there is one: on a machine with nothing built
// yet a second build would take minutes.
func look(ctx context.Context, name string, args ...string) tally {
	cmd := exec.CommandContext(ctx, name, args...)
	if hasRace(ctx) {
		flags, err := exec.CommandContext(ctx, "go", "env", "GOFLAGS").Output()
		if err != nil {
			return one(err, "")
		}
		cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(string(flags))+" -race")
	}
	out, err := cmd.CombinedOutput()
	return one(err, string(out))
}
