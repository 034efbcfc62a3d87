//go:build !linux

package procs

import "os/exec"

// Only Linux ties a process to its parent's life; elsewhere Close has to be reached.
func tie(*exec.Cmd) {}

func spawn(cmd *exec.Cmd) error { return cmd.Start() }

func stands(int) error { return nil }
