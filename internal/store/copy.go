package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"
)

// When the bitmaps are copied to a file of their own. Below copyFrom processes they are read from the index as fast. A copy
// becomes old by changes: at copyEvery of them or, if that is more, at one process in copyShare, since a start takes up again
// each that came after the copy. A stop makes a new one in any case.
const (
	copyFrom  = 10_000
	copyEvery = 10_000
	copyShare = 100
)

// The name of a copy holds the stamp that the index knows it by, so that a kill between the two leaves the one before in force.
func (s *Store) copyPath(generation int64, stamp string) string {
	return filepath.Join(s.dir, "index-"+strconv.FormatInt(generation, 10)+"-"+stamp+".bitmaps")
}

// keepCopy makes a copy of the bitmaps if there is none or it is old; at a stop, if it is not of this moment. The caller holds
// Store.indexing. Without a copy a start takes longer, and nothing else.
func (s *Store) keepCopy(ctx context.Context, x *index, stop bool) {
	n := int(x.memory.all.GetCardinality())
	fresh := x.copied != "" && (x.touched == 0 || !stop && x.touched < max(copyEvery, n/copyShare))
	if n < s.copyFrom || fresh || x.uncopied && !stop {
		return
	}
	if err := s.saveCopy(ctx, x); err != nil {
		x.uncopied = true // until the next start: a full disk does not become emptier by trying
		s.log.Warn("the bitmaps could not be copied to a file: the next start takes longer", "error", err)
	}
}

func (s *Store) saveCopy(ctx context.Context, x *index) error {
	random := make([]byte, 16)
	rand.Read(random)
	stamp := hex.EncodeToString(random)
	path := s.copyPath(x.generation, stamp)
	if err := x.memory.writeCopy(path, stamp); err != nil {
		return errors.Join(err, wipe(path))
	}
	if err := x.nameCopy(ctx, stamp); err != nil {
		return errors.Join(err, wipe(path))
	}
	x.copied, x.touched = stamp, 0
	return s.removeCopies(x)
}

func (m *memory) writeCopy(path, stamp string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// Not synced: what a power cut leaves of it fails its checksum.
	return errors.Join(m.copyTo(file, stamp), file.Close())
}

// nameCopy puts a copy in force, or none.
func (x *index) nameCopy(ctx context.Context, stamp string) error {
	return x.db.InTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM touched`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM copy`); err != nil || stamp == "" {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO copy (id, stamp) VALUES (1, ?)`, stamp)
		return err
	})
}

// dropCopy gives the copy up and overwrites it, because somebody in it was erased.
func (s *Store) dropCopy(ctx context.Context, x *index) error {
	s.indexing.Lock()
	defer s.indexing.Unlock()
	if err := x.nameCopy(ctx, ""); err != nil {
		return err
	}
	x.copied, x.touched = "", 0
	return s.removeCopies(x)
}

// loadCopy fills the memory from the copy that the index names, and with what came after it. It reports whether it did; what
// is wrong with a copy, it tells the log.
func (s *Store) loadCopy(ctx context.Context, x *index) (bool, error) {
	var stamp string
	err := x.db.Reader.QueryRowContext(ctx, `SELECT stamp FROM copy WHERE id = 1`).Scan(&stamp)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	data, err := os.ReadFile(s.copyPath(x.generation, stamp))
	var m *memory
	if err == nil {
		m, err = readCopy(data, stamp)
	}
	if err != nil {
		s.log.Warn("the copy of the bitmaps is of no use: they are made from the index", "error", err)
		return false, nil
	}
	x.memory, x.copied = m, stamp
	return true, x.catchUpCopy(ctx)
}

// catchUpCopy takes up again what changed after the copy was made.
func (x *index) catchUpCopy(ctx context.Context) error {
	touched, err := x.touchedRows(ctx)
	if err != nil || touched.IsEmpty() {
		return err
	}
	x.touched = int(touched.GetCardinality())
	x.memory.withdraw(touched)
	err = x.addEntries(x.db.Reader.QueryContext(ctx, `SELECT e.row, e.process_id, e.version, e.mapping_version, e.created_at, e.updated_at, e.provider,
		e.process_type, e.status, e.way_in, e.nationality, e.country, e.relations, e.findings, e.severity, e.restate_on, e.words, e.keys, ''
		FROM touched t CROSS JOIN entry e ON e.row = t.row`))
	if err != nil {
		return err
	}
	return x.growCrowds(ctx)
}

func (x *index) touchedRows(ctx context.Context) (*roaring.Bitmap, error) {
	rows, err := x.db.Reader.QueryContext(ctx, `SELECT row FROM touched`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	touched := roaring.New()
	for rows.Next() {
		var row uint32
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		touched.Add(row)
	}
	return touched, rows.Err()
}

// removeCopies leaves the copy of an index, if it has one, and no other.
func (s *Store) removeCopies(x *index) error {
	files, err := filepath.Glob(filepath.Join(s.dir, "index-*.bitmaps"))
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range files {
		if file != s.copyPath(x.generation, x.copied) {
			errs = append(errs, wipe(file))
		}
	}
	return errors.Join(errs...)
}

// wipe overwrites a file, which holds words of names, before it removes it.
func wipe(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = io.CopyN(file, zeros{}, info.Size())
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("overwrite a copy of the bitmaps: %w", err)
	}
	return os.Remove(path)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
