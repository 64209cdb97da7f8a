package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Erase removes a process: snapshots, media, what is listed or kept aside of it, its index row, and what was stated in
// its dossier if no other process of that dossier is held. A tombstone (id, time, basis, and for completeness day and
// status) stays; Save, NoteListed and Refuse obey it. Posted search terms go, too, all of them, since any may name the
// person, and with them saved searches that have one or are called after the person. The bytes are overwritten in the files (Scrub). Kinds: apperr.NotFound for a process that the portal does not
// know, Conflict for one erased before; after an error of another kind it may be erased and its bytes still be there.
func (s *Store) Erase(ctx context.Context, processID, basis string, at time.Time) error {
	person, err := s.entryOf(ctx, processID)
	if err != nil {
		return fmt.Errorf("erase a process: %w", err)
	}
	err = s.portal.InTx(ctx, func(tx *sql.Tx) error {
		if err := refuseErasedAgain(ctx, tx, processID); err != nil {
			return err
		}
		if err := eraseProcess(ctx, tx, processID, basis, at); err != nil {
			return err
		}
		return eraseSaved(ctx, tx, person)
	})
	if err != nil {
		return fmt.Errorf("erase a process: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	return s.Scrub(ctx)
}

// entryOf derives what is indexed of a process; nothing of one that is not held.
func (s *Store) entryOf(ctx context.Context, processID string) (entry, error) {
	sources, err := s.sources(ctx, []string{processID})
	if err != nil || len(sources) == 0 {
		return entry{}, err
	}
	return derive(sources[0], s.now().UTC()), nil
}

func refuseErasedAgain(ctx context.Context, tx *sql.Tx, processID string) error {
	if err := refuseErased(ctx, tx, processID); apperr.Is(err, apperr.Conflict) {
		return apperr.New(apperr.Conflict, "This process was erased before.", "")
	} else if err != nil {
		return err
	}
	return nil
}

// eraseProcess sets the tombstone first: the triggers of the tables permit nothing before.
func eraseProcess(ctx context.Context, tx *sql.Tx, processID, basis string, at time.Time) error {
	var status, dossier string
	var created int64
	err := tx.QueryRowContext(ctx, `SELECT status, created_at, dossier_id FROM process WHERE process_id = ?1
		UNION ALL SELECT status, created_at, dossier_id FROM listed WHERE process_id = ?1
		UNION ALL SELECT status, created_at, '' FROM refused WHERE process_id = ?1 LIMIT 1`, processID).Scan(&status, &created, &dossier)
	if errors.Is(err, sql.ErrNoRows) {
		return notFound()
	}
	if err != nil {
		return err
	}
	revision, err := nextRevision(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO tombstone (process_id, erased_at, basis, status, created_at, revision) VALUES (?, ?, ?, ?, ?, ?)`,
		processID, sqlitedb.Millis(at), basis, status, created, revision); err != nil {
		return err
	}
	for _, remove := range []string{
		`DELETE FROM media WHERE process_id = ?`,
		`DELETE FROM snapshot WHERE process_id = ?`,
		`DELETE FROM listed WHERE process_id = ?`,
		`DELETE FROM refused WHERE process_id = ?`,
		`DELETE FROM owed WHERE process_id = ?`,
		`DELETE FROM raw_purpose WHERE process_id = ?`,
	} {
		if _, err := tx.ExecContext(ctx, remove, processID); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM term`); err != nil {
		return err
	}
	return eraseRecord(ctx, tx, processID, dossier)
}

func eraseRecord(ctx context.Context, tx *sql.Tx, processID, dossier string) error {
	result, err := tx.ExecContext(ctx, `DELETE FROM process WHERE process_id = ?`, processID)
	if err != nil {
		return err
	}
	if held, err := changed(result); err != nil {
		return err
	} else if held {
		if _, err := tx.ExecContext(ctx, `UPDATE store_state SET processes = processes - 1 WHERE id = 1`); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM user_data WHERE dossier_id = ?1 AND NOT EXISTS (SELECT 1 FROM process
		WHERE dossier_id = ?1 AND dossier_id <> '')`, dossier)
	return err
}

// scrubWait is how long an erasure waits for somebody who reads the files, such as a backup.
const scrubWait = 10 * time.Second

// Scrub overwrites what erased rows have left in the files, and the copy of the bitmaps, and empties the files' write-ahead
// logs; see sqlitedb.ErrBusy.
func (s *Store) Scrub(ctx context.Context) error {
	x, err := s.acquire()
	if err != nil {
		return err
	}
	defer x.users.Done()
	if err := s.dropCopy(ctx, x); err != nil {
		return fmt.Errorf("drop the copy of the bitmaps after an erasure: %w", err)
	}
	for _, db := range []*sqlitedb.DB{s.portal, x.db} {
		if err := sqlitedb.Scrub(ctx, db.Path(), scrubWait); err != nil {
			return fmt.Errorf("clean the files after an erasure: %w", err)
		}
	}
	return s.catchUp(ctx) // makes a copy without the erased, so that no kill costs a start that reads the whole index
}

// Footprint is what the store holds of a process: ids and counts, nothing personal.
type Footprint struct {
	Versions, Media int
	Refused         bool // an answer that was not one process is kept aside
	Stated          bool // what the customer stated in its dossier is held
	SameDossier     []string
	Terms           int // posted search terms of anybody, which an erasure removes, too: nobody can tell whom they name
	Provider        string
	ProcessType     string
	WayIn           WayIn
	CreatedAt       time.Time
	ErasedAt        time.Time
}

// Footprint tells what an erasure of the process would remove. Kind apperr.NotFound for a process that the portal does
// not know; one that was erased is known.
func (s *Store) Footprint(ctx context.Context, processID string) (f Footprint, err error) {
	var known bool
	var dossier string
	var created, erased int64
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT count(p.process_id) + count(l.process_id) + count(r.process_id) + count(t.process_id) > 0,
		coalesce(p.dossier_id, l.dossier_id, ''), coalesce(p.way_in, ''), coalesce(p.created_at, l.created_at, r.created_at, t.created_at, 0),
		coalesce(t.erased_at, 0), count(r.process_id), coalesce(s.provider, l.provider, ''), coalesce(s.process_type, ''),
		(SELECT count(*) FROM snapshot WHERE process_id = ?1), (SELECT count(*) FROM media WHERE process_id = ?1), (SELECT count(*) FROM term)
		FROM (SELECT ?1 AS id) q LEFT JOIN process p ON p.process_id = q.id LEFT JOIN listed l ON l.process_id = q.id
		LEFT JOIN refused r ON r.process_id = q.id LEFT JOIN tombstone t ON t.process_id = q.id
		LEFT JOIN snapshot s ON s.process_id = p.process_id AND s.version = p.newest`, processID).
		Scan(&known, &dossier, &f.WayIn, &created, &erased, &f.Refused, &f.Provider, &f.ProcessType, &f.Versions, &f.Media, &f.Terms)
	if err == nil && !known {
		err = notFound()
	}
	if err != nil {
		return Footprint{}, fmt.Errorf("look for what is held of a process: %w", err)
	}
	f.CreatedAt, f.ErasedAt = sqlitedb.Instant(created), sqlitedb.Instant(erased)
	return f, s.addDossier(ctx, &f, processID, dossier)
}

func (s *Store) addDossier(ctx context.Context, f *Footprint, processID, dossier string) (err error) {
	if dossier == "" {
		return nil
	}
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM user_data WHERE dossier_id = ?)`, dossier).Scan(&f.Stated)
	if err != nil {
		return err
	}
	f.SameDossier, err = s.OfDossier(ctx, dossier)
	f.SameDossier = slices.DeleteFunc(f.SameDossier, func(id string) bool { return id == processID })
	return err
}

// OfDossier lists the processes of a dossier that are held, oldest first.
func (s *Store) OfDossier(ctx context.Context, dossierID string) ([]string, error) {
	ids, err := idsOf(s.portal.Reader.QueryContext(ctx, `SELECT process_id FROM process WHERE dossier_id = ? AND dossier_id <> ''
		ORDER BY created_at, process_id`, dossierID))
	if err != nil {
		return nil, fmt.Errorf("list the processes of a dossier: %w", err)
	}
	return ids, nil
}

// MayHaveHeld reports whether an export of processes with these filters could have held the process: those are looked
// at that never change of a process. What did change since, such as its status, nobody can tell afterwards.
func (f Footprint) MayHaveHeld(filters map[string]string) bool {
	for name, value := range map[string]string{"provider": f.Provider, "type": f.ProcessType, "way_in": string(f.WayIn)} {
		if asked := filters[name]; asked != "" && value != "" && !slices.Contains(strings.Split(asked, ","), value) {
			return false
		}
	}
	day := f.CreatedAt.Format(time.DateOnly)
	return f.CreatedAt.IsZero() || (filters["from"] == "" || filters["from"] <= day) && (filters["to"] == "" || day <= filters["to"])
}
