package sqlitedb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Lock is an exclusive right, held by flock on a file of its own until released.
type Lock struct{ file *os.File }

// ErrLocked is what LockDir and LockFile answer while somebody else holds the lock.
var ErrLocked = errors.New("the data directory is in use by another portal process")

// LockDir takes the right to write into a data directory, on DIR/lock, without waiting.
func LockDir(dir string) (*Lock, error) { return LockFile(filepath.Join(dir, "lock")) }

// LockFile takes the lock at path without waiting and makes the file if need be. The kernel frees the lock when the
// process ends, however it ends. The file stays: removing it would let two processes lock two files of one name.
func LockFile(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &Lock{file: file}, nil
}

// Release gives the lock back. A nil lock holds nothing.
func (l *Lock) Release() error {
	if l == nil || l.file == nil {
		return nil
	}
	return l.file.Close()
}
