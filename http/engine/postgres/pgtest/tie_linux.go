package pgtest

import "syscall"

// tied makes the kernel end a server when the test that started it dies, however it
// dies.
func tied(a *syscall.SysProcAttr) *syscall.SysProcAttr {
	a.Pdeathsig = syscall.SIGINT
	return a
}
