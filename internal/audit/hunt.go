package audit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Bounds of one search, in records. A filter that matches rarely must not hold up its reader, nor the disk.
const (
	mostLooked = 100_000 // looked at one by one: some tenths of a second
	probed     = 5_000   // counted of each index to choose the one that leads to the fewest
	spanSize   = 1024    // of a block in the table span
)

// stretch is a range of records, first included, end not.
type stretch struct{ first, end int64 }

// hunt is one search for records.
type hunt struct {
	filter      Filter
	within      stretch
	newestFirst bool
	most        int // numbers wanted
	look        int // records to look at, on all ways together
}

// catch is what a hunt found, in its order. With cut set it ended early: nothing beyond reached was looked at.
type catch struct {
	seqs    []int64
	cut     bool
	reached int64
}

// way leads to records in the order of their numbers: a table or index, with what it finds by.
type way struct {
	from  string // of the table fact as f
	where string
	args  []any
}

// every is the way through all records.
var every = way{from: "fact f NOT INDEXED", where: "1"}

// actions are those of the filter.
func (f Filter) actions() []string { return strings.Split(f.Action, ",") }

// ways are the indices by which the filter can be followed, one entry a criterion: several ways of one are joined. The
// likely shortest come first.
func (f Filter) ways() (all [][]way) {
	if f.Process != "" {
		all = append(all, []way{{"fact f INDEXED BY fact_process", "f.process_id = ? AND f.process_id <> ''", []any{f.Process}},
			{"shown s CROSS JOIN fact f ON f.seq = s.seq", "s.process_id = ?", []any{f.Process}}})
	}
	if f.Dossier != "" {
		all = append(all, []way{{"fact f INDEXED BY fact_dossier", "f.dossier_id = ? AND f.dossier_id <> ''", []any{f.Dossier}}})
	}
	if f.Outcome != "" && f.Outcome != string(OK) { // nearly all are ok: no index
		all = append(all, []way{{"fact f INDEXED BY fact_outcome", "f.outcome = ? AND f.outcome <> 'ok'", []any{f.Outcome}}})
	}
	if f.Actor != "" {
		all = append(all, []way{{"fact f INDEXED BY fact_actor", "f.actor = ?", []any{f.Actor}}})
	}
	if f.Action != "" {
		var each []way
		for _, action := range f.actions() {
			each = append(each, way{"fact f INDEXED BY fact_action", "f.action = ?", []any{action}})
		}
		all = append(all, each)
	}
	if f.Purpose != "" {
		all = append(all, []way{{"fact f INDEXED BY fact_purpose", "f.purpose = ?", []any{f.Purpose}}})
	}
	return all
}

