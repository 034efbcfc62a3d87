package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	httpd "github.com/jeton-io/jeton/http"
	"github.com/jeton-io/jeton/http/httptestcluster"
)

// snapshotServer is a real server on a cluster of one.
func snapshotServer(t *testing.T) *httptest.Server {
	t.Helper()
	s, err := httpd.New(httpd.Config{Cluster: httptestcluster.New(), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server
}

// entries are the names in a folder.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestSnapshotCommands(t *testing.T) {
	server, name := snapshotServer(t), filepath.Join(t.TempDir(), "a.snap")
	sh := newShell(t, server.URL)
	sh.env["JETON_TOKEN"] = httptestcluster.Root
	want := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := sh.run(t.Context(), args...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v: exit code %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	want(exitDone, "policy: web", "policy", "write", "web", writeFile(t, "web.hcl", `path "a" { policy = "read" }`))
	token := want(exitDone, "jts_", "token", "create", "-policy=web", "-ttl=10m", "-field=token")
	want(exitDone, "Saved the state at index", "snapshot", "save", name)
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	want(exitDone, "is sound", "snapshot", "verify", name)
	want(exitFailed, "is there already", "snapshot", "save", name)
	want(exitDone, "Saved", "snapshot", "save", "-force", name)

	var i inspection
	if err := json.Unmarshal([]byte(want(exitDone, "", "snapshot", "inspect", "-format=json", name)), &i); err != nil {
		t.Fatal(err)
	}
	if i.Tokens != 2 || len(i.Policy) == 0 || i.Expiry[0] != (counted{"below an hour", 1}) || i.Expiry[len(i.Expiry)-1].Tokens != 1 || i.Index == 0 {
		t.Errorf("inspected %+v", i)
	}
	table := want(exitDone, "Remaining Time", "snapshot", "inspect", name)
	for _, line := range []string{"auth/token/create", "web", "state_hash", "policy"} {
		if !strings.Contains(table, line) {
			t.Errorf("the table has no %q:\n%s", line, table)
		}
	}
	if strings.Contains(table, strings.TrimSpace(token)) {
		t.Error("a token is shown")
	}
	want(exitUsage, "-top is -1", "snapshot", "inspect", "-top=-1", name)

	want(exitDone, "Success", "token", "revoke", strings.TrimSpace(token))
	back := want(exitDone, "0  came back to life", "snapshot", "restore", name)
	if strings.Contains(back, "WARNING") || !strings.Contains(back, "1  stay dead") {
		t.Errorf("restored:\n%s", back)
	}
	want(exitDone, "WARNING: 1 tokens", "snapshot", "restore", "-forget-revocations", name)
	var done restored
	if err := json.Unmarshal([]byte(want(exitDone, "", "snapshot", "restore", "-force", "-format=json", name)), &done); err != nil || done.Tokens != 2 {
		t.Errorf("%+v, %v", done, err)
	}

	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)/2] ^= 1
	broken := writeFile(t, "broken.snap", string(whole))
	for _, verb := range []string{"verify", "inspect", "restore"} {
		want(exitFailed, "broken.snap: ", "snapshot", verb, broken)
		want(exitFailed, "no such file", "snapshot", verb, name+".none")
		want(exitUsage, "", "snapshot", verb)
	}
}

// What does not come to its end leaves no file, and not the old one's place either.
func TestSnapshotSaveFails(t *testing.T) {
	name := writeFile(t, "old.snap", "old")
	dir := filepath.Dir(name)
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("\x1f\x8b\x08\x00"))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer cut.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("no archive, but 200")) }))
	defer other.Close()
	for _, tt := range []struct{ addr, token, says string }{
		{snapshotServer(t).URL, "stranger", "permission denied"},
		{cut.URL, "t", "cut off"},
		{other.URL, "t", "not an archive"},
	} {
		sh := newShell(t, tt.addr)
		sh.env["JETON_TOKEN"] = tt.token
		code, out, errs := sh.run(t.Context(), "snapshot", "save", "-force", name)
		if code != exitFailed || !strings.Contains(errs, tt.says) {
			t.Errorf("exit code %d, want %d and %q:\n%s%s", code, exitFailed, tt.says, out, errs)
		}
		if text, err := os.ReadFile(name); string(text) != "old" || err != nil {
			t.Errorf("%s: the file is now %q, %v", tt.says, text, err)
		}
		if got := entries(t, dir); len(got) != 1 {
			t.Errorf("%s: %v are left", tt.says, got)
		}
	}
}
