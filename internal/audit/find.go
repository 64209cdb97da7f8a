package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// ceilMilli rounds up, so that bounds finer than a record's time mean the same as they say.
func ceilMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}

// matches is the same filter on a leaf and the ids it showed: what an auditor's verifier applies again.
func (f Filter) matches(l leaf, shown []string) bool {
	at, err := l.at()
	return err == nil && (f.Actor == "" || f.Actor == l.Actor) && (f.Action == "" || slices.Contains(f.actions(), string(l.Action))) &&
		(f.Outcome == "" || f.Outcome == string(l.Outcome)) && (f.Purpose == "" || f.Purpose == l.Purpose) &&
		(f.Process == "" || f.Process == l.process().ID || slices.Contains(shown, f.Process)) &&
		(f.Dossier == "" || f.Dossier == l.process().Dossier) &&
		(f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || at.Before(f.To)) && (f.Before == 0 || l.Seq < f.Before)
}

// Find returns seqs only, so it needs no receipt. However rarely the filter matches, it looks at so many records and no
// more; see Page.
func (t *Trail) Find(ctx context.Context, f Filter, limit int) (Page, error) {
	p, err := t.page(ctx, f, limit, mostLooked)
	if err != nil {
		return Page{}, fmt.Errorf("search the trail: %w", err)
	}
	return p, nil
}

func (t *Trail) page(ctx context.Context, f Filter, limit, look int) (Page, error) {
	within, err := t.stretch(ctx, f)
	if err != nil {
		return Page{}, err
	}
	found, err := t.hunt(ctx, hunt{filter: f, within: within, newestFirst: true, most: limit + 1, look: look})
	if err != nil {
		return Page{}, err
	}
	switch {
	case len(found.seqs) > limit:
		return Page{Seqs: found.seqs[:limit], Older: found.seqs[limit-1]}, nil
	case found.cut && found.reached > within.first:
		return Page{Seqs: found.seqs, Older: found.reached, Partial: true}, nil
	}
	return Page{Seqs: found.seqs}, nil
}

// Neighbours are the nearest records before and after one that match the filter, whose Before does not count; -1: none, or
// none among so many as a page looks at.
func (t *Trail) Neighbours(ctx context.Context, f Filter, seq int64) (before, after int64, err error) {
	f.Before = 0
	within, err := t.stretch(ctx, f)
	if err != nil {
		return -1, -1, fmt.Errorf("find the neighbours of a record: %w", err)
	}
	before, after = -1, -1
	for _, side := range []struct {
		into        *int64
		within      stretch
		newestFirst bool
	}{{&before, stretch{within.first, min(seq, within.end)}, true}, {&after, stretch{max(seq+1, within.first), within.end}, false}} {
		found, err := t.hunt(ctx, hunt{filter: f, within: side.within, newestFirst: side.newestFirst, most: 1, look: mostLooked})
		if err != nil {
			return -1, -1, fmt.Errorf("find the neighbours of a record: %w", err)
		}
		if len(found.seqs) > 0 {
			*side.into = found.seqs[0]
		}
	}
	return before, after, nil
}

// errNoReceipt tells a caller that has not recorded its look at the trail.
var errNoReceipt = errors.New("audit: the receipt is not of a look at the trail")

