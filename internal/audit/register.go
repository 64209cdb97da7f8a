package audit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
)

// Bounds of looking for the ends of exports.
const (
	endsChunk = 200
	mostEnds  = 10_000 // ends looked at after a start; of concurrent exports a few stand between the two
	mostAlike = 20     // exports whose file is the same
)

// Departure is an export as the register shows it: its start, and how it ended.
type Departure struct {
	Start  Record  // audit.export or process.export
	End    *Record // audit.export.done or process.export.done; nil: no record of it was found
	Halted bool    // without an end, and the program was started since: nothing is under way any more
}

// Delivered reports whether every byte was handed to the reader's connection.
func (d Departure) Delivered() bool { return d.End != nil && d.End.Outcome == OK }

// SHA256 is the hash of the file, in lower-case hex; of one that broke off the hash of what was sent. Empty without an end.
func (d Departure) SHA256() string {
	if d.End == nil {
		return ""
	}
	return d.End.Facts["sha256"]
}

// Exports is the filter of the register: every export that began.
func Exports() Filter {
	return Filter{Action: string(ProcessExport) + "," + string(AuditExport), Outcome: string(OK)}
}

// Departures are exports with their ends, in the order of the numbers of their starts as given; the receipt must be of an
// audit.view.
func (t *Trail) Departures(ctx context.Context, r Receipt, starts []int64) ([]Departure, error) {
	records, err := t.Records(ctx, r, starts)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	open := map[int64]*Departure{}
	list := make([]Departure, len(records))
	for i, start := range records {
		list[i].Start = start
		open[start.Seq] = &list[i]
	}
	for _, action := range []Action{ProcessExport, AuditExport} {
		if err := t.findEnds(ctx, action, open); err != nil {
			return nil, fmt.Errorf("find the ends of exports: %w", err)
		}
	}
	if len(open) == 0 {
		return list, nil
	}
	started, err := t.lastStart(ctx)
	for seq, d := range open {
		d.Halted = seq < started
	}
	return list, err
}

// lastStart is the record with which the program began to run. The trail also opens anew after a fault of its file, while
// exports go on.
func (t *Trail) lastStart(ctx context.Context) (seq int64, err error) {
	err = t.db.Load().Reader.QueryRowContext(ctx, `SELECT coalesce((SELECT f.seq FROM fact f INDEXED BY fact_action CROSS JOIN entry e ON e.seq = f.seq
		WHERE f.action = 'trail.start' AND json_extract(CAST(e.leaf AS TEXT), '$.facts.because') IS NOT ? ORDER BY f.seq DESC LIMIT 1), -1)`, recovered).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("find the last start: %w", err)
	}
	return seq, nil
}

// findEnds takes each export of the action that has ended out of those that are open.
func (t *Trail) findEnds(ctx context.Context, action Action, open map[int64]*Departure) error {
	after, waiting := int64(-1), 0
	for seq, d := range open {
		if d.Start.Action == action {
			if waiting++; after < 0 || seq < after {
				after = seq
			}
		}
	}
	for looked := 0; waiting > 0 && looked < mostEnds; looked += endsChunk {
		ends, err := t.collect(ctx, `SELECT e.seq, e.leaf, NULL, NULL, NULL FROM fact f INDEXED BY fact_action CROSS JOIN entry e ON e.seq = f.seq
			WHERE f.action = ? AND f.seq > ? ORDER BY f.seq LIMIT ?`, []any{string(action) + ".done", after, endsChunk})
		if err != nil {
			return err
		}
		for _, e := range ends {
			end, err := readRecord(e.leaf, nil)
			if err != nil {
				return err
			}
			if start, ok := endedBy(end, open); ok {
				open[start].End = &end
				delete(open, start)
				waiting--
			}
			after = e.seq
		}
		if len(ends) < endsChunk {
			return nil
		}
	}
	return nil
}

// endedBy is which of the open exports a record ends. Records of the time before ends named their export share its request.
func endedBy(end Record, open map[int64]*Departure) (int64, bool) {
	if text := end.Facts["export"]; text != "" {
		seq, err := strconv.ParseInt(text, 10, 64)
		return seq, err == nil && open[seq] != nil
	}
	for seq, d := range open {
		if end.RequestID != "" && d.Start.RequestID == end.RequestID && d.Start.Action+".done" == end.Action {
			return seq, true
		}
	}
	return 0, false
}

// ExportsOf are the numbers of the exports whose file has this SHA-256 (lower-case hex), newest first, some at most. It
// names nobody, so it needs no receipt.
func (t *Trail) ExportsOf(ctx context.Context, sha256 string) (starts []int64, err error) {
	for _, action := range []Action{ProcessExport, AuditExport} {
		some, err := t.exportsOf(ctx, action, sha256)
		if err != nil {
			return nil, fmt.Errorf("find an export by its hash: %w", err)
		}
		starts = append(starts, some...)
	}
	slices.SortFunc(starts, func(a, b int64) int { return int(b - a) })
	return starts, nil
}

func (t *Trail) exportsOf(ctx context.Context, action Action, sha256 string) (starts []int64, err error) {
	err = t.db.Load().Stream(ctx, `SELECT coalesce(json_extract(CAST(e.leaf AS TEXT), '$.facts.export'),
			(SELECT s.seq FROM fact s INDEXED BY fact_action CROSS JOIN entry x ON x.seq = s.seq WHERE s.action = ?2 AND s.seq < f.seq
				AND json_extract(CAST(x.leaf AS TEXT), '$.request') = json_extract(CAST(e.leaf AS TEXT), '$.request') ORDER BY s.seq DESC LIMIT 1))
		FROM fact f INDEXED BY fact_action CROSS JOIN entry e ON e.seq = f.seq
		WHERE f.action = ?1 AND json_extract(CAST(e.leaf AS TEXT), '$.facts.sha256') = ?3 ORDER BY f.seq DESC LIMIT ?4`,
		[]any{string(action) + ".done", string(action), sha256, mostAlike}, func(columns []sql.RawBytes) error {
			if columns[0] == nil {
				return nil
			}
			seq, err := parseSeq(columns[0])
			starts = append(starts, seq)
			return err
		})
	return starts, err
}
