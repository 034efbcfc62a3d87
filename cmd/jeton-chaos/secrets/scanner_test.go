package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEverySpellingIsFoundAnywhere(t *testing.T) {
	const secret = "jts_0aZ?~>9b8c7d6e5f"
	s := New()
	if err := s.Add("a token", secret); err != nil {
		t.Fatal(err)
	}
	if err := s.Add("another", "wholly other text"); err != nil {
		t.Fatal(err)
	}
	for before := range 9 {
		text := strings.Repeat("x", before) + secret + "yyyy"
		for how, haystack := range map[string]string{
			"plain":      text,
			"hex":        hex.EncodeToString([]byte(text)),
			"upper hex":  strings.ToUpper(hex.EncodeToString([]byte(text))),
			"base64":     base64.StdEncoding.EncodeToString([]byte(text)),
			"raw base64": base64.RawStdEncoding.EncodeToString([]byte(text)),
			"base64url":  base64.URLEncoding.EncodeToString([]byte(text)),
		} {
			found := s.Scan("here", []byte("zz"+haystack))
			if len(found) == 0 || found[0].Name != "a token" {
				t.Errorf("%s after %d bytes: found %v", how, before, found)
			}
		}
	}
	if found := s.Scan("here", []byte(strings.Repeat("jts_0aZ?~>9b8c7d6e5", 3))); len(found) != 0 {
		t.Errorf("found what is not there: %v", found)
	}
}

func TestTrees(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a", "b", "file")
	if err := os.WriteFile(path, []byte("..the-secret-itself.."), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New()
	if err := s.Add("x", "the-secret-itself"); err != nil {
		t.Fatal(err)
	}
	found, size, err := s.ScanTree(dir)
	if err != nil || size != 21 || len(found) != 1 || found[0] != (Finding{path, "x", "plain", 2}) {
		t.Fatalf("%v, %d bytes, %v", found, size, err)
	}
	if err := s.Add("short", "0123456789"); err == nil {
		t.Fatal("a short secret was accepted")
	}
}

func BenchmarkScan(b *testing.B) {
	s := New()
	for i := range 1000 {
		if err := s.Add(fmt.Sprint(i), fmt.Sprintf("secret-%d-%[1]d-%[1]d", i*7919)); err != nil {
			b.Fatal(err)
		}
	}
	text := make([]byte, 1<<20)
	for i := range text {
		text[i] = byte(i * i >> 3)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.Scan("", text)
	}
}
