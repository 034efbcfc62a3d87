package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	secretBytes  = 32
	maxFileBytes = 4096 // a file of maxLines lines is below 400 bytes
	maxLines     = 8
)

// secret is one line of a secret file.
type secret [secretBytes]byte

// Generate draws a cluster secret (or seal key) and returns its line, without
// a line end.
func Generate() string {
	var s secret
	rand.Read(s[:]) // never fails: crypto/rand ends the process instead
	return base64.StdEncoding.EncodeToString(s[:])
}

// readSecrets reads a file of secrets. The warning is not empty when others
// than the owner may read it. That is no error: secrets mounted by Docker
// Compose or Kubernetes come with mode 0444 and an owner that nobody chose.
// A file that others may write is refused, since they could put in a secret
// of their own.
func readSecrets(path string) (secrets []secret, warning string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	warning, err = checkMode(path, info.Mode())
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, "", err
	}
	secrets, err = parseSecrets(text)
	if err != nil {
		return nil, "", fmt.Errorf("secret file %s: %w", path, err)
	}
	return secrets, warning, nil
}

func checkMode(path string, mode fs.FileMode) (warning string, err error) {
	switch perm := mode.Perm(); {
	case mode.IsDir():
		return "", fmt.Errorf("secret file %s: is a directory", path)
	case perm&0o022 != 0:
		return "", fmt.Errorf("secret file %s: mode %04o lets others write it; use 0600", path, perm)
	case perm&0o077 != 0:
		return fmt.Sprintf("secret file %s has mode %04o: others on this machine may read it; use 0600", path, perm), nil
	}
	return "", nil
}

// parseSecrets is strict: a line is one canonical base64 text of 32 bytes,
// with nothing before or after it. Empty lines are passed over and a line may
// end in CR LF. Errors name a line by its number, counted from 1.
func parseSecrets(text []byte) ([]secret, error) {
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxFileBytes)
	}
	var secrets []secret
	seen := make(map[secret]int, maxLines)
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			continue
		}
		s, err := parseSecret(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if first, ok := seen[s]; ok {
			return nil, fmt.Errorf("line %d: repeats line %d", i+1, first)
		}
		seen[s] = i + 1
		secrets = append(secrets, s)
	}
	switch {
	case len(secrets) == 0:
		return nil, errors.New("holds no secret")
	case len(secrets) > maxLines:
		return nil, fmt.Errorf("holds %d secrets, at most %d are allowed", len(secrets), maxLines)
	}
	return secrets, nil
}

// parseSecret never wraps the decoder's error: it quotes its input.
func parseSecret(line []byte) (secret, error) {
	var s secret
	raw := make([]byte, base64.StdEncoding.DecodedLen(len(line)))
	n, err := base64.StdEncoding.Strict().Decode(raw, line)
	if err != nil {
		return s, errors.New("not base64 of 32 bytes")
	}
	if n != secretBytes {
		return s, fmt.Errorf("holds %d bytes, want %d", n, secretBytes)
	}
	copy(s[:], raw)
	if s == (secret{}) {
		return s, errors.New("all zero, not a secret")
	}
	return s, nil
}
