package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)

	// folderAndTests is how security.md names tests: `cluster/peer: TestNoTLS, TestMembers`.
	folderAndTests = regexp.MustCompile("`([a-z0-9/-]+): ((?:(?:Test|Fuzz)\\w+(?:, )?)+)`")

	// testName is how prose names one; with … it stands for all that begin so.
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w+…?)`")
)

// testsByFolder is every test, fuzzer and benchmark there is.
func testsByFolder(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		folder, _ := filepath.Rel("../..", filepath.Dir(path))
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			found[filepath.ToSlash(folder)] = append(found[filepath.ToSlash(folder)], string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func readDoc(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSecurityDocs: a promise of docs/security.md is as good as the test behind it.
func TestSecurityDocs(t *testing.T) {
	there, named := testsByFolder(t), map[string]bool{}
	text := readDoc(t, "security.md")
	for _, m := range folderAndTests.FindAllSubmatch(text, -1) {
		for name := range strings.SplitSeq(string(m[2]), ", ") {
			named[string(m[1])+": "+name] = true
			if !slices.Contains(there[string(m[1])], name) {
				t.Errorf("there is no %s in %s", name, m[1])
			}
		}
	}
	if len(named) < 100 {
		t.Errorf("only %d tests are named: is their form another one now?", len(named))
	}
	for folder, names := range there {
		for _, name := range names {
			if strings.HasPrefix(name, "Fuzz") && !named[folder+": "+name] {
				t.Errorf("%s of %s is not in the table of fuzzers", name, folder)
			}
		}
	}
	// Nothing stands in the second column but what is looked up.
	for line := range bytes.Lines(text) {
		if cells := bytes.Split(line, []byte("|")); len(cells) == 4 && bytes.Contains(cells[2], []byte("`")) {
			if rest := folderAndTests.ReplaceAll(cells[2], nil); len(bytes.TrimSpace(rest)) > 0 {
				t.Errorf("%q names no test in a form that is looked up: %s", rest, line)
			}
		}
	}
}

// TestTestsInDocs: so is what other pages say of tests.
func TestTestsInDocs(t *testing.T) {
	var all []string
	for _, names := range testsByFolder(t) {
		all = append(all, names...)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		for _, m := range testName.FindAllSubmatch(readDoc(t, filepath.Base(page)), -1) {
			name, some := strings.CutSuffix(string(m[1]), "…")
			if name != "TestName" && name != "FuzzName" && !slices.ContainsFunc(all, func(have string) bool {
				return have == name || some && strings.HasPrefix(have, name)
			}) {
				t.Errorf("%s: there is no %s", filepath.Base(page), m[1])
			}
		}
	}
}
