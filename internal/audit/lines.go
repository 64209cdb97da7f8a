package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// blockRows is how many lines are kept as one.
const blockRows = spanSize

// lineForm names the way in which lines are made: csvColumns, appendRow and what they call. Whoever changes that raises it.
const lineForm = 1

// linesRest is the pause between two blocks that are made, so that the first hour of a long trail does not slow people.
const linesRest = 20 * time.Millisecond

// restartLines is how many blocks are made until the write-ahead log has to begin anew: some 2 MB of pages, beside those of
// records, which count for themselves.
const restartLines = 8

// keepLines makes the lines of blocks that have become whole, and again of those of which something was erased.
func (t *Trail) keepLines() {
	tick := time.NewTicker(t.pace.lines)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := t.makeLines(t.ending); err != nil && t.Ready() == nil && t.ending.Err() == nil {
				t.unlock(err)
				t.o.Log("lines of the trail could not be kept", "cause", err.Error())
			}
		case <-t.ending.Done():
			return
		}
	}
}

// unlock closes the trail if nobody can begin to read it any more, so that it is opened again with handles that hold no
// lock. A look every second finds this before somebody has a record to add, which would find it, too: pages read first.
func (t *Trail) unlock(err error) {
	if sqlitedb.IsStuck(err) {
		t.shut(err)
	}
}

// makeLines makes blocks until none is missing or the trail is closed.
func (t *Trail) makeLines(ctx context.Context) error {
	for made := 1; t.Ready() == nil; made++ {
		block, missing, err := t.blockWithoutLines(ctx)
		if err != nil || !missing {
			return err
		}
		if err := t.makeBlock(ctx, block); err != nil {
			return fmt.Errorf("block %d: %w", block, err)
		}
		if made >= restartLines {
			whole, err := t.db.Load().RestartLog(ctx, restartWait)
			if err != nil {
				return err
			}
			if whole {
				made = 0
			}
		}
		select {
		case <-time.After(linesRest):
		case <-ctx.Done():
		}
	}
	return nil
}

func (t *Trail) blockWithoutLines(ctx context.Context) (block int64, missing bool, err error) {
	err = t.db.Load().Reader.QueryRowContext(ctx, `SELECT block FROM span WHERE NOT EXISTS
		(SELECT 1 FROM line_block l WHERE l.block = span.block AND l.form = ?) ORDER BY block LIMIT 1`, lineForm).Scan(&block)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return block, err == nil, err
}

func (t *Trail) makeBlock(ctx context.Context, block int64) error {
	read, err := (&Export{trail: t}).readPlain(ctx, stretch{block * blockRows, (block + 1) * blockRows})
	if err != nil {
		return err
	}
	if read.rows != blockRows {
		return fmt.Errorf("%d records", read.rows)
	}
	return t.keepBlock(ctx, block, read)
}

// keepBlock keeps the lines of a block, unless a detail of its records was erased since they were read: details only go,
// so that as many as before are the same ones. Its transaction is one of its own, between those of the writer.
func (t *Trail) keepBlock(ctx context.Context, block int64, read plainRecords) error {
	text, err := (&Export{trail: t}).plainLines(read)
	if err != nil {
		return err
	}
	return t.db.Load().InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM line_block WHERE block = ? AND form <> ?", block, lineForm); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO line_block (block, form, text) SELECT ?1, ?2, ?3
			WHERE ?4 = (SELECT count(*) FROM detail WHERE seq >= ?1 * ?5 AND seq < (?1 + 1) * ?5)`, block, lineForm, text, read.parts(), blockRows)
		return err
	})
}

// forgetLines removes the blocks of records whose details are erased in the same transaction.
func forgetLines(ctx context.Context, tx *sql.Tx, keys []detailKey) error {
	last := int64(-1)
	for _, k := range keys {
		if block := k.seq / blockRows; block != last {
			if _, err := tx.ExecContext(ctx, "DELETE FROM line_block WHERE block = ?", block); err != nil {
				return err
			}
			last = block
		}
	}
	return nil
}

// keptLines are those of the block that c is, nil if they are not kept or c is no block.
func keptLines(ctx context.Context, db *sqlitedb.DB, c stretch) (text []byte, err error) {
	if c.first%blockRows != 0 || c.end-c.first != blockRows {
		return nil, nil
	}
	err = db.Stream(ctx, "SELECT text FROM line_block WHERE block = ? AND form = ?", []any{c.first / blockRows, lineForm}, func(columns []sql.RawBytes) error {
		text = bytes.Clone(columns[0])
		return nil
	})
	return text, err
}

// oddLine compares the lines that are kept of a passage with those that its records make, and gives the first record whose
// line is another. Where a detail is missing, the line from before is no fault of its own: the trail has to say that it was
// erased.
func (s *passage) oddLine() (seq int64, odd bool) {
	rest, line := s.lines, []byte(nil)
	for i := range s.records {
		r := &s.records[i]
		l, parts := &r.examined.leaf, len(r.parts)
		line = appendRow(line[:0], l, r.examined.hash, csvShown{parts: parts}, ExportOptions{})
		if !bytes.HasPrefix(rest, line) && parts < len(l.Commit) {
			line = appendRow(line[:0], l, r.examined.hash, csvShown{parts: len(l.Commit)}, ExportOptions{})
		}
		if !bytes.HasPrefix(rest, line) {
			return r.seq, true
		}
		rest = rest[len(line):]
	}
	return s.end - 1, len(rest) > 0
}
