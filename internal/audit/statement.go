package audit

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// mostAccesses is how many accesses of one kind a statement lists; the newest, with the number of the others.
const mostAccesses = 1000

// mostOfDossier is how many processes of one dossier the trail names.
const mostOfDossier = 100

// Access is one look at a process, without who it was.
type Access struct {
	Time    time.Time
	Purpose string   // working purpose, a code
	Classes []string // field classes that were shown
	What    string   // field or image, where the record names one
	Rows    int64    // of a list: processes found
}

// Accesses are those of one kind, oldest first.
type Accesses struct {
	Listed []Access
	Older  int // before those listed, where there are more than a statement lists
}

// Statement is what the trail knows of accesses to one process: what the person whom it is about may ask for (GDPR article
// 15; Court of Justice C-579/21: when and for what purpose, not by which member of the staff). It names nobody.
type Statement struct {
	Process  string
	First    time.Time // of the first act about it or list that showed it; zero: there is none
	By       map[Action]*Accesses
	Handouts []Handout // exports since then: those of the trail that held records about it, and all those of processes
}

// consultations are the acts by which a person gets to see something of a process, or changes what is held of it.
var consultations = []Action{ProcessView, FieldReveal, ProcessRaw, ProcessImage, ProcessSearch, ProcessRefresh, AuditView}

// Statement reads what was done with a process from a time on up to another; zero times do not narrow. The receipt must be
// of an audit.view.
func (t *Trail) Statement(ctx context.Context, r Receipt, processID string, from, to time.Time) (Statement, error) {
	if !r.coversTrail(ctx) {
		return Statement{}, errNoReceipt
	}
	s := Statement{Process: processID, By: map[Action]*Accesses{}}
	first := int64(-1)
	err := streamEntries(ctx, t.db.Load(), `SELECT f.seq, e.leaf, NULL, NULL, NULL FROM (SELECT seq FROM fact WHERE process_id = ?1 AND process_id <> ''
		UNION SELECT seq FROM shown WHERE process_id = ?1) f CROSS JOIN entry e ON e.seq = f.seq ORDER BY f.seq DESC`, []any{processID}, func(e entry) error {
		l, err := parseLeaf(e.leaf)
		if err != nil {
			return err
		}
		if l.Outcome == OK && l.Action != AuditView { // asking about an id makes nobody known
			first = e.seq
		}
		return s.take(l, from, to)
	})
	if err != nil {
		return Statement{}, fmt.Errorf("state who saw a process: %w", err)
	}
	for _, kind := range s.By {
		slices.Reverse(kind.Listed)
	}
	if first >= 0 {
		s.Handouts, err = t.departed(ctx, processID, first, from, to)
	}
	return s, err
}

// take adds a record, newest first.
func (s *Statement) take(l leaf, from, to time.Time) error {
	at, err := l.at()
	if err != nil {
		return err
	}
	if l.Outcome == OK && l.Action != AuditView {
		s.First = at
	}
	if l.Outcome != OK || !slices.Contains(consultations, l.Action) || !from.IsZero() && at.Before(from) || !to.IsZero() && !at.Before(to) {
		return nil
	}
	kind := s.By[l.Action]
	if kind == nil {
		kind = &Accesses{}
		s.By[l.Action] = kind
	}
	if len(kind.Listed) == mostAccesses {
		kind.Older++
		return nil
	}
	what := l.Facts["field"]
	if l.Action == ProcessImage {
		what = l.Facts["image"]
	}
	kind.Listed = append(kind.Listed, Access{Time: at, Purpose: l.Purpose, Classes: l.Classes, What: what, Rows: l.Rows})
	return nil
}

// departed are the exports after a record, oldest first, without those of the trail that held nothing of the process.
func (t *Trail) departed(ctx context.Context, processID string, after int64, from, to time.Time) (list []Handout, err error) {
	entries, err := t.collect(ctx, `SELECT f.seq, e.leaf, d.part, d.salt, d.body FROM fact f JOIN entry e ON e.seq = f.seq LEFT JOIN detail d ON d.seq = f.seq
		WHERE f.action IN ('process.export', 'audit.export') AND f.outcome = 'ok' AND f.seq > ? ORDER BY f.seq`, []any{after})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		r, err := readRecord(e.leaf, e.parts)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", e.seq, err)
		}
		if !from.IsZero() && r.Time.Before(from) || !to.IsZero() && !r.Time.Before(to) {
			continue
		}
		h := Handout{Seq: r.Seq, Time: r.Time, Actor: r.Actor, Action: r.Action, Facts: r.Facts, Purpose: r.Purpose}
		held := true
		if r.Action == AuditExport {
			if held, h.Sure, err = t.heldProcess(ctx, r, processID); err != nil {
				return nil, err
			}
		}
		if held {
			list = append(list, h)
		}
	}
	return list, nil
}

// heldProcess reports whether an export of the trail may have held a record about a process, and whether that is sure.
func (t *Trail) heldProcess(ctx context.Context, export Record, processID string) (held, sure bool, err error) {
	if export.Term == "" {
		return true, false, nil // nobody can tell any more what it asked for
	}
	var q query
	if err := decodeStrict([]byte(export.Term), &q); err != nil {
		return false, false, fmt.Errorf("the query of export %d: %w", export.Seq, err)
	}
	o, err := q.options()
	if err != nil {
		return false, false, fmt.Errorf("the query of export %d: %w", export.Seq, err)
	}
	f := o.Filter
	other := f.Process != "" && f.Process != processID // a record of both is a list that showed both
	f.Process = processID
	if f.Before == 0 || f.Before > export.Seq {
		f.Before = export.Seq
	}
	p, err := t.page(ctx, f, 1, mostLooked)
	held = len(p.Seqs) > 0 || p.Partial
	return held, held && !p.Partial && !other, err
}

// ProcessesOf are the processes of a dossier that the trail names, 100 at most. Ids alone, so it needs no receipt.
func (t *Trail) ProcessesOf(ctx context.Context, dossierID string) (ids []string, err error) {
	rows, err := t.db.Load().Reader.QueryContext(ctx, `SELECT DISTINCT process_id FROM fact WHERE dossier_id = ? AND dossier_id <> '' AND process_id <> ''
		LIMIT ?`, dossierID, mostOfDossier)
	if err != nil {
		return nil, fmt.Errorf("find the processes of a dossier in the trail: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("find the processes of a dossier in the trail: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
