package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build
	Test       string
	Output     string
	Elapsed    float64 // seconds
}

// checkTests runs all Go tests in random order, with the race detector where there
// is a C compiler for it.
func checkTests(ctx context.Context, _ *settings) tally {
	args := []string{"-shuffle=on", "-timeout=15m"}
	if hasRace(ctx) {
		args = append(args, "-race")
	} else {
		fmt.Println("     no C compiler: the race detector is off")
	}
	return goTest(ctx, nil, append(args, "./...")...)
}

// hasRace says whether -race can be built: it needs cgo and the compiler that cgo
// would call.
func hasRace(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	fields := strings.Fields(string(out))
	if err != nil || len(fields) < 2 || fields[0] != "1" {
		return false
	}
	_, err = exec.LookPath(fields[1])
	return err == nil
}

// goTest runs go test, prints the output of what fails, and counts.
func goTest(ctx context.Context, env []string, args ...string) tally {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return one(err, "")
	}
	if err := cmd.Start(); err != nil {
		return one(err, "")
	}
	t := readEvents(out, os.Stdout)
	if err := cmd.Wait(); err != nil && t.failed == 0 {
		t.add(one(err, "go test failed without a test that did"))
	}
	return t
}

// reason is what a test that was skipped has said, without what go test says of it.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(strings.TrimSpace(line), "--- ") {
			said = append(said, strings.TrimSpace(line))
		}
	}
	return strings.Join(said, " ")
}

// readEvents counts the tests in a stream of events. To w goes a line for each
// package that passes, why a test was skipped, and the output of what fails.
func readEvents(r io.Reader, w io.Writer) tally {
	var t tally
	output := map[string]*strings.Builder{} // by package and test, until it passes
	failures := map[string]int{}            // by package
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if len(line) > 0 && json.Unmarshal(line, &e) != nil {
			w.Write(line) // not an event: something below go test spoke
		}
		if e.Package == "" {
			e.Package = e.ImportPath
		}
		key := e.Package + "\x00" + e.Test
		switch e.Action {
		case "output", "build-output":
			if output[key] == nil {
				output[key] = new(strings.Builder)
			}
			output[key].WriteString(e.Output)
		case "pass", "skip":
			if o := output[key]; o != nil && e.Test != "" && e.Action == "skip" {
				fmt.Fprintf(w, "     skipped: %s\n", reason(o.String()))
			}
			delete(output, key)
			if e.Test != "" && e.Action == "pass" {
				t.passed++
			} else if e.Test != "" {
				t.skipped++
			} else if e.Action == "pass" {
				fmt.Fprintf(w, "     %s (%.1fs)\n", e.Package, e.Elapsed)
			}
		case "fail", "build-fail":
			if e.Test != "" || failures[e.Package] == 0 {
				t.failed++
			}
			failures[e.Package]++
			if o := output[key]; o != nil {
				io.WriteString(w, o.String())
				delete(output, key)
			}
		}
		if err != nil {
			return t
		}
	}
}
