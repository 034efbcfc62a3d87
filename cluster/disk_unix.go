//go:build linux || darwin

package cluster

import "syscall"

// freeSpace is what an ordinary user may still write to the file system of a
// directory, in bytes.
func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
