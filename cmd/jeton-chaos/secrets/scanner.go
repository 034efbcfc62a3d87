package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Scanner knows the secrets, in every spelling. All are looked for in one pass.
type Scanner struct {
	// by holds the spellings by their first bytes; seen says, for three bytes,
	// whether any begins so, which nearly all of a haystack is dismissed by.
	by   map[[head]byte][]spelling
	seen [1 << 24 / 64]uint64
	n    int
}

// head is how many bytes a spelling is found by: no spelling is shorter.
const head = 8

type spelling struct {
	text []byte
	name string
	how  string
}

// New makes a scanner that knows nothing.
func New() *Scanner { return &Scanner{by: make(map[[head]byte][]spelling)} }

// Len is how many secrets were added.
func (s *Scanner) Len() int { return s.n }

// Add teaches a secret, which findings will call by name. It must be long enough
// not to be found by chance.
func (s *Scanner) Add(name, secret string) error {
	const shortest = 12 // so that what an encoding leaves of it has a head
	if len(secret) < shortest {
		return fmt.Errorf("secret %s is shorter than %d bytes", name, shortest)
	}
	s.n++
	s.add(name, "plain", secret)
	s.add(name, "hex", hex.EncodeToString([]byte(secret)))
	s.add(name, "HEX", strings.ToUpper(hex.EncodeToString([]byte(secret))))
	for shift := range 3 {
		s.add(name, "base64", inner(base64.StdEncoding, secret, shift))
		s.add(name, "base64url", inner(base64.URLEncoding, secret, shift))
	}
	return nil
}

// inner is what base64 makes of the secret wherever it stands in a longer text:
// after shift bytes modulo three, without the characters that depend on what
// stands beside it.
func inner(e *base64.Encoding, secret string, shift int) string {
	b := append(make([]byte, shift), secret...)
	from := (shift*8 + 5) / 6
	to := len(b) * 8 / 6
	return e.EncodeToString(b)[from:to]
}

func (s *Scanner) add(name, how, text string) {
	key := [head]byte([]byte(text))
	s.by[key] = append(s.by[key], spelling{[]byte(text), name, how})
	i := three([]byte(text))
	s.seen[i/64] |= 1 << (i % 64)
}

func three(b []byte) uint { return uint(b[0])<<16 | uint(b[1])<<8 | uint(b[2]) }

// Finding is a secret that was found.
type Finding struct {
	Where, Name, How string
	Offset           int
}

func (f Finding) String() string {
	return fmt.Sprintf("%s, %s, in %s at %d", f.Name, f.How, f.Where, f.Offset)
}

// Scan looks through a text. Gigabytes pass here, and nothing is shared: the race
// detector would only make it ten times slower.
//
//go:norace
func (s *Scanner) Scan(where string, text []byte) []Finding {
	var found []Finding
	for i := 0; i+head <= len(text); i++ {
		t := three(text[i:])
		if s.seen[t/64]&(1<<(t%64)) == 0 {
			continue
		}
		for _, sp := range s.by[[head]byte(text[i:])] {
			if bytes.HasPrefix(text[i:], sp.text) {
				found = append(found, Finding{where, sp.name, sp.how, i})
			}
		}
	}
	return found
}

// ScanTree looks through every file below a directory, and says how many bytes
// those were.
func (s *Scanner) ScanTree(dir string) (found []Finding, size int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		size += int64(len(text))
		found = append(found, s.Scan(path, text)...)
		return nil
	})
	return found, size, err
}
