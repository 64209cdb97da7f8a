package main

import (
	"path/filepath"
	"testing"
	"time"
)

// A kill may come while the portal starts, too: that is every tenth one.
func TestNothingThatWasShownIsLostWithAKilledPortal(t *testing.T) {
	if testing.Short() {
		t.Skip("make test runs it")
	}
	kills := times(5, 300)
	s := besiege(t, portalProgram(t), t.TempDir(), t.TempDir())
	s.serve()
	s.signIn("both@demo.test")
	s.mayOpenRaw()
	stop, slowest := s.load(6), time.Duration(0)
	defer func() { stop() }()
	for i := range kills {
		from, before := s.size(s.trail()), s.seen.len()
		s.eventually("some are shown", patience, func() bool { return s.seen.len() >= before+10 })
		time.Sleep(between(0, 150*time.Millisecond))
		s.kill()
		if i%10 == 9 {
			s.begin()
			time.Sleep(between(time.Millisecond, 150*time.Millisecond))
			s.kill()
		}
		stop()
		slowest = max(slowest, s.serve())
		if err := s.verify(s.trail(), filepath.Join(s.keys, "anchor")); err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		if missing := s.unrecorded(s.trail(), max(0, from-int64(1000)), s.seen.sightings()[before:]); len(missing) > 0 {
			t.Fatalf("kill %d: %d answers have no record, the first is %+v", i, len(missing), missing[0])
		}
		stop = s.load(6)
	}
	stop()
	stop = func() {}
	if code := s.stop(); code != 0 {
		t.Errorf("the portal ended with %d", code)
	}
	s.allIsRecorded()
	t.Logf("%d kills, %v, slowest start %v, %d records", kills, s.seen, slowest, s.size(s.trail()))
}
