package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// pace holds the trail's times.
type pace struct {
	answer     time.Duration // how long Append waits: a disk that hangs is worse than one that fails
	probe      time.Duration // between attempts to open a closed trail
	checkpoint time.Duration // at most this long are records without a checkpoint
	verify     time.Duration // between looks at what is new in the file
	reverify   time.Duration // between looks at the whole file
	lines      time.Duration // between looks for blocks whose lines are not kept yet; 0: never
	expire     time.Duration // between looks for search terms that have expired
}

func usualPace() pace {
	return pace{answer: 2 * time.Second, probe: 250 * time.Millisecond, checkpoint: time.Minute, verify: time.Minute, reverify: 24 * time.Hour, lines: time.Second, expire: 24 * time.Hour}
}

// Trail is the open trail. Safe for concurrent use; one process per file.
type Trail struct {
	o       Options
	pace    pace
	key     key
	lock    *sqlitedb.Lock
	anchor  anchor
	waiting chan *request
	changed chan struct{} // a checkpoint was signed; capacity 1
	stop    chan struct{}
	ending  context.Context // ends with the trail
	end     context.CancelFunc
	keeping sync.WaitGroup
	writing sync.WaitGroup
	db      atomic.Pointer[sqlitedb.DB] // for reading
	closing sync.Once
	leaving sync.RWMutex // held for reading while an export is written, for writing while terms expire

	mu     sync.Mutex
	state  State
	closed error // nil while open
	newest signed
	faults struct{ anchor, verify string }
}

// Open verifies the tail of an existing trail against checkpoint and anchor, appends trail.start and serves. It never
// creates a trail, and refuses one that is shorter than, or different from, what was published of it.
func Open(ctx context.Context, o Options) (*Trail, error) { return open(ctx, o, usualPace()) }

func open(ctx context.Context, o Options, p pace) (*Trail, error) {
	t := &Trail{o: o, pace: p, waiting: make(chan *request, maxWaiting), changed: make(chan struct{}, 1), stop: make(chan struct{})}
	if t.o.Now == nil {
		t.o.Now = time.Now
	}
	if t.o.Log == nil {
		t.o.Log = func(string, ...any) {}
	}
	var err error
	if t.key, err = readKey(o.KeyFile); err != nil {
		return nil, err
	}
	if t.lock, err = sqlitedb.LockFile(o.Path + ".lock"); err != nil {
		return nil, fmt.Errorf("open the trail: %w", err)
	}
	t.anchor.path = o.AnchorFile
	l, err := t.start(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the trail: %w", err), t.lock.Release())
	}
	t.state.Origin = t.key.origin
	t.ending, t.end = context.WithCancel(context.Background())
	t.writing.Go(func() { t.write(l) })
	t.keeping.Go(t.keep)
	if p.lines > 0 {
		t.keeping.Go(t.keepLines)
	}
	return t, nil
}

