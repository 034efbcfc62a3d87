// Command jeton-mutants shows that the tests can find bugs: it takes one protection of
// the product away at a time and expects that something notices.
//
//	jeton-mutants [-tries N] [protection ...]
//
// The source is not touched. Each mutant is a few replacements of text in copies of
// files, which go test -overlay compiles in place of the originals. A test of this
// package, which every make test runs, sees to it that the texts still occur, once.
//
// The table at the end says what noticed each. The exit code is 1 when something did
// not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	tries := flag.Int("tries", 5, "how often everything that may notice a mutant is `run`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := moduleRoot(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var rows []string
	survivors := 0
	for _, m := range mutants {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), m.name) || ctx.Err() != nil {
			continue
		}
		start := time.Now()
		found, err := m.try(ctx, root, *tries)
		switch {
		case err != nil:
			found = finding{what: "could not be run: " + err.Error()}
			survivors++
		case found.what == "":
			found = finding{what: "SURVIVED"}
			survivors++
		}
		fmt.Printf("%-50s %s, %s (%s)\n", m.name, found.where, found.what, time.Since(start).Round(time.Second))
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |", m.name, strings.Join(m.files(), ", "), found.where, found.what))
	}
	fmt.Print("\n| Protection taken away | In | Noticed by | What it saw |\n|---|---|---|---|\n", strings.Join(rows, "\n"), "\n")
	if survivors > 0 || ctx.Err() != nil {
		os.Exit(1)
	}
}
