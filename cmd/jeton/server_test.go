package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadRootToken(t *testing.T) {
	for text, want := range map[string]string{
		"root":                           "root",
		" root-1234\r\n":                 "root-1234",
		"jts_foo\n":                      "",
		"two words\n":                    "",
		"two\nlines\n":                   "",
		"bell\a":                         "",
		"\n":                             "",
		strings.Repeat("r", 257):         "",
		strings.Repeat("r", 2*1000*1000): "",
	} {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(text), 0o444); err != nil {
			t.Fatal(err)
		}
		got, err := readRootToken(path)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.20q: got %q and %v, want %q", text, got, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%.20q: error does not name the file: %v", text, err)
		}
	}
}
