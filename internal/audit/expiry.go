package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/assure-portal/portal/internal/sqlitedb"
)

// Bounds of looking for expired terms.
const (
	sweepChunk   = 2000                   // records looked at in one read transaction
	expiredSpans = 80                     // of one record of an erasure, so that its leaf stays small
	expiredWait  = 200 * time.Millisecond // for readers; everybody who waits to append would wait as long
	soonAgain    = 24                     // times as often a look is repeated that met an export
)

// errLeaving is why terms do not go now.
var errLeaving = errors.New("an export is being written")

// TermAge is the fact "reason" of the records that say which search terms have expired.
const TermAge = "term-age"

// expiry is what the trail remembers of search terms between two looks.
type expiry struct {
	from    int64 // no record before it has a term that can still expire
	looked  bool  // once at least
	unclean bool  // bytes of terms that went may still stand in free space
}

// KeepTerms keeps search terms for so many months (1 or more) and no longer, until ctx ends. A fault is told to the log
// and met again at the next look, once a day. Their bytes are overwritten in the file and its write-ahead log, too.
func (t *Trail) KeepTerms(ctx context.Context, months int) {
	var x expiry
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			next := t.pace.expire
			if errors.Is(t.expire(ctx, &x, months), errLeaving) {
				next /= soonAgain
			}
			look.Reset(next)
		case <-ctx.Done():
			return
		}
	}
}

// expire removes the terms whose time is over.
func (t *Trail) expire(ctx context.Context, x *expiry, months int) error {
	if t.Ready() != nil {
		return nil
	}
	err := t.inherit(ctx, x)
	if err == nil {
		err = t.eraseExpired(ctx, x, months)
	}
	if err == nil && x.unclean {
		if err = sqlitedb.Scrub(ctx, t.o.Path, expiredWait, "detail"); err == nil {
			x.unclean = false
		}
	}
	if err != nil && !errors.Is(err, sqlitedb.ErrBusy) && ctx.Err() == nil {
		t.o.Log("expired search terms could not all be removed", "cause", err.Error())
	}
	return err
}

func (t *Trail) eraseExpired(ctx context.Context, x *expiry, months int) error {
	before := t.now().AddDate(0, -months, 0)
	removed, from, err := t.eraseTerms(ctx, before, x.from, map[string]string{"reason": TermAge, "months": strconv.Itoa(months)})
	x.from, x.unclean = from, x.unclean || removed > 0
	if removed > 0 {
		t.o.Log("search terms have expired", "removed", removed)
	}
	return err
}

// inherit learns at the first look whether the program that ran before may have ended before it overwrote what it removed.
func (t *Trail) inherit(ctx context.Context, x *expiry) error {
	if x.looked {
		return nil
	}
	err := t.db.Load().Reader.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM fact INDEXED BY fact_action WHERE action = 'process.erase')").Scan(&x.unclean)
	x.looked = err == nil
	return err
}

// EraseTerms removes the search terms of records from before a time, but for the queries of exports of the trail, which
// say what left the house. Each batch goes in one transaction with a record process.erase by the system that covers it;
// none is made where nothing is to be removed. It returns how many were removed; see Erase about their bytes.
func (t *Trail) EraseTerms(ctx context.Context, before time.Time, facts map[string]string) (removed int, err error) {
	removed, _, err = t.eraseTerms(ctx, before, 0, facts)
	return removed, err
}

// eraseTerms begins at a record and gives the one at which the next look has to begin.
func (t *Trail) eraseTerms(ctx context.Context, before time.Time, from int64, facts map[string]string) (removed int, next int64, err error) {
	end, err := t.endAt(ctx, before)
	if err != nil {
		return 0, from, err
	}
	s := sweep{trail: t, facts: facts, apart: true, young: -1}
	end = min(end, t.State().Size)
	for first := from; first < end; first += sweepChunk {
		terms, err := t.terms(ctx, stretch{first, min(first+sweepChunk, end)}, before)
		if err == nil {
			err = s.take(ctx, terms)
		}
		if err != nil {
			return s.removed, from, err
		}
	}
	if err := s.flush(ctx); err != nil {
		return s.removed, from, err
	}
	if s.young >= 0 {
		end = s.young
	}
	return s.removed, max(from, end), nil
}

