package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The token helper is a file in the user's home that holds one token and can be
// read by nobody else. Vault's name for its own is ~/.vault-token; ours differs so
// that the two do not overwrite each other.
const tokenFileName = ".jeton-token"

// maxTokenBytes bounds the file: batch tokens are sealed blobs, so larger than
// others, but not by that much.
const maxTokenBytes = 64 << 10

func tokenFilePath(c *console) (string, error) {
	home, err := c.home()
	if err != nil {
		return "", fmt.Errorf("token helper: %w", err)
	}
	return filepath.Join(home, tokenFileName), nil
}

// readTokenFile returns the kept token, "" when there is none. A file that others
// can read is refused: its token must be taken for known.
func readTokenFile(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode(); !mode.IsRegular() || mode.Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s has mode %s; it must be a file that only its owner can read (chmod 600)", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxTokenBytes+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxTokenBytes {
		return "", fmt.Errorf("%s is larger than %d bytes", path, maxTokenBytes)
	}
	return strings.TrimSpace(string(text)), nil
}

// writeSecretFile replaces the file at once, readable by its owner only, or leaves
// it as it was.
func writeSecretFile(path, secret string) error {
	return placeSecretFile(path, secret, os.Rename)
}

// createSecretFile writes a file that must not be there yet: to overwrite a
// cluster's secret is to lose the cluster. It appears whole or not at all.
func createSecretFile(path, secret string) error {
	// unlike Rename, Link refuses to replace; the name that it leaves is removed
	err := placeSecretFile(path, secret, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; it is not overwritten", path)
	}
	return err
}

// placeSecretFile writes the line to a file beside path and then puts it there.
func placeSecretFile(path, secret string, place func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(secret + "\n")
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return place(f.Name(), path)
}
