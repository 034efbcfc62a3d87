package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), tokenFileName)
	if got, err := readTokenFile(path); got != "" || err != nil {
		t.Fatalf("no file: %q %v, want nothing", got, err)
	}
	for _, token := range []string{"jts_first", "jts_second"} { // the second replaces
		if err := writeSecretFile(path, token); err != nil {
			t.Fatal(err)
		}
		got, err := readTokenFile(path)
		if got != token || err != nil {
			t.Errorf("read %q %v, want %q", got, err, token)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %s, want 0600", info.Mode())
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTokenFileRefusals(t *testing.T) {
	dir := t.TempDir()
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o620} {
		path := filepath.Join(dir, mode.String())
		if err := os.WriteFile(path, []byte("jts_secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // past the umask
			t.Fatal(err)
		}
		token, err := readTokenFile(path)
		if err == nil || token != "" || strings.Contains(err.Error(), "jts_secret") {
			t.Errorf("mode %s: %q %v, want a refusal without the token", mode, token, err)
		}
	}
	if _, err := readTokenFile(dir); err == nil {
		t.Error("a directory was read")
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, maxTokenBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readTokenFile(large); err == nil {
		t.Error("a file above the bound was read")
	}
}

func TestCreateSecretFileReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := createSecretFile(path, "one"); err != nil {
		t.Fatal(err)
	}
	if err := createSecretFile(path, "two"); err == nil || strings.Contains(err.Error(), "two") {
		t.Errorf("second: %v, want a refusal without the secret", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "one\n" {
		t.Errorf("holds %q %v, want the first", got, err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
