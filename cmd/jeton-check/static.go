package main

import (
	"context"
	"errors"
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
	out, err := exec.CommandContext(ctx, "go", "vet", "-tags", allTags, "./...").CombinedOutput()
	return one(err, string(out))
}

func checkStatic(ctx context.Context, _ *settings) tally {
	out, err := exec.CommandContext(ctx, "go", "tool", "staticcheck", "-tags", allTags, "./...").CombinedOutput()
	return one(err, string(out))
}
