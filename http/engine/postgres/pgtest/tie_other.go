//go:build !linux

package pgtest

import "syscall"

func tied(a *syscall.SysProcAttr) *syscall.SysProcAttr { return a }
