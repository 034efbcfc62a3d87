package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
)

// version is set by the linker for releases (-X main.version=...).
var version = "0.1.0-dev"

func versionCommand(c *console, _ *flag.FlagSet) runner {
	return func(context.Context, []string) error {
		_, err := fmt.Fprintf(c.out, "jeton %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}
}
