package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Freshness is what every list says about how new it is.
type Freshness struct {
	ReadTo        time.Time // Assure was read up to here
	LastRun       time.Time
	LastError     string // a sentence for a person, no upstream text
	NotYetFetched int    // finished processes that are listed but not held yet
	OldestHeld    time.Time
	Processes     int
}

// Freshness tells how new the store is.
func (s *Store) Freshness(ctx context.Context) (f Freshness, err error) {
	var readTo, lastRun, oldest int64
	err = s.portal.Reader.QueryRowContext(ctx, `SELECT coalesce(f.read_to, 0), coalesce(f.last_run, 0), coalesce(f.last_error, ''),
		s.processes, (SELECT count(*) FROM listed WHERE final = 1), coalesce((SELECT min(created_at) FROM process WHERE created_at > 0), 0)
		FROM store_state s LEFT JOIN freshness f ON f.id = 1 WHERE s.id = 1`).
		Scan(&readTo, &lastRun, &f.LastError, &f.Processes, &f.NotYetFetched, &oldest)
	if err != nil {
		return Freshness{}, fmt.Errorf("read the freshness: %w", err)
	}
	f.ReadTo, f.LastRun, f.OldestHeld = sqlitedb.Instant(readTo), sqlitedb.Instant(lastRun), sqlitedb.Instant(oldest)
	return f, nil
}

// SetFreshness is called by sync after each run; the three counts of f are the store's own and not taken.
func (s *Store) SetFreshness(ctx context.Context, f Freshness) error {
	_, err := s.portal.Writer.ExecContext(ctx, `INSERT INTO freshness (id, read_to, last_run, last_error) VALUES (1, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET read_to = excluded.read_to, last_run = excluded.last_run, last_error = excluded.last_error`,
		sqlitedb.Millis(f.ReadTo), sqlitedb.Millis(f.LastRun), f.LastError)
	if err != nil {
		return fmt.Errorf("set the freshness: %w", err)
	}
	return nil
}

// Day is one line of the completeness page: one UTC day of creation and status.
type Day struct {
	Day                                      string // 2026-03-02
	Status                                   string
	Upstream                                 int // -1: not counted, or outside Assure's 30 days
	Held, Refused, Missing, Erased, Imported int
	Gone                                     int    // of Held: gone from Assure since
	Unlisted                                 int    // of Held: beyond what Assure counts, and not known to be gone
	RefusedWhy                               string // a reason of Refused, of several one
}

// upstreamDays is how far back Assure lists (reference section 2.1).
const upstreamDays = 30

// SetUpstreamCount records what Assure counts for a day (2026-03-02) and status.
func (s *Store) SetUpstreamCount(ctx context.Context, day, status string, count int) error {
	_, err := s.portal.Writer.ExecContext(ctx, `INSERT INTO upstream_count (day, status, count) VALUES (?, ?, ?)
		ON CONFLICT (day, status) DO UPDATE SET count = excluded.count`, day, status, count)
	if err != nil {
		return fmt.Errorf("record what Assure counts: %w", err)
	}
	return nil
}

// tally is a Day while it is counted.
type tally struct {
	Day
	listed  int // listed, not held as listed and not refused
	atThere int // held, and still at Assure as far as is known
}

type dayStatus struct{ day, status string }

// Completeness compares what Assure counted with what is held, for the last days (today included), newest day first.
// Held counts imports too; missing does not count an import that Assure was never seen to have, nor what is gone there.
func (s *Store) Completeness(ctx context.Context, days int) ([]Day, error) {
	today := s.now().UTC().Truncate(24 * time.Hour)
	first := today.AddDate(0, 0, 1-days)
	tallies := map[dayStatus]*tally{}
	of := func(day, status string) *tally {
		key := dayStatus{day, status}
		if tallies[key] == nil {
			tallies[key] = &tally{Day: Day{Day: day, Status: status, Upstream: -1}}
		}
		return tallies[key]
	}
	if err := s.countHere(ctx, first, of); err != nil {
		return nil, err
	}
	if err := s.countUpstream(ctx, max(first.Format(time.DateOnly), today.AddDate(0, 0, -upstreamDays).Format(time.DateOnly)), of); err != nil {
		return nil, err
	}
	result := make([]Day, 0, len(tallies))
	for _, t := range slices.SortedFunc(maps.Values(tallies), newestDayFirst) {
		result = append(result, t.result())
	}
	return result, nil
}

func newestDayFirst(a, b *tally) int {
	return cmp.Or(cmp.Compare(b.Day.Day, a.Day.Day), cmp.Compare(a.Status, b.Status))
}

// result says what is missing: what the list names and is not held, or more if Assure counts more than that explains.
// Fewer than are held is told, too, where Assure was asked.
func (t *tally) result() Day {
	t.Missing = max(t.listed, t.Upstream-t.atThere-t.Refused-t.Erased, 0)
	if t.Upstream >= 0 {
		t.Unlisted = max(t.atThere-t.Upstream, 0)
	}
	return t.Day
}

// countHere counts what the portal has: 'held' with its subsets, 'listed', 'refused', 'erased'.
func (s *Store) countHere(ctx context.Context, first time.Time, of func(day, status string) *tally) error {
	rows, err := s.portal.Reader.QueryContext(ctx, `
		SELECT 'held', date(created_at / 1000, 'unixepoch'), status, count(*), sum(way_in = 'import'), sum(gone_at > 0),
			sum(gone_at = 0 AND (way_in <> 'import' OR last_seen_at <> 0)), '' FROM process WHERE created_at >= ?1 GROUP BY 2, 3
		UNION ALL SELECT 'listed', date(created_at / 1000, 'unixepoch'), status, count(*), 0, 0, 0, '' FROM listed
			WHERE created_at >= ?1 AND process_id NOT IN (SELECT process_id FROM refused WHERE created_at >= ?1) GROUP BY 2, 3
		UNION ALL SELECT 'refused', date(created_at / 1000, 'unixepoch'), status, count(*), 0, 0, 0, max(reason) FROM refused WHERE created_at >= ?1 GROUP BY 2, 3
		UNION ALL SELECT 'erased', date(created_at / 1000, 'unixepoch'), status, count(*), 0, 0, 0, '' FROM tombstone WHERE created_at >= ?1 GROUP BY 2, 3`,
		sqlitedb.Millis(first))
	if err != nil {
		return fmt.Errorf("count what is held: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var what, day, status, why string
		var count, imported, gone, atThere int
		if err := rows.Scan(&what, &day, &status, &count, &imported, &gone, &atThere, &why); err != nil {
			return fmt.Errorf("count what is held: %w", err)
		}
		t := of(day, status)
		switch what {
		case "held":
			t.Held, t.Imported, t.Gone, t.atThere = count, imported, gone, atThere
		case "listed":
			t.listed = count
		case "refused":
			t.Refused, t.RefusedWhy = count, why
		case "erased":
			t.Erased = count
		}
	}
	return rows.Err()
}

func (s *Store) countUpstream(ctx context.Context, first string, of func(day, status string) *tally) error {
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT day, status, count FROM upstream_count WHERE day >= ?`, first)
	if err != nil {
		return fmt.Errorf("read what Assure counts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var day, status string
		var count int
		if err := rows.Scan(&day, &status, &count); err != nil {
			return fmt.Errorf("read what Assure counts: %w", err)
		}
		of(day, status).Upstream = count
	}
	return rows.Err()
}
