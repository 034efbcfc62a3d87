package cluster

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// incarnationDigits is the length of the random part of a server id.
const incarnationDigits = 16

// openIdentity reads the server id of a data directory, or draws one for a new
// directory. The server id is the node id and 64 random bits: a node that lost
// its disk comes back as another server, so that no message meant for the lost
// log can make an empty one vote (Raft thesis 11: a server's vote and log must
// survive).
func openIdentity(dir, nodeID string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, "server-id")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if used, err := hasState(dir); err != nil || used {
			return "", fmt.Errorf("data directory %s holds raft state but no server-id file", dir)
		}
		id := drawIdentity(nodeID)
		return id, writeIdentity(dir, id)
	}
	if err != nil {
		return "", fmt.Errorf("read server id: %w", err)
	}
	id := strings.TrimSpace(string(b))
	if nodeOf(id) != nodeID {
		return "", fmt.Errorf("data directory %s belongs to node %q, not %q", dir, nodeOf(id), nodeID)
	}
	return id, nil
}

// drawIdentity makes a server id that nobody has had.
func drawIdentity(nodeID string) string {
	var r [incarnationDigits / 2]byte
	rand.Read(r[:])
	return nodeID + "-" + hex.EncodeToString(r[:])
}

func writeIdentity(dir, id string) error {
	if err := writeDurably(filepath.Join(dir, "server-id"), []byte(id+"\n")); err != nil {
		return fmt.Errorf("write server id: %w", err)
	}
	return nil
}

// nodeOf is the node id within a server id.
func nodeOf(serverID string) string {
	if n := len(serverID) - incarnationDigits - 1; n > 0 && serverID[n] == '-' {
		return serverID[:n]
	}
	return ""
}

// writeDurably writes a small file so that after a crash either the old or the
// new content is there, whole.
func writeDurably(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once renamed, as it should
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
