package audit

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// setlk is F_OFD_SETLK of fcntl(2): a lock of this handle, which holds off SQLite in this process, too.
const setlk = 37

// lockReaders locks the places of readers in the index of a file's log (SQLite, WAL-mode file format, section 2.3.1).
func lockReaders(t *testing.T, path string) (unlock func()) {
	t.Helper()
	index, err := os.OpenFile(path+"-shm", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { index.Close() })
	set := func(kind int16) {
		if err := syscall.FcntlFlock(index.Fd(), setlk, &syscall.Flock_t{Type: kind, Start: 123, Len: 5}); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.F_WRLCK)
	return func() { set(syscall.F_UNLCK) }
}

// Pages read the trail before they add a record, so that without this nobody would ever add the one that closes it.
func TestALockThatIsNeverGivenBackHasTheFileOpenedAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("SQLite tries for ten seconds")
	}
	f := start(t)
	f.fill(3)
	f.close()
	p := quickPace()
	p.lines = 5 * time.Millisecond
	f.openAt(f.o, p)
	unlock := lockReaders(t, f.o.Path)
	until(t, "the trail is closed", 30*time.Second, func() bool { return f.Ready() != nil })
	if s := f.State(); s.Reason != "a lock on its file could not be given back" {
		t.Errorf("it is closed because %s", s.Reason)
	}
	unlock()
	until(t, "the trail opens again", 30*time.Second, func() bool { return f.Ready() == nil })
	f.append(view("p-1"))
}
