package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The scanner, and the database for where vuln.go.dev cannot be reached: a module, too,
// which whoever gets modules gets. They are no tools of go.mod, since what those require
// would choose the server's libraries (crypto, net, sys).
const (
	scanner = "golang.org/x/vuln/cmd/govulncheck@v1.9.0"
	liveDB  = "https://vuln.go.dev"

	pinnedDB    = "golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018"
	pinnedDBSum = "h1:mfngRv0Yoh0VApsXKEN82CjD99kl7mtparN3bs3JnqI="
	pinnedDBDay = "2026-11-05"
)

// liveTime is how long vuln.go.dev may take for its first answer.
const liveTime = 5 * time.Second

// checkVulnerabilities fails when code of this module reaches a function that Go's
// database of vulnerabilities names. It reads the source, which takes 20 seconds where
// the binary would take one: the binary is stripped, so that a function that is only
// linked, or not even that, would count as reached.
func checkVulnerabilities(ctx context.Context, _ *settings) tally {
	const unknown = "NOTHING IS HELD AGAINST GO'S DATABASE OF VULNERABILITIES: "
	db, err := vulnDB(ctx, liveDB)
	if err != nil {
		return skip(unknown + err.Error())
	}
	// Not to get the scanner says nothing about the code.
	if out, err := exec.CommandContext(ctx, "go", "run", scanner, "-version").CombinedOutput(); err != nil {
		return skip(unknown + lastLines(string(out), 1))
	}
	toolchain, err := wantedGo(ctx)
	if err != nil {
		return one(err, "")
	}
	cmd := exec.CommandContext(ctx, "go", "run", scanner, "-format", "json", "-db", db, "./...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as the server is built
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return one(err, complaints.String())
	}
	reached, err := readVulns(&out)
	if err != nil {
		return one(err, "")
	}
	ours, machines := judgeVulns(reached, toolchain)
	if len(machines) > 0 {
		fmt.Printf("     WHAT THIS MACHINE'S GO BUILDS IS VULNERABLE, what %s (go.mod) builds is not:\n%s", toolchain, list(machines))
	}
	if len(ours) > 0 {
		err = errors.New("vulnerable")
	}
	return one(err, list(ours))
}

// vulnDB is the address of the database to look into: the live one if it answers.
func vulnDB(ctx context.Context, live string) (string, error) {
	err := answers(ctx, live+"/index/db.json")
	if err == nil {
		fmt.Println("     database: " + live)
		return live, nil
	}
	out, failed := exec.CommandContext(ctx, "go", "mod", "download", "-json", pinnedDB).Output()
	var got struct{ Dir, Sum, Error string }
	if parsed := json.Unmarshal(out, &got); parsed != nil || got.Error != "" {
		return "", fmt.Errorf("%v, and not %s either: %s", err, pinnedDB, cmp.Or(got.Error, fmt.Sprint(failed)))
	}
	if got.Sum != pinnedDBSum {
		return "", fmt.Errorf("%s has the sum %s, not %s", pinnedDB, got.Sum, pinnedDBSum)
	}
	fmt.Printf("     database: that of %s (%s), since %v\n", pinnedDBDay, pinnedDB, err)
	return "file://" + filepath.ToSlash(filepath.Join(got.Dir, "data", "osv")), nil
}

func answers(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, liveTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}

// wantedGo is the version that go.mod has Go get for itself, unless GOTOOLCHAIN forbids.
func wantedGo(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "mod", "edit", "-json").Output()
	if err != nil {
		return "", err
	}
	var mod struct{ Go, Toolchain string }
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", err
	}
	return cmp.Or(mod.Toolchain, "go"+mod.Go), nil
}

func list(vulns []vuln) string {
	var b strings.Builder
	for _, v := range vulns {
		fmt.Fprintf(&b, "     %s\n", v)
	}
	return b.String()
}
