//go:build profile

package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
)

// A server that was built with the tag profile writes where its time goes to the folder
// that JETON_PROFILE_DIR names, from one SIGUSR1 to the next, into a file of its process
// id. No release has this: what a server does is nobody's but its operator's.
func init() {
	dir := os.Getenv("JETON_PROFILE_DIR")
	if dir == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			if err := profileUntil(asked, filepath.Join(dir, fmt.Sprint("cpu-", os.Getpid()))); err != nil {
				fmt.Fprintln(os.Stderr, "profile:", err)
			}
		}
	}()
}

func profileUntil(asked <-chan os.Signal, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	<-asked
	pprof.StopCPUProfile()
	return f.Close()
}
