package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// When a keeper works on a write-ahead log; lengths in pages of 4 KB.
const (
	copyPages    = 250                   // that the file lacks: little, so that no copying takes long
	restartPages = 4000                  // of the log: 16 MB, from which on it should begin anew
	restartAgain = 250                   // until the next try, if somebody was still reading
	tooManyPages = 8000                  // of the log: 32 MB, from which on each transaction first waits for a look of the keeper
	restartWait  = 50 * time.Millisecond // for chunks of exports
	longWait     = time.Second           // for them, if there are too many pages
	readersWait  = 20 * time.Millisecond // for other readers; meanwhile commits wait
	faultPause   = time.Second           // after a checkpoint that failed

	pageSize = 4096 // SQLite's own, which no file here changes
)

// keeper makes the checkpoints of one file on a connection of its own. SQLite makes them within a commit, which then takes a
// hundred times as long; beside the commits nobody waits. Only to begin the log anew commits have to stop, for the few pages
// that came while the others were copied. Whoever commits faster than the disk takes pages waits for the keeper, so that the log
// exceeds its bound by one transaction; a reader who reads on for long outside of Chunk, a backup say, can make it longer.
type keeper struct {
	db    *DB
	pool  *sql.DB // one connection
	grown chan struct{}
	fault func(error)
	due   int // length of the log from which on it begins anew

	failed atomic.Bool // the last look at the log
	mu     sync.Mutex
	look   chan struct{} // closed when the look that is under way ends, or the next; guarded by mu

	stop context.CancelFunc
	done chan struct{}
}

// logState is what SQLite tells of a write-ahead log, in pages.
type logState struct{ inLog, copied int }

func (l logState) lacking() int { return l.inLog - l.copied }

func newKeeper(o Options) *keeper {
	if !o.KeepLog {
		return nil
	}
	k := &keeper{grown: make(chan struct{}, 1), fault: o.Fault, due: restartPages, look: make(chan struct{}), done: make(chan struct{})}
	if k.fault == nil {
		k.fault = func(error) {}
	}
	k.grew() // what a program that was killed has left may be long
	return k
}

// grew tells the keeper of a commit and does not wait. A nil keeper has nothing to keep.
func (k *keeper) grew() {
	if k == nil {
		return
	}
	select {
	case k.grown <- struct{}{}:
	default: // it is told already
	}
}

func (k *keeper) start(ctx context.Context, db *DB, o Options, g *guard) (err error) {
	if k == nil {
		return nil
	}
	k.db = db
	k.pool, err = openPool(ctx, uri(o.Path, url.Values{"mode": {"rw"}, "_defensive": {"1"}, "_dqs": {"0"}, "_pragma": {
		"busy_timeout(0)", "synchronous(" + synchronous(o) + ")", "wal_autocheckpoint(0)"}}), 1, g, nil)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	k.stop = stop
	go k.run(running)
	return nil
}

// close ends the keeper's work, breaking a checkpoint off; SQLite makes the last one when the last connection is closed.
func (k *keeper) close() error {
	if k == nil || k.pool == nil {
		return nil
	}
	if k.stop != nil {
		k.stop()
		<-k.done
	}
	return k.pool.Close()
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	for {
		select {
		case <-k.grown:
		case <-ctx.Done():
			return
		}
		err := k.tend(ctx)
		if ctx.Err() != nil {
			return
		}
		if before := k.failed.Swap(err != nil); err != nil && !before { // told once: a full disk is full for long
			k.fault(fmt.Errorf("copy the write-ahead log of %s: %w", k.db.path, err))
		}
		k.looked()
		if err != nil {
			k.pause(ctx)
		}
	}
}

func (k *keeper) looked() {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.look)
	k.look = make(chan struct{})
}

// await waits for the keeper if the log is too long and it can do something about it.
func (k *keeper) await(ctx context.Context) {
	if k == nil || k.db == nil || k.failed.Load() {
		return
	}
	// The file is cut to the length that is wanted when its log begins anew, so it does not stay longer for having been so.
	if info, err := os.Stat(k.db.path + "-wal"); err != nil || info.Size() < tooManyPages*pageSize {
		return
	}
	k.mu.Lock()
	look := k.look
	k.mu.Unlock()
	k.grew()
	select {
	case <-look:
	case <-k.done:
	case <-ctx.Done():
	}
}

// pause waits after a fault, and looks at the log again then, whether or not somebody commits.
func (k *keeper) pause(ctx context.Context) {
	select {
	case <-time.After(faultPause):
		k.grew()
	case <-ctx.Done():
	}
}

// tend copies what the file lacks, bit by bit, and lets a long log begin anew once little is left to copy.
func (k *keeper) tend(ctx context.Context) error {
	log, err := k.checkpoint(ctx, "PRAGMA wal_checkpoint(NOOP)")
	for err == nil && log.lacking() >= copyPages && log.inLog < tooManyPages {
		before := log.copied
		log, err = k.checkpoint(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		if log.copied-before < copyPages { // somebody reads what the rest would overwrite, or the log began anew
			break
		}
	}
	if err != nil {
		return err
	}
	if log.inLog < restartPages {
		k.due = restartPages
	}
	if log.inLog < k.due {
		return nil
	}
	wait := restartWait
	if log.inLog >= tooManyPages {
		wait = longWait
	}
	whole, err := k.db.restartLog(ctx, wait, readersWait)
	if k.due = restartPages; !whole {
		k.due = log.inLog + restartAgain
	}
	return err
}

// checkpoint lets SQLite look at the log or copy of it what nobody needs where it was.
func (k *keeper) checkpoint(ctx context.Context, pragma string) (log logState, err error) {
	k.db.checkpoints.Lock()
	defer k.db.checkpoints.Unlock()
	var busy int
	err = k.pool.QueryRowContext(ctx, pragma).Scan(&busy, &log.inLog, &log.copied)
	if err != nil && ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return log, err
}
