package keys

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretFile writes lines to a file of the given mode.
func secretFile(t testing.TB, mode os.FileMode, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // past the umask
		t.Fatal(err)
	}
	return path
}

func TestGenerate(t *testing.T) {
	seen := make(map[string]bool)
	for range 100 {
		line := Generate()
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != secretBytes || seen[line] {
			t.Fatalf("line of %d characters, %d bytes, %v, seen before: %v", len(line), len(raw), err, seen[line])
		}
		seen[line] = true
	}
}

func TestLoad(t *testing.T) {
	a, b := Generate(), Generate()
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"one line", a + "\n", 1},
		{"without line end", a, 1},
		{"two lines", a + "\n" + b + "\n", 2},
		{"two lines of Windows", a + "\r\n" + b + "\r\n", 2},
		{"empty lines between", "\n" + a + "\n\n" + b + "\n\n", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Load(secretFile(t, 0o600, tt.text), "test")
			if err != nil {
				t.Fatal(err)
			}
			if len(r.secrets) != tt.want || r.Warning() != "" {
				t.Fatalf("%d secrets, warning %q", len(r.secrets), r.Warning())
			}
			if got := base64.StdEncoding.EncodeToString(r.secrets[0][:]); got != a {
				t.Fatal("the first line is not the first secret")
			}
		})
	}
}

// TestLoadRefuses checks that an error names the line by its number and says
// nothing of what it holds.
func TestLoadRefuses(t *testing.T) {
	good := Generate()
	short := base64.StdEncoding.EncodeToString(make([]byte, 31))
	var many strings.Builder
	for range maxLines + 1 {
		fmt.Fprintln(&many, Generate())
	}
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "holds no secret"},
		{"only line ends", "\n\r\n\n", "holds no secret"},
		{"a word", "correct-horse-battery-staple", "line 1: not base64"},
		{"second line bad", good + "\nhunter2hunter2\n", "line 2: not base64"},
		{"bad after an empty line", good + "\n\nhunter2hunter2\n", "line 3: not base64"},
		{"space before", " " + good, "line 1: not base64"},
		{"space after", good + " ", "line 1: not base64"},
		{"comment", "# " + good, "line 1: not base64"},
		{"two on a line", good + good, "line 1: not base64"},
		{"too short", short, "line 1: holds 31 bytes, want 32"},
		{"cut", good[:40], "line 1: holds 30 bytes, want 32"},
		{"without padding", strings.TrimRight(good, "="), "line 1: not base64"},
		{"loose bits at the end", good[:42] + "B=", "line 1: not base64"},
		{"all zero", base64.StdEncoding.EncodeToString(make([]byte, 32)), "line 1: all zero"},
		{"twice", good + "\n" + Generate() + "\n" + good, "line 3: repeats line 1"},
		{"nul bytes", "\x00\x00\x00", "line 1: not base64"},
		{"too many lines", many.String(), "at most 8 are allowed"},
		{"too long", strings.Repeat("\n", maxFileBytes) + good, "longer than 4096 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(secretFile(t, 0o600, tt.text), "test")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q in it", err, tt.want)
			}
			for _, line := range strings.Fields(tt.text) {
				if len(line) > 5 && strings.Contains(err.Error(), line) {
					t.Fatalf("the error shows the line: %v", err)
				}
			}
		})
	}
}

func TestFileMode(t *testing.T) {
	for _, tt := range []struct {
		mode    os.FileMode
		warn    bool
		refused bool
	}{
		{0o600, false, false},
		{0o400, false, false},
		{0o700, false, false},
		{0o640, true, false},
		{0o644, true, false},
		{0o444, true, false}, // Docker and Kubernetes mount secrets like this
		{0o660, false, true},
		{0o602, false, true},
		{0o666, false, true},
	} {
		t.Run(fmt.Sprintf("%04o", tt.mode), func(t *testing.T) {
			path := secretFile(t, tt.mode, Generate())
			r, err := Load(path, "test")
			if (err != nil) != tt.refused {
				t.Fatalf("Load: %v", err)
			}
			if err == nil && (r.Warning() != "") != tt.warn {
				t.Fatalf("warning %q", r.Warning())
			}
			_, warning, err := LoadSealer(path)
			if (err != nil) != tt.refused || (warning != "") != tt.warn {
				t.Fatalf("LoadSealer: %q, %v", warning, err)
			}
		})
	}
	if _, err := Load(t.TempDir(), "test"); err == nil {
		t.Fatal("a directory was read")
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none"), "test"); !os.IsNotExist(err) {
		t.Fatalf("no file: %v", err)
	}
}
