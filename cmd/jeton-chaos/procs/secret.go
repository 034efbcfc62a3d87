package procs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// NewSecret makes a cluster secret that no node has yet.
func (c *Cluster) NewSecret(ctx context.Context, binary string) (string, error) {
	out, err := exec.CommandContext(ctx, binary, "operator", "keygen").Output()
	return strings.TrimSpace(string(out)), err
}

// Secrets are the lines of the file of cluster secrets.
func (c *Cluster) Secrets() ([]string, error) {
	text, err := os.ReadFile(c.secretFile())
	return strings.Fields(string(text)), err
}

// SetSecrets writes that file. Nodes read it when they start.
func (c *Cluster) SetSecrets(secrets ...string) error {
	next := filepath.Join(c.dir, "cluster.secret.next")
	if err := os.WriteFile(next, []byte(strings.Join(secrets, "\n")+"\n"), 0o600); err != nil {
		return fmt.Errorf("write secrets: %w", err)
	}
	return os.Rename(next, c.secretFile())
}
