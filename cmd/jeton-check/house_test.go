package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath, Name string
	Imports          []string
	GoFiles          []string
	TestGoFiles      []string
	XTestGoFiles     []string
	Dir              string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports,GoFiles,TestGoFiles,XTestGoFiles,Dir", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// roomOf is the top folder of one of our packages, "" for any other.
func roomOf(importPath string) string {
	rest, ok := strings.CutPrefix(importPath, module)
	if !ok {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

// mayImport is the line along which imports run: a room sees itself and what
// stands behind it.
var mayImport = map[string][]string{
	"cmd":      {"cmd", "http", "cluster", "snapshot", "fsm"},
	"http":     {"http", "cluster", "fsm"},
	"cluster":  {"cluster", "snapshot", "fsm"},
	"snapshot": {"snapshot"},
	"fsm":      {"fsm"},
	"deploy":   {},
}

// onlyIn names the rooms, or the folders in them, that a library may be used in, by
// prefix of its path. A folder with /. behind it is meant without those in it. The first
// line counts that a library is in; one that is in none may be used in cmd alone.
var onlyIn = []struct {
	library string
	rooms   []string
}{
	{"github.com/hashicorp/raft", []string{"cluster"}},
	{"github.com/hashicorp/memberlist", []string{"cluster"}},
	{"github.com/hashicorp/go-hclog", []string{"cluster"}}, // raft's and memberlist's logger
	{"go.etcd.io/bbolt", []string{"cluster"}},
	{"github.com/armon/go-metrics", []string{"cluster", "http", "cmd"}},
	{"github.com/prometheus/", []string{"http"}},
	{"github.com/gorilla/mux", []string{"http"}},
	{"github.com/hashicorp/hcl", []string{"http", "cmd"}},
	{"golang.org/x/crypto", []string{"http", "cluster"}}, // bcrypt; XChaCha20-Poly1305 for batch tokens; BLAKE2b for Waypoint's
	{"github.com/go-jose/go-jose/v4", []string{"http"}},  // signatures of JWTs
	{"github.com/jackc/pgx", []string{"http/engine/postgres"}},
	{"github.com/minio/minio-go", []string{"snapshot/store/s3"}},
	{"google.golang.org/protobuf/encoding/protowire", []string{"http/waypoint"}},
	// messages that were generated, their JSON form, and the numbers of errors
	{"google.golang.org/protobuf/", []string{"http/.", "http/waypoint/api", "http/waypoint/rpc"}},
	{"google.golang.org/grpc/codes", []string{"http/.", "http/waypoint/api", "http/waypoint/rpc"}},
	{"google.golang.org/grpc", []string{"http/waypoint/api", "http/waypoint/rpc"}},
}

// The machine must give the same on every node and in every year: it has no clock,
// no randomness, no network, no disk.
var notInFSM = []string{"os", "net", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "context", "runtime", "unsafe"}

func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if _, ok := mayImport[roomOf(p.ImportPath)]; !ok {
			t.Errorf("%s is in no known room", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if forTests(p.ImportPath) && !strings.Contains(imported, ".") {
				continue // draws its inputs from a seed, and is in no binary
			}
			if why := refuseImport(folder, imported); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
		}
	}
}

// forTests tells packages that only tests import: generators, models, harnesses.
func forTests(importPath string) bool {
	return roomOf(importPath) != "" && strings.HasSuffix(importPath, "test")
}

// refuseImport says why a package in that folder may not import another; "" if it
// may.
func refuseImport(folder, imported string) string {
	room, _, _ := strings.Cut(folder, "/")
	if forTests(imported) {
		return "only tests may import it"
	}
	if to := roomOf(imported); to != "" {
		if !slices.Contains(mayImport[room], to) {
			return "imports run cmd, http, cluster, fsm; snapshot is a leaf"
		}
		if imported == module+"snapshot/store/s3" && room != "cmd" {
			return "a client of stores is given by cmd"
		}
		return ""
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") { // the standard library
		if room == "fsm" && slices.Contains(notInFSM, imported) {
			return "the machine has no clock, no randomness and no I/O"
		}
		if room == "fsm" && imported == "regexp" {
			return "what a client writes is matched in a time that its length bounds, on the one thread that all wait for"
		}
		return ""
	}
	for _, line := range onlyIn {
		if strings.HasPrefix(imported, line.library) {
			if !slices.ContainsFunc(line.rooms, func(r string) bool { return within(folder, r) }) {
				return "that library belongs to " + strings.Join(line.rooms, ", ")
			}
			return ""
		}
	}
	if room != "cmd" {
		return "no line of onlyIn allows that library here"
	}
	return ""
}

// within says whether a folder is the one that a line of onlyIn names, or in it.
func within(folder, named string) bool {
	if alone, ok := strings.CutSuffix(named, "/."); ok {
		return folder == alone
	}
	return folder == named || strings.HasPrefix(folder, named+"/")
}

func TestRefuseImport(t *testing.T) {
	tests := []struct {
		folder, imported string
		refused          bool
	}{
		{"cmd", module + "http", false},
		{"http", module + "fsm/policy", false},
		{"http", module + "snapshot", true},
		{"http", module + "fsm/fsmtest", true},
		{"cluster", module + "http", true},
		{"fsm", module + "cluster", true},
		{"snapshot", module + "fsm", true},
		{"cluster", module + "snapshot/store", false},
		{"cluster", module + "snapshot/store/s3", true},
		{"cmd/jeton", module + "snapshot/store/s3", false},
		{"snapshot/store", "github.com/minio/minio-go/v7", true},
		{"fsm", "time", false},
		{"fsm", "math/rand", true},
		{"fsm/policy", "regexp", true},
		{"http", "regexp", false},
		{"cluster", "math/rand/v2", false},
		{"http", "github.com/hashicorp/raft", true},
		{"cluster", "github.com/hashicorp/raft-boltdb/v2", false},
		{"fsm", "github.com/jeton-io/jeton/fsm/btree", false},
		{"snapshot", "github.com/jeton-io/jeton/fsm/btree", true},
		{"cluster", "example.org/anything", true},
		{"http/engine/postgres", "github.com/jackc/pgx/v5/pgconn", false},
		{"http/engine/postgresql", "github.com/jackc/pgx/v5/pgconn", true},
		{"http", "github.com/jackc/pgx/v5/pgconn", true},
		{"http/engine", "github.com/gorilla/mux", false},
		{"http/waypoint", "google.golang.org/protobuf/encoding/protowire", false},
		{"http/waypoint", "google.golang.org/protobuf/proto", true},
		{"http/waypoint/rpc", "google.golang.org/protobuf/proto", false},
		{"http/waypoint/rpc", "google.golang.org/grpc/codes", false},
		{"http/waypoint/api", "google.golang.org/grpc", false},
		{"http/waypoint", "google.golang.org/grpc", true},
		{"http", "google.golang.org/grpc", true},
		{"http", "google.golang.org/grpc/codes", false},
		{"http", "google.golang.org/protobuf/encoding/protojson", false},
		{"http/waypoint", "google.golang.org/grpc/codes", true},
		{"cmd", "google.golang.org/grpc", true},
		{"cmd", "github.com/openbao/openbao/api/v2", false},
	}
	for _, tt := range tests {
		if why := refuseImport(tt.folder, tt.imported); (why != "") != tt.refused {
			t.Errorf("%s imports %s: refused %q, want %v", tt.folder, tt.imported, why, tt.refused)
		}
	}
}

// Every package says what it promises, and none is named after a category.
func TestPackages(t *testing.T) {
	for _, p := range listPackages(t) {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "model", "misc"}, p.Name) {
			t.Errorf("%s: a package is named after what it does", p.ImportPath)
		}
		if len(p.GoFiles) == 0 || p.Name == "main" && !slices.Contains(p.GoFiles, "doc.go") {
			continue // tests only, or a tool whose main.go has the comment
		}
		if !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go", p.ImportPath)
		}
	}
}

// maxLines is where a file has become two. An exception would be listed here with
// its reason; there is none but for what a generator wrote, which nobody reads.
const maxLines = 500

// generated is how the files begin that a generator wrote, below the comment that it
// took over.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func TestFileSizes(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			text, err := os.ReadFile(path.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("\n")); n > maxLines && !generated.Match(text) {
				t.Errorf("%s/%s has %d lines, at most %d", p.ImportPath, name, n, maxLines)
			}
		}
	}
}
