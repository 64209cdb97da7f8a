package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

const (
	maxBatch        = 256  // records in a transaction
	maxWaiting      = 1024 // records that wait for the writer; more wait for room, as long as they have time
	checkpointEvery = 256  // records
)

// recovered is the fact "because" of a trail.start after a fault of the file, in a program that has run on.
const recovered = "recovered"

// request is a record that waits for the writer. Without a draft it asks for a checkpoint only.
type request struct {
	draft *draft
	seal  bool // ends its batch with a checkpoint
	reply chan reply
}

type reply struct {
	seq    int64
	signed signed // with seal
	err    error
}

// Append makes the record durable and mints its receipt. Error kind apperr.TrailClosed within 2 s when it cannot. If ctx
// ends first the record may exist without a receipt.
func (t *Trail) Append(ctx context.Context, e Event) (Receipt, error) {
	d, err := newDraft(e, t.key.origin, t.o.Build)
	if err != nil {
		return Receipt{}, err
	}
	r, err := t.submit(ctx, d, false)
	if err != nil {
		return Receipt{}, err
	}
	return mint(r.seq, e), nil
}

// submit hands a record to the writer and waits for it to be durable.
func (t *Trail) submit(ctx context.Context, d *draft, seal bool) (reply, error) {
	if err := t.Ready(); err != nil {
		return reply{}, err
	}
	late := time.NewTimer(t.pace.answer)
	defer late.Stop()
	r := &request{draft: d, seal: seal, reply: make(chan reply, 1)}
	select {
	case t.waiting <- r:
	case <-late.C:
		return reply{}, t.tooLate()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	case <-t.stop:
		return reply{}, closedError(errStopped)
	}
	select {
	case done := <-r.reply:
		return done, done.err
	case <-late.C:
		return reply{}, t.tooLate()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	case <-t.stop:
		return reply{}, closedError(errStopped)
	}
}

func (t *Trail) tooLate() error {
	t.shut(errSlow)
	return closedError(errSlow)
}

// write is the one goroutine that writes the file.
func (t *Trail) write(l *log) {
	tick := time.NewTicker(t.pace.probe)
	defer tick.Stop()
	for {
		select {
		case r := <-t.waiting:
			t.serve(l, t.batch(r))
			t.tidy(l)
		case <-tick.C:
			l = t.tend(l)
		case <-t.stop:
			t.leave(l)
			return
		}
	}
}

// batch takes what waits, up to a record that asks for a checkpoint.
func (t *Trail) batch(first *request) []*request {
	batch := []*request{first}
	for len(batch) < maxBatch && !batch[len(batch)-1].seal {
		select {
		case r := <-t.waiting:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// serve makes a batch durable and answers for it; any fault closes the trail.
func (t *Trail) serve(l *log, batch []*request) {
	err := t.Ready()
	var first int64
	if err == nil {
		if first, err = t.store(l, batch); err != nil {
			t.shut(err)
			err = closedError(err)
		}
	}
	for _, r := range batch {
		r.reply <- reply{seq: first, signed: l.signed, err: err}
		if r.draft != nil {
			first++
		}
	}
}

// tidy keeps the write-ahead log short, when everybody has an answer. A fault of it is none of the records, which are on
// disk in the log; the disk will tell at the next one.
func (t *Trail) tidy(l *log) {
	if t.cause() != nil {
		return
	}
	if err := l.tidy(t.ending); err != nil && t.ending.Err() == nil {
		t.o.Log("the trail's write-ahead log could not begin anew", "cause", err.Error())
	}
}

func (t *Trail) store(l *log, batch []*request) (first int64, err error) {
	var drafts []*draft
	for _, r := range batch {
		if r.draft != nil {
			drafts = append(drafts, r.draft)
		}
	}
	seal := batch[len(batch)-1].seal || l.edge.size+int64(len(drafts))-l.signed.size >= checkpointEvery
	if first, err = l.append(context.WithoutCancel(t.ending), drafts, seal, t.now()); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tell(l)
	return first, nil
}

// tend signs a checkpoint that is due, or tries to open a closed trail, unless it was closed for good.
func (t *Trail) tend(l *log) *log {
	switch t.cause() {
	case nil:
	case errStopped:
		return l // whoever closes the trail waits for its readers first, and closes the file then
	default:
		return t.recover(l)
	}
	if l.edge.size > l.signed.size && t.now().Sub(l.signed.time) >= t.pace.checkpoint {
		t.serve(l, []*request{{seal: true, reply: make(chan reply, 1)}})
	}
	return l
}

// recover opens the file again as at a start of the program, and the gate only if the file still holds everything that
// was acknowledged and takes one more record.
func (t *Trail) recover(l *log) *log {
	same, err := l.db.InPlace()
	if errors.Is(err, os.ErrNotExist) {
		return l // the open handles are the last that is left of the file: keep them
	}
	if !same {
		// Whoever opens another file beside the -wal and -shm of this one has SQLite write the records that they hold into
		// that file, and this one would be without them when it is put back.
		t.o.Log("the trail stays closed: put its file back, or start the portal again if this is it, on a disk that was mounted anew",
			"cause", errors.Join(sqlitedb.ErrMoved, err).Error())
		return l
	}
	// A second handle of one file would share its index with the first, though the -wal may be another: close first.
	if err := l.leave(t.ending); err != nil {
		t.o.Log("the trail stays closed", "cause", err.Error())
		return l
	}
	fresh, err := t.reopen(l.edge)
	if err != nil {
		t.o.Log("the trail stays closed", "cause", err.Error())
		return l
	}
	t.o.Log("the trail is open again", "size", fresh.edge.size)
	return fresh
}

// leave closes the file at the end. Whoever still reads from a log that is not in its place is waited for, since that
// cannot be copied before; but not for ever.
func (t *Trail) leave(l *log) {
	err := l.leave(context.Background())
	if errors.Is(err, sqlitedb.ErrBusy) {
		t.o.Log("the trail's log was harmed: the file waits for its readers")
	}
	for late := time.Now().Add(t.pace.answer); errors.Is(err, sqlitedb.ErrBusy) && time.Now().Before(late); {
		time.Sleep(t.pace.probe)
		err = l.leave(context.Background())
	}
	if err = errors.Join(err, l.close()); err != nil {
		t.o.Log("the trail's file did not close well", "cause", err.Error())
	}
}

func (t *Trail) reopen(acknowledged frontier) (*log, error) {
	l, err := openLog(t.ending, t.o.Path, t.key)
	if err != nil {
		return nil, err
	}
	err = l.holdsAll(t.ending, acknowledged)
	if err == nil && l.key.origin != t.key.origin {
		err = fmt.Errorf("the trail in its place is of %q", l.key.origin)
	}
	if err == nil {
		err = t.begin(t.ending, l, recovered)
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// holdsAll reports an error unless the file begins with exactly the records of an earlier edge.
func (l *log) holdsAll(ctx context.Context, acknowledged frontier) error {
	root, err := acknowledged.root()
	if err != nil {
		return err
	}
	if err := l.holds(ctx, signed{size: acknowledged.size, root: root}); err != nil {
		return fmt.Errorf("records that were acknowledged are missing: %w", err)
	}
	return nil
}