// start opens the file, compares it with the anchor and leaves the first record.
func (t *Trail) start(ctx context.Context) (*log, error) {
	l, err := openLog(ctx, t.o.Path, t.key)
	if err != nil {
		return nil, err
	}
	t.key = l.key // under the origin that the file has come to
	if err := t.begin(ctx, l, "started"); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// begin proves with a record that the file can be written, and publishes the file.
func (t *Trail) begin(ctx context.Context, l *log, because string) error {
	published, err := t.anchor.read(t.key)
	if err != nil {
		return err
	}
	if err := l.holds(ctx, published); published.size > 0 && err != nil {
		return fmt.Errorf("compare with the anchor: %w", err)
	}
	d, err := newDraft(Event{Action: TrailStart, Outcome: OK, Actor: System, Facts: map[string]string{"because": because}}, t.key.origin, t.o.Build)
	if err != nil {
		return err
	}
	if _, err := l.append(ctx, []*draft{d}, true, t.now()); err != nil {
		return err
	}
	t.db.Store(l.db)
	t.published(l)
	return nil
}

func (t *Trail) now() time.Time { return t.o.Now().UTC() }

// Close appends trail.stop, signs a checkpoint and closes the file. A closed trail is closed without a record; then,
// and when ctx ends first, that is the error.
func (t *Trail) Close(ctx context.Context) (err error) {
	t.closing.Do(func() {
		d, draftErr := newDraft(Event{Action: TrailStop, Outcome: OK, Actor: System}, t.key.origin, t.o.Build)
		_, stopErr := t.submit(ctx, d, true)
		anchorErr := t.anchor.catchUp(ctx, t.db.Load())
		t.shut(errStopped)
		t.end()
		t.keeping.Wait() // first: a reader that is the last to close a file leaves its -wal behind
		close(t.stop)
		t.writing.Wait()
		err = errors.Join(draftErr, stopErr, anchorErr, t.lock.Release())
	})
	return err
}

// Ready is nil while the trail takes records, else an error of kind apperr.TrailClosed.
func (t *Trail) Ready() error {
	if cause := t.cause(); cause != nil {
		return closedError(cause)
	}
	return nil
}

// cause is why the trail is closed, nil while it is open.
func (t *Trail) cause() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

func closedError(cause error) error {
	return apperr.Wrap(apperr.TrailClosed, cause, "The audit trail cannot take records at the moment, so nothing personal can be shown: "+reason(cause)+".",
		remedy(cause))
}

// remedy is what is to be done about a cause. A file that was put back is found again; the same file under another device
// number, as after its disk was mounted anew, cannot be told from another one by a program that has the old one open.
func remedy(cause error) string {
	if errors.Is(cause, sqlitedb.ErrMoved) {
		return "Whoever runs the portal has to put its own file back; then it opens again by itself. If it is its own file, as after its disk was mounted anew, the portal has to be started again."
	}
	return "It opens again by itself as soon as a record can be kept. Tell whoever runs the portal if it does not."
}

// Why a trail is closed.
var (
	errStopped = errors.New("the portal is stopping")
	errSlow    = errors.New("the disk does not answer in time")
)

// reason is the cause for a person, without paths.
func reason(cause error) string {
	switch {
	case errors.Is(cause, errStopped), errors.Is(cause, errSlow):
		return cause.Error()
	case errors.Is(cause, fs.ErrNotExist):
		return "its file is gone from its place"
	case errors.Is(cause, sqlitedb.ErrMoved):
		return "another file stands in its place"
	case errors.Is(cause, sqlitedb.ErrReadOnly):
		return "its file is read-only"
	case sqlitedb.IsFull(cause):
		return "the disk is full"
	case sqlitedb.IsStuck(cause):
		return "a lock on its file could not be given back"
	}
	return "its file cannot be written"
}

// shut closes the gate. The first cause stays until the trail opens again.
func (t *Trail) shut(cause error) {
	t.mu.Lock()
	first := t.closed == nil
	if first || cause == errStopped {
		t.closed = cause
	}
	t.mu.Unlock()
	if first && cause != errStopped {
		t.o.Log("the trail is closed", "because", reason(cause), "cause", cause.Error())
	}
}

// published opens the gate on a file and tells what is in it.
func (t *Trail) published(l *log) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed != errStopped {
		t.closed = nil
	}
	t.tell(l)
}

// tell takes over how far the file has come; the caller holds the mutex.
func (t *Trail) tell(l *log) {
	t.state.Size = l.edge.size
	if l.signed.size != t.newest.size {
		t.newest = l.signed
		select {
		case t.changed <- struct{}{}:
		default: // there is news already
		}
	}
}

// State tells size, checkpoint and last own verification.
func (t *Trail) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.state
	s.Open = t.closed == nil
	if !s.Open {
		s.Reason = reason(t.closed)
	}
	s.CheckpointSize, s.CheckpointTime = t.newest.size, t.newest.time
	s.VerifyError = t.faults.verify
	if s.VerifyError == "" {
		s.VerifyError = t.faults.anchor
	}
	return s
}

// VerifierKey is the public note key.
func (t *Trail) VerifierKey() string { return t.key.vkey }
