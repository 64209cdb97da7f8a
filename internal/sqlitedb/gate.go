package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"
)

// everyChunk is the weight of a checkpoint, for which no chunk may be under way; a chunk weighs one.
const everyChunk = 1 << 20

// gate lets chunks of long reads and checkpoints take turns. A write-ahead log begins anew only in a moment without a
// reader; long reads, even in chunks, leave no such moment, and a checkpoint that waits for one inside SQLite keeps all
// writers waiting. In front of the gate new chunks wait for a checkpoint that waits, and so it waits for one chunk at most.
type gate struct{ turns *semaphore.Weighted }

func newGate() gate { return gate{semaphore.NewWeighted(everyChunk)} }

// Chunk runs fn, which reads some of what a long reader wants, and ends its statements before it returns. It must not
// wait for whoever takes what was read, and not read from within another chunk.
func (db *DB) Chunk(ctx context.Context, fn func() error) error {
	if err := db.gate.turns.Acquire(ctx, 1); err != nil {
		return err
	}
	defer db.gate.turns.Release(1)
	return fn()
}

// RestartLog copies the write-ahead log into the file and lets the next commit overwrite it from its beginning, so that it
// does not grow. It waits up to wait for chunks that are under way, and for no other reader; whole is false if somebody
// was still reading, and then it is worth another try. The file must have been opened with OwnCheckpoints.
func (db *DB) RestartLog(ctx context.Context, wait time.Duration) (whole bool, err error) {
	return db.restartLog(ctx, wait, 0)
}

// restartLog waits for other readers, too, and meanwhile holds the lock for writing.
func (db *DB) restartLog(ctx context.Context, wait, readers time.Duration) (whole bool, err error) {
	soon, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if db.gate.turns.Acquire(soon, everyChunk) != nil {
		return false, ctx.Err()
	}
	defer db.gate.turns.Release(everyChunk)
	conn, err := db.Writer.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("restart the write-ahead log: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	db.checkpoints.Lock()
	defer db.checkpoints.Unlock()
	if whole, err = copyLog(ctx, conn, "PRAGMA wal_checkpoint(RESTART)", readers); err != nil {
		return false, fmt.Errorf("restart the write-ahead log: %w", err)
	}
	return whole, nil
}

// copyLog waits for readers as long as it is told: SQLite's own patience would hold the lock for writing until the slowest is done.
func copyLog(ctx context.Context, conn *sql.Conn, pragma string, patience time.Duration) (whole bool, err error) {
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", patience.Milliseconds())); err != nil {
		return false, err
	}
	var busy, inLog, copied int
	err = conn.QueryRowContext(ctx, pragma).Scan(&busy, &inLog, &copied)
	_, resetErr := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = 5000")
	return busy == 0, errors.Join(err, resetErr)
}