// conditions of the filter, but for Before, on records that are looked at one by one: rows of the table fact, under a name.
func (f Filter) conditions(name string) (where string, args []any) {
	terms := []string{"1"}
	add := func(term string, values ...any) { terms, args = append(terms, term), append(args, values...) }
	if f.Actor != "" {
		add("actor = ?", f.Actor)
	}
	if f.Action != "" {
		list := f.actions()
		add("action IN (?"+strings.Repeat(", ?", len(list)-1)+")", anys(list)...)
	}
	if f.Outcome != "" {
		add("outcome = ?", f.Outcome)
	}
	if f.Purpose != "" {
		add("purpose = ?", f.Purpose)
	}
	if f.Dossier != "" {
		add("dossier_id = ?", f.Dossier)
	}
	if !f.From.IsZero() {
		add("at >= ?", ceilMilli(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", ceilMilli(f.To))
	}
	if f.Process != "" {
		add("(process_id = ? OR EXISTS (SELECT 1 FROM shown WHERE shown.process_id = ? AND shown.seq = "+name+".seq))", f.Process, f.Process)
	}
	return strings.Join(terms, " AND "), args
}

func anys(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

// stretch is where the filter's records can lie, by its times and its place. The table span knows the times of whole
// blocks; what is newer is looked at.
func (t *Trail) stretch(ctx context.Context, f Filter) (stretch, error) {
	within := stretch{0, math.MaxInt64}
	if f.Before > 0 {
		within.end = f.Before
	}
	if !f.From.IsZero() {
		first, err := t.firstAt(ctx, f.From)
		if err != nil {
			return stretch{}, err
		}
		within.first = first
	}
	if !f.To.IsZero() {
		end, err := t.endAt(ctx, f.To)
		if err != nil {
			return stretch{}, err
		}
		within.end = min(within.end, end)
	}
	return within, nil
}

// firstAt is a number before which every record is from before a time.
func (t *Trail) firstAt(ctx context.Context, from time.Time) (first int64, err error) {
	err = t.db.Load().Reader.QueryRowContext(ctx, `SELECT coalesce((SELECT block FROM span WHERE high >= ? ORDER BY block LIMIT 1),
		(SELECT max(block) + 1 FROM span), 0)`, ceilMilli(from)).Scan(&first)
	if err != nil {
		return 0, fmt.Errorf("find the first record of a time: %w", err)
	}
	return first * spanSize, nil
}

// endAt is a number from which on no record is from before a time.
func (t *Trail) endAt(ctx context.Context, to time.Time) (end int64, err error) {
	var block int64
	var tail bool // some of the records that are not yet in a whole block
	err = t.db.Load().Reader.QueryRowContext(ctx, `SELECT coalesce((SELECT block + 1 FROM span WHERE low < ?1 ORDER BY block DESC LIMIT 1), 0),
		EXISTS (SELECT 1 FROM fact WHERE seq >= ?2 * (SELECT coalesce(max(block) + 1, 0) FROM span) AND at < ?1)`, ceilMilli(to), spanSize).Scan(&block, &tail)
	if err != nil {
		return 0, fmt.Errorf("find the last record of a time: %w", err)
	}
	if tail {
		return math.MaxInt64, nil
	}
	return block * spanSize, nil
}

// hunt looks for records along the ways that lead to the fewest.
func (t *Trail) hunt(ctx context.Context, h hunt) (catch, error) {
	if h.within.first >= h.within.end {
		return catch{}, nil
	}
	ways, err := t.shortest(ctx, h)
	if err != nil {
		return catch{}, err
	}
	h.look = max(1, h.look/len(ways))
	var all catch
	for _, w := range ways {
		found, err := t.follow(ctx, h, w)
		if err != nil {
			return catch{}, err
		}
		all.seqs = append(all.seqs, found.seqs...)
		if found.cut && (!all.cut || h.beyond(all.reached, found.reached)) {
			all.cut, all.reached = true, found.reached
		}
	}
	return h.inOrder(all), nil
}

// beyond reports whether a number comes later in the hunt's order than another.
func (h hunt) beyond(seq, other int64) bool {
	if h.newestFirst {
		return seq < other
	}
	return seq > other
}

// inOrder joins what several ways found, each number once, as far as all of them came.
func (h hunt) inOrder(all catch) catch {
	slices.Sort(all.seqs)
	all.seqs = slices.Compact(all.seqs)
	if h.newestFirst {
		slices.Reverse(all.seqs)
	}
	if all.cut {
		all.seqs = slices.DeleteFunc(all.seqs, func(seq int64) bool { return h.beyond(seq, all.reached) })
	}
	if len(all.seqs) > h.most {
		all.seqs = all.seqs[:h.most]
	}
	return all
}

// shortest are the ways of the criterion that has the fewest records, as far as they are counted.
func (t *Trail) shortest(ctx context.Context, h hunt) ([]way, error) {
	all := h.filter.ways()
	if len(all) == 0 {
		return []way{every}, nil
	}
	best, fewest := all[0], probed+1
	if len(all) == 1 {
		return best, nil
	}
	for _, ways := range all {
		n := 0
		for _, w := range ways {
			some, err := t.count(ctx, h.within, w)
			if err != nil {
				return nil, err
			}
			n += some
		}
		if n < fewest {
			best, fewest = ways, n
		}
	}
	return best, nil
}

// count is how many records a way leads to, up to probed.
func (t *Trail) count(ctx context.Context, within stretch, w way) (n int, err error) {
	query := "SELECT count(*) FROM (SELECT 1 FROM " + w.from + " WHERE " + w.where + " AND " + w.seq() + " >= ? AND " + w.seq() + " < ? LIMIT ?)"
	err = t.db.Load().Reader.QueryRowContext(ctx, query, slices.Concat(w.args, []any{within.first, within.end, probed})...).Scan(&n)
	return n, err
}

// seq is the column in whose order the way goes.
func (w way) seq() string {
	if strings.HasPrefix(w.from, "shown s") {
		return "s.seq"
	}
	return "f.seq"
}

// stretched is the statement that goes along the way inside a stretch, and its arguments.
func (w way) stretched(columns string, within stretch, newestFirst bool) (query string, args []any) {
	order := " ORDER BY " + w.seq()
	if newestFirst {
		order += " DESC"
	}
	return "SELECT " + columns + " FROM " + w.from + " WHERE " + w.where + " AND " + w.seq() + " >= ? AND " + w.seq() + " < ?" + order,
		slices.Concat(w.args, []any{within.first, within.end})
}

// statement looks at the records of a way one by one, and ends with those wanted or after as many looks as allowed:
// SQLite asks the inner statement, which has a LIMIT, for one row after the other.
func (h hunt) statement(w way) (query string, args []any) {
	where, also := h.filter.conditions("looked")
	inner, args := w.stretched("f.seq, f.at, f.actor, f.action, f.outcome, f.process_id, f.purpose, f.dossier_id", h.within, h.newestFirst)
	return "SELECT seq FROM (" + inner + " LIMIT ?) AS looked WHERE " + where + " LIMIT ?", slices.Concat(args, []any{h.look}, also, []any{h.most})
}

// follow goes along one way.
func (t *Trail) follow(ctx context.Context, h hunt, w way) (found catch, err error) {
	query, args := h.statement(w)
	if found.seqs, err = t.numbers(ctx, query, args); err != nil || len(found.seqs) >= h.most {
		return found, err
	}
	query, args = w.stretched(w.seq(), h.within, h.newestFirst)
	last, err := t.numbers(ctx, query+" LIMIT 1 OFFSET ?", append(args, h.look-1))
	if err != nil || len(last) == 0 {
		return found, err
	}
	found.cut, found.reached = true, last[0]
	return found, nil
}

// numbers reads a column of numbers.
func (t *Trail) numbers(ctx context.Context, query string, args []any) (seqs []int64, err error) {
	rows, err := t.db.Load().Reader.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		seqs = append(seqs, seq)
	}
	return seqs, rows.Err()
}
