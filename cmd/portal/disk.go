package main

import (
	"fmt"
	"syscall"
)

// freeSpace gives the bytes that a directory's disk has left for this user.
func freeSpace(dir string) func() (uint64, error) {
	return func() (uint64, error) {
		var s syscall.Statfs_t
		if err := syscall.Statfs(dir, &s); err != nil {
			return 0, fmt.Errorf("ask for the room on the disk: %w", err)
		}
		return uint64(s.Bavail) * uint64(s.Bsize), nil
	}
}
