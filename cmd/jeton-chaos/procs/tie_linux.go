package procs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// tie makes the kernel end the process when this one dies, however it dies.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// spawn starts the process from a thread that lives as long as we do: the kernel
// takes the end of the thread that started it for the parent's death.
func spawn(cmd *exec.Cmd) error {
	s := start{cmd, make(chan error)}
	starter() <- s
	return <-s.done
}

type start struct {
	cmd  *exec.Cmd
	done chan error
}

var starter = sync.OnceValue(func() chan<- start {
	starts := make(chan start)
	go func() {
		runtime.LockOSThread()
		for s := range starts {
			s.done <- s.cmd.Start()
		}
	}()
	return starts
})

// stands says whether no thread of the process can run.
func stands(pid int) error {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return err
	}
	for _, path := range threads {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// "pid (name) state ...", and a name may hold anything.
		_, rest, _ := bytes.Cut(b[bytes.LastIndexByte(b, ')'):], []byte(" "))
		if !bytes.HasPrefix(rest, []byte("T")) {
			return fmt.Errorf("a thread of %d still runs: %s", pid, path)
		}
	}
	return nil
}
