//go:build !linux

package store

import "time"

// cpuTime is known on Linux alone.
func cpuTime() time.Duration { return 0 }
