package procs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// BinaryEnv names a server binary to use instead of building one.
const BinaryEnv = "JETON_BIN"

// Binary is the path of a server: what BinaryEnv names, or one built from this
// module into dir. The server is built as it is shipped, without the race
// detector, whose slowness would be measured along.
func Binary(ctx context.Context, dir string) (string, error) {
	if path := os.Getenv(BinaryEnv); path != "" {
		return filepath.Abs(path)
	}
	path := filepath.Join(dir, "jeton")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "github.com/jeton-io/jeton/cmd/jeton")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return path, nil
}