// term is a record that has, or had, a search term.
type term struct {
	seq     int64
	stays   bool // whatever its age
	expired bool
}

// terms are the records inside a stretch that have a term, ascending; if any has expired, with those that have lost theirs.
func (t *Trail) terms(ctx context.Context, within stretch, before time.Time) ([]term, error) {
	list, err := t.termsLeft(ctx, within, before)
	if err != nil || !slices.ContainsFunc(list, func(one term) bool { return one.expired && !one.stays }) {
		return list, err
	}
	gone, err := t.termsGone(ctx, within)
	list = append(list, gone...)
	slices.SortFunc(list, func(a, b term) int { return int(a.seq - b.seq) })
	return list, err
}

func (t *Trail) termsLeft(ctx context.Context, within stretch, before time.Time) (list []term, err error) {
	rows, err := t.db.Load().Reader.QueryContext(ctx, `SELECT d.seq, f.action = 'audit.export', f.at < ? FROM detail d JOIN fact f ON f.seq = d.seq
		WHERE d.part = 'term' AND d.seq >= ? AND d.seq < ? ORDER BY d.seq`, ceilMilli(before), within.first, within.end)
	if err != nil {
		return nil, fmt.Errorf("find expired terms: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one term
		if err := rows.Scan(&one.seq, &one.stays, &one.expired); err != nil {
			return nil, fmt.Errorf("find expired terms: %w", err)
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// termsGone are the records whose leaf speaks of a term that is not there. Whoever removed it has to answer for it.
func (t *Trail) termsGone(ctx context.Context, within stretch) (list []term, err error) {
	err = t.db.Load().Stream(ctx, `SELECT e.seq FROM entry e WHERE e.seq >= ? AND e.seq < ? AND json_extract(CAST(e.leaf AS TEXT), '$.commit.term') IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM detail d WHERE d.seq = e.seq AND d.part = 'term')`, []any{within.first, within.end}, func(columns []sql.RawBytes) error {
		seq, err := parseSeq(columns[0])
		list = append(list, term{seq: seq, stays: true})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find terms that are gone: %w", err)
	}
	return list, nil
}

// sweep gathers expired terms until they fill a record.
type sweep struct {
	trail   *Trail
	facts   map[string]string
	keys    []detailKey
	covers  []span
	apart   bool  // a term that is not removed, or was not by this sweep, may lie between the last one gathered and the next
	young   int64 // the first record whose term is still to expire; -1: none
	removed int
}

// take gathers the terms of the next chunk in order. One span covers two of them if no record between has, or had, a term:
// it must not cover what somebody else removed.
func (s *sweep) take(ctx context.Context, terms []term) error {
	some := false
	for _, one := range terms {
		if one.stays || !one.expired {
			s.apart = true
			if !one.stays && s.young < 0 {
				s.young = one.seq
			}
			continue
		}
		some = true
		if len(s.keys) == maxErased || s.apart && len(s.covers) == expiredSpans {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
		if s.apart || len(s.covers) == 0 {
			s.covers = append(s.covers, span{first: one.seq})
		}
		s.keys, s.apart = append(s.keys, detailKey{seq: one.seq, part: "term"}), false
		s.covers[len(s.covers)-1].last = one.seq
	}
	s.apart = s.apart || !some // nobody looked for terms that are gone
	return nil
}

// flush removes what was gathered, in one transaction with the record of it.
func (s *sweep) flush(ctx context.Context) error {
	if len(s.keys) == 0 {
		return nil
	}
	if !s.trail.leaving.TryLock() {
		return errLeaving
	}
	defer s.trail.leaving.Unlock()
	e := Event{Action: ProcessErase, Outcome: OK, Actor: System, Rows: int64(len(s.keys)), Facts: s.facts}
	if err := s.trail.eraseDetails(ctx, e, s.keys, s.covers); err != nil {
		return err
	}
	s.removed += len(s.keys)
	s.keys, s.covers = nil, nil
	return nil
}
