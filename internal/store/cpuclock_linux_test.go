package store

import (
	"syscall"
	"time"
	"unsafe"
)

// cpuTime is what the calling thread has spent of a processor: unlike a clock, it does not count the time that other programs
// took. The caller must have locked itself to its thread.
func cpuTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}
