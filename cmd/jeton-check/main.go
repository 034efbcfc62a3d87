// Command jeton-check runs everything that a change must pass, the same on a
// developer's machine and in a pipeline. It is what make test calls.
//
//	jeton-check [-conformance DIR] [check ...]
//
// Without names it runs every check, also after one has failed, and ends with a
// line "N passed, N failed, N skipped": Go tests, conformance scenarios, and each
// other check as one. The exit code is 1 when anything failed.
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

// tally counts tests.
type tally struct{ passed, failed, skipped int }

func (t *tally) add(o tally) {
	t.passed += o.passed
	t.failed += o.failed
	t.skipped += o.skipped
}

// check is one thing that is looked at. It prints what is wrong, and only that.
type check struct {
	name string
	run  func(context.Context, *settings) tally
}

type settings struct {
	conformance string // folder of the suite; empty if there is none

	after   []func()  // what is to be done when everything has been checked
	fetched time.Time // until when packages may be fetched; zero: nobody has begun
}

var checks = []check{
	{"gofmt", checkFormat},
	{"vet", checkVet},
	{"staticcheck", checkStatic},
	{"vulnerabilities", checkVulnerabilities},
	{"postgresql", checkPostgres},
	{"programs", checkPrograms},
	{"tests", checkTests},
	{"conformance", checkConformance},
	{"containers", checkContainers},
}

func main() {
	var s settings
	flag.StringVar(&s.conformance, "conformance", "", "`folder` of the conformance suite; skipped when empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	for _, name := range flag.Args() {
		if !slices.ContainsFunc(checks, func(c check) bool { return c.name == name }) {
			fmt.Fprintf(os.Stderr, "no check is named %s\n", name)
			os.Exit(2)
		}
	}
	if sum := runChecks(ctx, &s, flag.Args()); sum.failed > 0 || ctx.Err() != nil {
		stop()
		os.Exit(1)
	}
}

func runChecks(ctx context.Context, s *settings, names []string) tally {
	var sum tally
	defer func() {
		for _, f := range s.after {
			f()
		}
	}()
	for _, c := range checks {
		if len(names) > 0 && !slices.Contains(names, c.name) || ctx.Err() != nil {
			continue
		}
		start := time.Now()
		t := c.run(ctx, s)
		sum.add(t)
		verdict := "ok"
		switch {
		case t.failed > 0:
			verdict = "FAIL"
		case t.passed == 0:
			verdict = "skip"
		}
		fmt.Printf("%-4s %s (%s)\n", verdict, c.name, time.Since(start).Round(100*time.Millisecond))
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", sum.passed, sum.failed, sum.skipped)
	return sum
}

// fetchTime bounds what packages take, all of them together.
const fetchTime = 5 * time.Minute

func (s *settings) fetching(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.fetched.IsZero() {
		s.fetched = time.Now().Add(fetchTime)
	}
	return context.WithDeadline(ctx, s.fetched)
}

// one is the tally of a check that counts as a single test.
func one(err error, output string) tally {
	if err == nil {
		return tally{passed: 1}
	}
	fmt.Println(strings.TrimSpace(output))
	if output == "" {
		fmt.Println(err)
	}
	return tally{failed: 1}
}

func skip(reason string) tally {
	fmt.Println("     " + reason)
	return tally{skipped: 1}
}
