package sync

import (
	"maps"
	"slices"
	stdsync "sync"
	"time"

	"github.com/assure-portal/portal/internal/assure"
	"github.com/assure-portal/portal/internal/store"
)

// Kinds lists the kinds of failed reads.
func Kinds() []string {
	return []string{"gone", "credentials", "another-process", "unusable", "busy", "unreachable", "portal"}
}

// Unknowns lists what of an answer can be unknown to the documentation. Its value is never a label: it is the upstream's.
func Unknowns() []string { return []string{"provider", "status", "field"} }

// Lag is how long processes took from finishing at Assure to being found here.
type Lag struct {
	P95 time.Duration // 95 of 100 took no longer
	Of  int           // measured: the newest lagKept that finished while the portal synchronised, or while it was down between
}

// lagKept is how many lags are remembered: with fewer the twentieth part would be a handful.
const lagKept = 1000

// counts is what happened since this start of the program. Safe for concurrent use.
type counts struct {
	mu       stdsync.Mutex
	since    time.Time // what had finished before is history, and was not waited for
	lags     []time.Duration
	next     int
	failures map[string]int
	unknown  map[string]int
	found    int
}

// begin says from when on finishing is measured. Only the first call counts.
func (c *counts) begin(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		c.since = since
	}
}

// fail counts a read that brought nothing.
func (c *counts) fail(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == nil {
		c.failures = map[string]int{}
	}
	c.failures[kind]++
}

func (c *counts) find(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found += n
}

// arrived takes in a new version that searches can find by now.
func (c *counts) arrived(saved store.Saved, p assure.Process, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.meet(p)
	finished, err := time.Parse(time.RFC3339, p.UpdatedAt)
	news := p.Status.Final() && !assure.Status(saved.PreviousStatus).Final()
	if err != nil || !news || c.since.IsZero() || finished.Before(c.since) {
		return
	}
	c.keep(max(now.Sub(finished), 0)) // two clocks
}

func (c *counts) keep(lag time.Duration) {
	if len(c.lags) < lagKept {
		c.lags = append(c.lags, lag)
		return
	}
	c.lags[c.next], c.next = lag, (c.next+1)%lagKept
}

// meet counts what the documentation does not have.
func (c *counts) meet(p assure.Process) {
	for what, unknown := range map[string]bool{"provider": !assure.KnownProvider(p.Provider), "status": !p.Status.Known(), "field": len(p.Others) > 0} {
		if !unknown {
			continue
		}
		if c.unknown == nil {
			c.unknown = map[string]int{}
		}
		c.unknown[what]++
	}
}

func (c *counts) add(s *State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Failures, s.Unknown, s.Found = maps.Clone(c.failures), maps.Clone(c.unknown), c.found
	if s.Lag.Of = len(c.lags); s.Lag.Of > 0 {
		sorted := slices.Sorted(slices.Values(c.lags))
		s.Lag.P95 = sorted[(len(sorted)*95+99)/100-1]
	}
}
