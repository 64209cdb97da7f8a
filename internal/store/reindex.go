package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// openIndex opens the index of a generation, or builds another where it is not there or does not fit.
func (s *Store) openIndex(ctx context.Context, generation int64) error {
	x, err := s.openFitting(ctx, generation)
	if err != nil {
		return fmt.Errorf("open the index: %w", err)
	}
	if x == nil {
		return s.Reindex(ctx, func(int, int) {})
	}
	s.replace(x)
	if err := s.catchUp(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	return s.removeOthers(x)
}

// openFitting gives nil for an index that must be built anew. What is wrong with a derived file is of no interest.
func (s *Store) openFitting(ctx context.Context, generation int64) (*index, error) {
	newest, _, err := s.extent(ctx)
	if err != nil || generation == 0 {
		return nil, err
	}
	x, err := openIndexFile(ctx, s.indexPath(generation), generation, false, s.log)
	if err != nil {
		return nil, ctx.Err()
	}
	if ok, err := x.fits(ctx, s.id, newest); !ok || err != nil || s.fillMemory(ctx, x) != nil {
		s.log.Warn("the index does not fit what is held: it is built anew", "generation", generation)
		return nil, errors.Join(x.close(), ctx.Err())
	}
	return x, nil
}

func (s *Store) fillMemory(ctx context.Context, x *index) error {
	if ok, err := s.loadCopy(ctx, x); ok || err != nil {
		return err
	}
	return x.load(ctx)
}

// extent is the newest revision and how many processes are held.
func (s *Store) extent(ctx context.Context) (revision int64, processes int, err error) {
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT revision, processes FROM store_state WHERE id = 1`).Scan(&revision, &processes)
	return revision, processes, err
}

func (s *Store) indexPath(generation int64) string {
	return filepath.Join(s.dir, "index-"+strconv.FormatInt(generation, 10)+".db")
}

// Reindex rebuilds the index from snapshots beside the old one and switches over; searches go on meanwhile. The
// generation in portal.db says which file is in use, so a kill at any moment leaves one that fits.
func (s *Store) Reindex(ctx context.Context, progress func(done, total int)) error {
	s.rebuilding.Lock()
	defer s.rebuilding.Unlock()
	x, err := s.build(ctx, progress)
	if err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	old, err := s.switchTo(ctx, x)
	if err != nil {
		return errors.Join(fmt.Errorf("switch to the new index: %w", err), x.close(), removeIndex(s.indexPath(x.generation)))
	}
	return errors.Join(old.close(), s.removeOthers(x))
}

// build makes a new index file of the next generation that reflects portal.db as it was when it began, or later.
func (s *Store) build(ctx context.Context, progress func(done, total int)) (*index, error) {
	var generation int64
	if err := s.portal.Reader.QueryRowContext(ctx, `SELECT generation + 1 FROM store_state WHERE id = 1`).Scan(&generation); err != nil {
		return nil, err
	}
	if err := removeIndex(s.indexPath(generation)); err != nil { // of a build that was killed
		return nil, err
	}
	x, err := openIndexFile(ctx, s.indexPath(generation), generation, true, s.log)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, x, progress); err != nil {
		return nil, errors.Join(err, x.close(), removeIndex(s.indexPath(generation)))
	}
	return x, nil
}

func (s *Store) fill(ctx context.Context, x *index, progress func(done, total int)) error {
	revision, total, err := s.extent(ctx)
	if err != nil {
		return err
	}
	for done, last := 0, ""; ; {
		ids, err := s.idsAfter(ctx, last)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		if err := s.update(ctx, x, ids, 0); err != nil {
			return err
		}
		last = ids[len(ids)-1]
		done += len(ids)
		progress(done, max(total, done))
	}
	// Without this row the file fits nothing: it comes last.
	_, err = x.db.Writer.ExecContext(ctx, `INSERT INTO origin (id, store_id, rules, revision) VALUES (1, ?, ?, ?)`, s.id, rules(), revision)
	x.revision = revision
	return err
}

func (s *Store) idsAfter(ctx context.Context, last string) ([]string, error) {
	return idsOf(s.portal.Reader.QueryContext(ctx, `SELECT process_id FROM process WHERE process_id > ? ORDER BY process_id LIMIT ?`, last, indexBatch))
}

// switchTo puts a built index in use once it has followed everything that came meanwhile.
func (s *Store) switchTo(ctx context.Context, x *index) (old *index, err error) {
	s.indexing.Lock()
	defer s.indexing.Unlock()
	if err := s.follow(ctx, x); err != nil {
		return nil, err
	}
	x.memory.compress()
	if _, err := s.portal.Writer.ExecContext(ctx, `UPDATE store_state SET generation = ? WHERE id = 1`, x.generation); err != nil {
		return nil, err
	}
	s.keepCopy(ctx, x, false)
	return s.replace(x), nil
}

// removeOthers deletes index files that are not in use, and their copies: those before, and what a kill left.
func (s *Store) removeOthers(x *index) error {
	files, err := filepath.Glob(filepath.Join(s.dir, "index-*.db"))
	if err != nil {
		return err
	}
	errs := []error{s.removeCopies(x)}
	for _, file := range files {
		if file != s.indexPath(x.generation) {
			errs = append(errs, removeIndex(file))
		}
	}
	return errors.Join(errs...)
}

func removeIndex(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
