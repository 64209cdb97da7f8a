package audit

import "time"

// keep carries checkpoints to the anchor and verifies the file, beside the writer.
func (t *Trail) keep() {
	verify := time.NewTimer(0)
	var verifier selfVerifier
	defer verify.Stop()
	for {
		select {
		case <-t.changed:
			t.anchorNow()
		case <-verify.C:
			t.anchorNow() // again, if it failed before
			t.selfVerify(&verifier)
			verify.Reset(t.pace.verify)
		case <-t.ending.Done():
			return
		}
	}
}

// anchorNow reports a fault of the anchor without closing the trail: the checkpoints stand in the trail and follow later.
func (t *Trail) anchorNow() {
	err := t.anchor.catchUp(t.ending, t.db.Load())
	if t.Ready() != nil {
		return // the file may be closed under it
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults.anchor = ""
	if err != nil {
		t.faults.anchor = "Checkpoints cannot be written to the anchor file."
		t.o.Log("the anchor takes no checkpoint", "cause", err.Error())
	}
}
