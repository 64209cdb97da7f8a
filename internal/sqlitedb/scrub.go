package sqlitedb

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ErrBusy is what Scrub answers when somebody else used the file for longer than it was to wait: pages are clean, but
// copies of what was erased may still stand in the write-ahead log. CloseWhole answers it while somebody reads.
var ErrBusy = errors.New("somebody else reads the file, so its write-ahead log could not be emptied")

// Kinds of b-tree pages: the first byte of their header (SQLite file format, section 1.6).
const (
	interiorIndex = 2
	interiorTable = 5
	leafIndex     = 10
	leafTable     = 13
)

const (
	fileHeader    = 100 // bytes before the b-tree header of page 1
	pagesTogether = 64  // in one transaction, so that writers of a running portal hardly wait

	emptyAgain = 5 * time.Millisecond // until the write-ahead log is tried again
)

// Scrub overwrites what erased rows have left behind in a file: secure_delete clears the row that is deleted, but not
// copies that stayed in the unused middle of a page when its rows moved to another page. Then it empties the write-ahead
// log. Tables limits it to these with their indices; none means all. Other connections of the file may be open; wait
// is how long a lock of theirs is waited for. Pages that changed while they were looked at are left to the next call.
func Scrub(ctx context.Context, path string, wait time.Duration, tables ...string) (err error) {
	if err := prepare(); err != nil {
		return err
	}
	query := url.Values{"mode": {"rw"}, "_dqs": {"0"}, "_txlock": {"immediate"},
		"_pragma": {"busy_timeout(" + strconv.FormatInt(wait.Milliseconds(), 10) + ")", "synchronous(FULL)"}}
	pool, err := openPool(ctx, uri(path, query), 1, nil, nil)
	if err != nil {
		return fmt.Errorf("scrub %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	s := &scrubber{pool: pool}
	if err := s.all(ctx, tables); err != nil {
		return fmt.Errorf("scrub %s: %w", path, err)
	}
	return emptyLog(ctx, pool, wait)
}

// emptyLog copies the write-ahead log into the file and cuts it to nothing. SQLite itself waits for readers, but refuses at once
// while another checkpoint is under way.
func emptyLog(ctx context.Context, pool *sql.DB, wait time.Duration) error {
	for end := time.Now().Add(wait); ; {
		var busy, inLog, copied int
		if err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &inLog, &copied); err != nil {
			return fmt.Errorf("empty the write-ahead log: %w", err)
		}
		switch {
		case busy == 0:
			return nil
		case time.Now().After(end):
			return ErrBusy
		}
		select {
		case <-time.After(emptyAgain):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// scrubber walks the b-trees of a file.
type scrubber struct {
	pool    *sql.DB
	usable  int // bytes of a page that SQLite uses
	unclean []page
}

type page struct {
	number int64
	data   []byte
}

func (s *scrubber) all(ctx context.Context, tables []string) error {
	first, err := s.read(ctx, s.pool, 1)
	if err != nil {
		return err
	}
	s.usable = len(first) - int(first[20])
	roots, err := s.roots(ctx, tables)
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := s.tree(ctx, root); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

func (s *scrubber) roots(ctx context.Context, tables []string) (roots []int64, err error) {
	rows, err := s.pool.QueryContext(ctx, "SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var root int64
		var table string
		if err := rows.Scan(&root, &table); err != nil {
			return nil, err
		}
		if len(tables) == 0 || slices.Contains(tables, table) {
			roots = append(roots, root)
		}
	}
	return roots, rows.Err()
}

// tree looks at a page and everything below it.
func (s *scrubber) tree(ctx context.Context, number int64) error {
	data, err := s.read(ctx, s.pool, number)
	if err != nil {
		return err
	}
	below, from, to, err := layout(data, number, s.usable)
	if err != nil {
		return fmt.Errorf("page %d: %w", number, err)
	}
	if len(bytes.Trim(data[from:to], "\x00")) > 0 {
		s.unclean = append(s.unclean, page{number, data})
	}
	if len(s.unclean) >= pagesTogether {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	for _, child := range below {
		if err := s.tree(ctx, child); err != nil {
			return err
		}
	}
	return nil
}

var errLayout = errors.New("it is not a page of a b-tree")

// layout finds the children of a b-tree page, and where its unused middle begins and ends (file format, section 1.6).
func layout(data []byte, number int64, usable int) (below []int64, from, to int, err error) {
	at := 0
	if number == 1 {
		at = fileHeader
	}
	header := 8
	switch data[at] {
	case interiorIndex, interiorTable:
		header = 12
	case leafIndex, leafTable:
	default:
		return nil, 0, 0, errLayout
	}
	cells := int(binary.BigEndian.Uint16(data[at+3:]))
	from, to = at+header+2*cells, int(binary.BigEndian.Uint16(data[at+5:]))
	if to == 0 {
		to = 1 << 16
	}
	if from > to || to > usable {
		return nil, 0, 0, errLayout
	}
	if header == 12 {
		below = append(below, int64(binary.BigEndian.Uint32(data[at+8:])))
		for i := range cells {
			cell := int(binary.BigEndian.Uint16(data[at+header+2*i:]))
			if cell+4 > usable {
				return nil, 0, 0, errLayout
			}
			below = append(below, int64(binary.BigEndian.Uint32(data[cell:])))
		}
	}
	return below, from, to, nil
}

type pageReader interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (s *scrubber) read(ctx context.Context, q pageReader, number int64) (data []byte, err error) {
	err = q.QueryRowContext(ctx, "SELECT data FROM sqlite_dbpage WHERE pgno = ?", number).Scan(&data)
	if err == nil && len(data) < 512 {
		err = errLayout
	}
	return data, err
}

// flush clears the pages that were found, through SQLite's own pager, if they are still what they were.
func (s *scrubber) flush(ctx context.Context) error {
	if len(s.unclean) == 0 {
		return nil
	}
	tx, err := s.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	for _, p := range s.unclean {
		now, err := s.read(ctx, tx, p.number)
		if err != nil {
			return err
		}
		if !bytes.Equal(now, p.data) {
			continue
		}
		_, from, to, err := layout(now, p.number, s.usable)
		if err != nil {
			return err
		}
		clear(now[from:to])
		if _, err := tx.ExecContext(ctx, "UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?", now, p.number); err != nil {
			return err
		}
	}
	s.unclean = s.unclean[:0]
	return tx.Commit()
}
