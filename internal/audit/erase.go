package audit

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// detailKey names one erasable piece of the trail, with the ids that the table shown repeats of it.
type detailKey struct {
	seq   int64
	part  string
	shown []string
}

// Traces is what the trail holds of one process: ids, numbers and times, nothing personal.
type Traces struct {
	Records  []int64   // whose details an erasure would remove, ascending
	Listings []Listing // searches that showed the process among others: their details stay
	Handouts []Handout // exports that may have taken it out of the house, oldest first
	First    time.Time // of the first record about it or list that showed it; zero: none
	details  []detailKey
}

// Listing is a search that showed a process among others.
type Listing struct {
	Seq    int64
	Time   time.Time
	Others int // further processes that it showed or found
}

// Handout is an export of processes or of the trail.
type Handout struct {
	Seq     int64
	Time    time.Time
	Actor   string // issuer's subject
	Action  Action
	Facts   map[string]string // its filters, codes alone
	Purpose string            // working purpose, a code
	Sure    bool              // by its query it held records of the process; an export of processes does not keep which it held
}

// erasable are the parts that an erasure of a process removes of its records. Who looked stays: that is about a colleague,
// and what an access statement needs.
var erasable = []string{"term", "purpose", "shown"}

// trace is a record of a process, or a list that showed it.
type trace struct {
	leaf  leaf
	shown []string
	parts []part
}

// Traces finds what the trail holds of a process.
func (t *Trail) Traces(ctx context.Context, processID string) (Traces, error) {
	found, err := t.traces(ctx, processID)
	if err != nil || len(found) == 0 {
		return Traces{}, err
	}
	var all Traces
	for i, one := range found {
		at, err := one.leaf.at()
		if err != nil {
			return Traces{}, fmt.Errorf("record %d: %w", one.leaf.Seq, err)
		}
		if i == 0 {
			all.First = at
		}
		all.take(processID, one, at)
	}
	all.Handouts, err = t.handouts(ctx, found)
	return all, err
}

// traces reads the records about a process and the lists that showed it.
func (t *Trail) traces(ctx context.Context, processID string) (found []trace, err error) {
	err = streamEntries(ctx, t.db.Load(), `SELECT f.seq, e.leaf, d.part, d.salt, d.body FROM (SELECT seq FROM fact WHERE process_id = ?1 AND process_id <> ''
		UNION SELECT seq FROM shown WHERE process_id = ?1) f JOIN entry e ON e.seq = f.seq LEFT JOIN detail d ON d.seq = f.seq ORDER BY f.seq`,
		[]any{processID}, func(e entry) error {
			l, err := parseLeaf(e.leaf)
			if err != nil {
				return err
			}
			r, err := readRecord(e.leaf, e.parts)
			found = append(found, trace{l, r.Shown, e.parts})
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("find the traces of a process: %w", err)
	}
	return found, nil
}

// take sorts one trace: its details go, or it is a list that stays. The records of erasures themselves stay whole.
func (all *Traces) take(processID string, one trace, at time.Time) {
	if one.leaf.Action == ProcessErase {
		return
	}
	about := one.leaf.process().ID == processID
	others := max(len(set(one.shown)), int(one.leaf.Rows)) - 1
	if !about && others > 0 {
		all.Listings = append(all.Listings, Listing{one.leaf.Seq, at, others})
		return
	}
	n := len(all.details)
	for _, p := range one.parts {
		if slices.Contains(erasable, p.name) {
			all.details = append(all.details, one.key(p.name))
		}
	}
	if len(all.details) > n {
		all.Records = append(all.Records, one.leaf.Seq)
	}
}

func (one trace) key(part string) detailKey {
	k := detailKey{seq: one.leaf.Seq, part: part}
	if part == "shown" {
		k.shown = one.shown
	}
	return k
}

// handouts are the exports since the first trace, without those of the trail whose query matches no trace before them.
func (t *Trail) handouts(ctx context.Context, found []trace) (list []Handout, err error) {
	entries, err := t.collect(ctx, `SELECT f.seq, e.leaf, d.part, d.salt, d.body FROM fact f JOIN entry e ON e.seq = f.seq LEFT JOIN detail d ON d.seq = f.seq
		WHERE f.action IN ('process.export', 'audit.export') AND f.outcome = 'ok' AND f.seq > ? ORDER BY f.seq`, []any{found[0].leaf.Seq})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		r, err := readRecord(e.leaf, e.parts)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", e.seq, err)
		}
		h := Handout{Seq: r.Seq, Time: r.Time, Actor: r.Actor, Action: r.Action, Facts: r.Facts, Purpose: r.Purpose}
		if r.Action == AuditExport {
			if h.Sure, err = held(r, found); err != nil {
				return nil, err
			}
			if !h.Sure {
				continue
			}
		}
		list = append(list, h)
	}
	return list, nil
}

