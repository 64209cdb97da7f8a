package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// conditions of a filter on the table fact, with their arguments. Each index ends in seq, so that a page is read in its
// order whichever is used.
func (f Filter) conditions() (where string, args []any) {
	terms := []string{"1"}
	add := func(term string, values ...any) { terms, args = append(terms, term), append(args, values...) }
	if f.Actor != "" {
		add("actor = ?", f.Actor)
	}
	if f.Action != "" {
		add("action = ?", f.Action)
	}
	if f.Outcome == string(OK) {
		add("+outcome = 'ok'") // nearly all are: no index
	} else if f.Outcome != "" {
		add("outcome = ? AND outcome <> 'ok'", f.Outcome) // the partial index
	}
	if f.Purpose != "" {
		add("purpose = ?", f.Purpose)
	}
	if f.Process != "" {
		add("seq IN (SELECT seq FROM fact WHERE process_id = ? AND process_id <> '' UNION SELECT seq FROM shown WHERE process_id = ?)", f.Process, f.Process)
	}
	if !f.From.IsZero() {
		add("at >= ?", ceilMilli(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", ceilMilli(f.To))
	}
	return strings.Join(terms, " AND "), args
}

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
	return err == nil && (f.Actor == "" || f.Actor == l.Actor) && (f.Action == "" || f.Action == string(l.Action)) &&
		(f.Outcome == "" || f.Outcome == string(l.Outcome)) && (f.Purpose == "" || f.Purpose == l.Purpose) &&
		(f.Process == "" || f.Process == l.process().ID || slices.Contains(shown, f.Process)) &&
		(f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || at.Before(f.To)) && (f.Before == 0 || l.Seq < f.Before)
}

// Find returns seqs only, so it needs no receipt.
func (t *Trail) Find(ctx context.Context, f Filter, limit int) (Page, error) {
	where, args := f.conditions()
	if f.Before > 0 {
		where, args = where+" AND seq < ?", append(args, f.Before)
	}
	rows, err := t.db.Load().Reader.QueryContext(ctx, "SELECT seq FROM fact WHERE "+where+" ORDER BY seq DESC LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return Page{}, fmt.Errorf("search the trail: %w", err)
	}
	defer rows.Close()
	var p Page
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return Page{}, fmt.Errorf("search the trail: %w", err)
		}
		p.Seqs = append(p.Seqs, seq)
	}
	if len(p.Seqs) > limit {
		p.Seqs = p.Seqs[:limit]
		p.Older = p.Seqs[limit-1]
	}
	return p, rows.Err()
}

// errNoReceipt tells a caller that has not recorded its look at the trail.
var errNoReceipt = errors.New("audit: the receipt is not of a look at the trail")

// Records reads whole records by seq, in the order asked for; the receipt must be of an audit.view or audit.export.
// Numbers that the trail does not have are left out.
func (t *Trail) Records(ctx context.Context, r Receipt, seqs []int64) ([]Record, error) {
	if !r.valid || !r.trail {
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