// Records reads whole records by seq, in the order asked for; the receipt must be of an audit.view or audit.export.
// Numbers that the trail does not have are left out.
func (t *Trail) Records(ctx context.Context, r Receipt, seqs []int64) ([]Record, error) {
	if !r.coversTrail(ctx) {
		return nil, errNoReceipt
	}
	list, err := json.Marshal(seqs)
	if err != nil {
		return nil, err
	}
	var records []Record
	err = streamEntries(ctx, t.db.Load(), `SELECT e.seq, e.leaf, d.part, d.salt, d.body FROM json_each(?) j JOIN entry e ON e.seq = j.value
		LEFT JOIN detail d ON d.seq = e.seq ORDER BY j.key`, []any{string(list)}, func(e entry) error {
		record, err := readRecord(e.leaf, e.parts)
		records = append(records, record)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return records, nil
}

// entry is a record as it is stored.
type entry struct {
	seq   int64
	leaf  []byte
	parts []part
}

// streamEntries runs a query of seq, leaf, part, salt, body, a row a part, and hands on entry by entry.
func streamEntries(ctx context.Context, db *sqlitedb.DB, query string, args []any, fn func(entry) error) error {
	var current entry
	started := false
	err := db.Stream(ctx, query, args, func(columns []sql.RawBytes) error {
		seq, err := parseSeq(columns[0])
		if err != nil {
			return err
		}
		if !started || seq != current.seq {
			if started {
				if err := fn(current); err != nil {
					return err
				}
			}
			current, started = entry{seq: seq, leaf: slices.Clone([]byte(columns[1]))}, true
		}
		if columns[2] != nil {
			current.parts = append(current.parts, part{string(columns[2]), slices.Clone([]byte(columns[3])), slices.Clone([]byte(columns[4]))})
		}
		return nil
	})
	if err != nil || !started {
		return err
	}
	return fn(current)
}

// Prove returns the inclusion proof of one record against the newest checkpoint, signing one first if there is none
// that covers the record.
func (t *Trail) Prove(ctx context.Context, seq int64) (Proof, error) {
	c, err := t.covering(ctx, seq+1)
	if err != nil {
		return Proof{}, err
	}
	hashes, err := tlog.ProveRecord(c.size, seq, nodes(ctx, t.db.Load().Reader))
	if err != nil {
		return Proof{}, fmt.Errorf("prove record %d: %w", seq, err)
	}
	p := Proof{Seq: seq, Size: c.size, Root: c.root, Checkpoint: c.text}
	for _, h := range hashes {
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}

// Checkpoint returns the newest signed checkpoint, signing one first if there are newer records.
func (t *Trail) Checkpoint(ctx context.Context) (string, error) {
	c, err := t.covering(ctx, t.State().Size)
	return c.text, err
}

// covering is a checkpoint over at least the first size records.
func (t *Trail) covering(ctx context.Context, size int64) (signed, error) {
	t.mu.Lock()
	c := t.newest
	t.mu.Unlock()
	if c.size >= size {
		return c, nil
	}
	r, err := t.submit(ctx, nil, true)
	if err != nil {
		return signed{}, err
	}
	if r.signed.size < size {
		return signed{}, fmt.Errorf("the trail has %d records, not %d", r.signed.size, size)
	}
	return r.signed, nil
}

// Seen tells how often a process was opened. Pseudonymous but for Names, which the caller shows to auditors alone.
func (t *Trail) Seen(ctx context.Context, processID string) (Seen, error) {
	var s Seen
	var last sql.NullInt64
	err := t.db.Load().Reader.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE action = 'process.view'), count(*) FILTER (WHERE action = 'field.reveal'),
		count(DISTINCT actor), max(at), (SELECT count(*) FROM shown WHERE process_id = ?1) FROM fact
		WHERE process_id = ?1 AND process_id <> '' AND outcome = 'ok' AND action IN ('process.view', 'process.raw', 'process.image', 'field.reveal')`,
		processID).Scan(&s.Views, &s.Reveals, &s.Readers, &last, &s.Listed)
	if err != nil {
		return Seen{}, fmt.Errorf("count who opened a process: %w", err)
	}
	if last.Valid {
		s.Last = time.UnixMilli(last.Int64).UTC()
	}
	s.Names, err = t.seenBy(ctx, processID)
	return s, err
}

// mostNames is how many readers a process page names; the trail holds them all.
const mostNames = 20

// seenBy names who opened a process, newest first, each once.
func (t *Trail) seenBy(ctx context.Context, processID string) (names []string, err error) {
	err = t.db.Load().Stream(ctx, `SELECT d.body FROM (SELECT actor, max(seq) AS seq FROM fact WHERE process_id = ?1 AND process_id <> '' AND outcome = 'ok'
		AND action IN ('process.view', 'process.raw', 'process.image', 'field.reveal') GROUP BY actor) f
		JOIN detail d ON d.seq = f.seq AND d.part = 'who' ORDER BY f.seq DESC LIMIT ?2`, []any{processID, mostNames}, func(columns []sql.RawBytes) error {
		var r Record
		if err := r.read(part{name: "who", body: columns[0]}); err != nil {
			return err
		}
		if r.ActorName != "" && !slices.Contains(names, r.ActorName) {
			names = append(names, r.ActorName)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("name who opened a process: %w", err)
	}
	return names, nil
}
