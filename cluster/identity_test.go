package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIdentityStaysWithTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first, err := openIdentity(dir, "n-1")
	if err != nil {
		t.Fatal(err)
	}
	if nodeOf(first) != "n-1" || len(first) != len("n-1")+1+incarnationDigits {
		t.Fatalf("server id %q", first)
	}
	if again, err := openIdentity(dir, "n-1"); err != nil || again != first {
		t.Fatalf("opened again: %q, %v", again, err)
	}
	if other, err := openIdentity(t.TempDir(), "n-1"); err != nil || other == first {
		t.Fatalf("another directory: %q, %v", other, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("data directory: %v, %v", info, err)
	}
}

func TestIdentityRefuses(t *testing.T) {
	tests := map[string]struct {
		prepare func(dir string) error
		want    string
	}{
		"another node's data": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "server-id"), []byte("other-0123456789abcdef\n"), 0o600)
		}, "other"},
		"a damaged id": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "server-id"), []byte("n1"), 0o600)
		}, "belongs to"},
		"raft state without an id": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "log.db"), nil, 0o600)
		}, "no server-id"},
	}
	for name, tt := range tests {
		dir := t.TempDir()
		if err := tt.prepare(dir); err != nil {
			t.Fatal(err)
		}
		if id, err := openIdentity(dir, "n1"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

func TestNodeOf(t *testing.T) {
	for id, want := range map[string]string{
		"n1-0123456789abcdef":   "n1",
		"a-b-0123456789abcdef":  "a-b",
		"":                      "",
		"n1":                    "",
		"-0123456789abcdef":     "",
		"n1.0123456789abcdef":   "",
		"0123456789abcdef":      "",
		"n1-x-0123456789abcdef": "n1-x",
	} {
		if got := nodeOf(id); got != want {
			t.Errorf("node of %q is %q, want %q", id, got, want)
		}
	}
}

func TestValidNodeID(t *testing.T) {
	for id, want := range map[string]bool{
		"n1": true, "A-b_c.9": true, strings.Repeat("a", 64): true,
		"": false, strings.Repeat("a", 65): false, "a b": false, "a/b": false, "ä": false, "a#b": false,
	} {
		if got := validNodeID(id); got != want {
			t.Errorf("%q is valid: %v", id, got)
		}
	}
}
