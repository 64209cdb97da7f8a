package audit

import (
	"context"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// verifyRest is the pause after each chunk, so that looking at a long trail does not slow the people who add to it.
const verifyRest = 20 * time.Millisecond

// selfVerifier walks through the file in the background: first all of it, then what is new, now and then all of it again.
type selfVerifier struct {
	walk  *walk
	begun time.Time
}

// selfVerify verifies up to the newest checkpoint and tells what it found.
func (t *Trail) selfVerify(s *selfVerifier) {
	if now := t.now(); s.walk == nil || now.Sub(s.begun) >= t.pace.reverify {
		s.walk, s.begun = newSelfWalk(t.key), now
	}
	t.mu.Lock()
	newest := t.newest
	t.mu.Unlock()
	err := s.walk.verify(t.ending, t.db.Load(), newest)
	if t.Ready() != nil {
		return // the file may have been closed under it
	}
	fault := s.walk.fault()
	if err != nil {
		fault = "The trail could not be read to verify it."
		t.o.Log("the trail could not be verified", "cause", err.Error())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults.verify = fault
	if fault == "" {
		t.state.VerifiedSize, t.state.VerifiedTime = newest.size, t.now()
	} else {
		t.o.Log("the trail does not verify", "fault", fault)
	}
}

func newSelfWalk(k key) *walk {
	return &walk{form: newestForm, workers: 1, inspection: &inspection{verifier: k.verifier, base: k.base(), origin: k.base(), found: map[int]finding{}, tree: newTree()}}
}

// verify walks on from where the walk before ended until the tree has the size of the checkpoint.
func (w *walk) verify(ctx context.Context, db *sqlitedb.DB, c signed) error {
	w.db, w.checkpoints = db, []signed{c}
	for !w.broken && w.tree.tlog.size < c.size {
		if err := w.to(ctx, min((w.tree.tlog.size/passageRows+1)*passageRows, c.size)); err != nil {
			return err
		}
		select {
		case <-time.After(verifyRest):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.settle(c.size)
	return nil
}

// settle looks for details that are missing. The record of an erasure comes after what was erased, so it may stand behind
// the checkpoint that this look went up to: a fault it is if the next one does not find it either.
func (w *walk) settle(size int64) {
	if seq, ok := w.coverage.uncovered(); ok && seq < w.settled {
		w.note(exitErased, seq, "a detail of record %d is missing and no erasure is recorded", seq)
	}
	w.settled = size
}

// fault is what was found, for a person.
func (w *walk) fault() string {
	for _, exit := range precedence {
		if f, ok := w.found[exit]; ok {
			return "The trail does not verify: " + f.text + "."
		}
	}
	return ""
}