// held reports whether an export of the trail held one of the traces.
func held(export Record, found []trace) (bool, error) {
	if export.Term == "" {
		return true, nil // nobody can tell any more what it asked for
	}
	var q query
	if err := decodeStrict([]byte(export.Term), &q); err != nil {
		return false, fmt.Errorf("the query of export %d: %w", export.Seq, err)
	}
	o, err := q.options()
	return slices.ContainsFunc(found, func(one trace) bool {
		return one.leaf.Seq < export.Seq && o.Filter.matches(one.leaf, one.shown)
	}), err
}

// Bounds of one record of an erasure: its leaf stays small, and its transaction short enough for those who wait behind it.
const (
	maxErased = 2000
	maxSpans  = 2 << 10 // bytes
)

// Erase removes the details that Traces found, each in one transaction with the record that says so: e, with the facts
// records and parts. There may be several such records, and there is one if nothing is to be removed. Their bytes may
// stand in free space of the file until Scrub.
func (t *Trail) Erase(ctx context.Context, e Event, found Traces) error {
	keys := found.details
	for {
		n := min(len(keys), maxErased)
		spans := spansOf(keys[:n])
		for len(spanWords(spans)) > maxSpans {
			n /= 2
			spans = spansOf(keys[:n])
		}
		if err := t.eraseDetails(ctx, e, keys[:n], spans); err != nil {
			return err
		}
		if keys = keys[n:]; len(keys) == 0 {
			return nil
		}
	}
}

// eraseDetails makes one record and removes what it names.
func (t *Trail) eraseDetails(ctx context.Context, e Event, keys []detailKey, covers []span) error {
	parts := map[string]bool{}
	for _, k := range keys {
		parts[k.part] = true
	}
	facts := map[string]string{"records": spanWords(covers), "parts": partWords(parts)}
	maps.Copy(facts, e.Facts)
	e.Facts = facts
	d, err := newDraft(e, t.key.origin, t.o.Build)
	if err != nil {
		return err
	}
	d.erases = keys
	// With a checkpoint, so that whoever sees that a detail is missing can see the record of it, too.
	if _, err := t.submit(ctx, d, true); err != nil {
		return fmt.Errorf("erase details: %w", err)
	}
	return nil
}

// spansOf are the records of keys, which ascend.
func spansOf(keys []detailKey) []span {
	list := make([]span, len(keys))
	for i, k := range keys {
		list[i] = span{k.seq, k.seq}
	}
	return merged(list)
}

// erase removes details within the transaction that writes the record of it. One that is gone already is no fault: the
// record stays true.
func erase(ctx context.Context, tx *sql.Tx, keys []detailKey) error {
	for _, k := range keys {
		if _, err := tx.ExecContext(ctx, "DELETE FROM detail WHERE seq = ? AND part = ?", k.seq, k.part); err != nil {
			return err
		}
		for _, id := range k.shown {
			if _, err := tx.ExecContext(ctx, "DELETE FROM shown WHERE process_id = ? AND seq = ?", id, k.seq); err != nil {
				return err
			}
		}
	}
	return nil
}

// Scrub overwrites what erased details have left in the file and its write-ahead log. It waits that long for readers; see
// sqlitedb.ErrBusy.
func (t *Trail) Scrub(ctx context.Context, wait time.Duration) error {
	if err := sqlitedb.Scrub(ctx, t.o.Path, wait, "detail", "shown"); err != nil {
		return fmt.Errorf("scrub the trail: %w", err)
	}
	return nil
}

// LastErasure is how the newest record of erasing this process ended; empty if there is none.
func (t *Trail) LastErasure(ctx context.Context, processID string) (outcome Outcome, err error) {
	err = t.db.Load().Reader.QueryRowContext(ctx, `SELECT coalesce((SELECT outcome FROM fact WHERE process_id = ? AND process_id <> ''
		AND action = 'process.erase' ORDER BY seq DESC LIMIT 1), '')`, processID).Scan(&outcome)
	if err != nil {
		return "", fmt.Errorf("find the last erasure of a process: %w", err)
	}
	return outcome, nil
}
