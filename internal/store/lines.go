package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
)

// keptLine is what stands in csv_line.
type keptLine struct{ head, wayIn, tail []byte }

// keptLine makes the kept line of an entry.
func (e *entry) keptLine() (k keptLine, err error) {
	cells := e.exportRow(e.head).Cells(Masked)
	for _, part := range []struct {
		into  *[]byte
		cells []string
	}{{&k.head, cells[:cellLastSeen]}, {&k.wayIn, cells[cellLastSeen+1 : cellFetchSeq]}, {&k.tail, cells[cellFetchSeq+1:]}} {
		if *part.into, err = encodeCells(part.cells); err != nil {
			return k, err
		}
	}
	return k, nil
}

// exportRow joins a head with what the entry says.
func (e *entry) exportRow(head Head) ExportRow {
	head.MappingVersion = e.mapping
	return ExportRow{Fields: e.line.Fields, Row: Row{Head: head, Person: e.line.Person, Counts: e.line.Counts, Findings: e.findings,
		WorstSeverity: evidence.Severity(e.severity), WorstText: e.line.WorstText, HasFinalResult: e.line.HasFinalResult}}
}

func (k keptLine) encode() []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(k.head))), uint64(len(k.wayIn)))
	return slices.Concat(b, k.head, k.wayIn, k.tail)
}

var errKeptLine = errors.New("a kept line cannot be read")

func readKeptLine(b []byte) (k keptLine, err error) {
	head, n := binary.Uvarint(b)
	wayIn, m := binary.Uvarint(b[max(n, 0):])
	if n <= 0 || m <= 0 || head > uint64(len(b)) || wayIn > uint64(len(b)) || head+wayIn > uint64(len(b)-n-m) {
		return k, errKeptLine
	}
	b = b[n+m:]
	return keptLine{b[:head], b[head : head+wayIn], b[head+wayIn:]}, nil
}

// volatile is what changes of a line without a new snapshot.
type volatile struct {
	lastSeen, fetchSeq int64
	version            int // 0: not held
}

// linesChunk is how many lines of an export are read at once, and linesAhead how many times as many while those before are sent: two keep
// two processors busy with one export, and leave connections to everybody else.
const (
	linesChunk = 1000
	linesAhead = 2
)

// Export streams every row of the query as lines of CSV without a header, created_at then process_id descending, whatever its sort
// and cursors: fn gets some lines, each with its end (CRLF, RFC 4180), and how many they are. Which processes those are is fixed
// when it begins; each is told as it stands when its turn comes, and one that was erased meanwhile is left out. While fn runs the
// next lines are being read, and no query is open longer than that, so a slow receiver holds up nobody. The receipt must cover
// q.Canonical().
func (s *Store) Export(ctx context.Context, r audit.Receipt, q Query, form LineForm, fn func(text []byte, rows int) error) error {
	if !r.CoversQuery(ctx, q.Canonical()) {
		return uncovered("this query")
	}
	x, err := s.acquire()
	if err != nil {
		return err
	}
	defer x.users.Done()
	rows, err := s.exportOrder(ctx, x, q)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	var ahead []*linesRead
	defer func() {
		for _, l := range ahead {
			<-l.done
		}
	}()
	for chunk := range slices.Chunk(rows, linesChunk) {
		if ahead = append(ahead, s.readAhead(ctx, x, chunk, form)); len(ahead) > linesAhead {
			if err := ahead[0].hand(fn); err != nil {
				return err
			}
			ahead = ahead[1:]
		}
	}
	for _, l := range ahead {
		if err := l.hand(fn); err != nil {
			return err
		}
	}
	return nil
}

// linesRead are lines that are being read.
type linesRead struct {
	done chan struct{}
	text []byte
	rows int
	err  error
}

func (s *Store) readAhead(ctx context.Context, x *index, rows []uint32, form LineForm) *linesRead {
	l := &linesRead{done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.text, l.rows, l.err = s.csvLines(ctx, x, rows, form)
	}()
	return l
}

// hand waits for the lines and passes them on.
func (l *linesRead) hand(fn func([]byte, int) error) error {
	<-l.done
	if l.err != nil {
		return fmt.Errorf("export: %w", l.err)
	}
	return fn(l.text, l.rows)
}

// csvLines reads the lines of index rows, without those that were erased meanwhile.
func (s *Store) csvLines(ctx context.Context, x *index, rows []uint32, form LineForm) (text []byte, n int, err error) {
	ids := x.memory.idsOf(rows)
	var kept []keptRow
	var now []volatile
	err = x.db.Chunk(ctx, func() (err error) { kept, err = x.keptLines(ctx, rows, form.Shown != nil); return err })
	if err == nil {
		err = s.portal.Chunk(ctx, func() (err error) { now, err = s.volatiles(ctx, ids); return err })
	}
	if err != nil {
		return nil, 0, err
	}
	still := x.memory.idsOf(rows)
	for i, id := range ids {
		switch {
		case id == "" || still[i] != id || now[i].version == 0 || kept[i].cells == nil: // erased, and its row perhaps another's by now
			continue
		case kept[i].version != now[i].version: // the index is about to follow
			text, err = s.appendFresh(ctx, x, text, id, form)
		default:
			text, err = form.appendKept(text, kept[i], now[i])
		}
		if err != nil {
			return nil, 0, err
		}
		n++
	}
	return text, n, nil
}

// appendFresh makes a line from what the files say now.
func (s *Store) appendFresh(ctx context.Context, x *index, text []byte, id string, form LineForm) ([]byte, error) {
	lines, err := s.lines(ctx, x, []string{id})
	for _, l := range lines {
		line, err := encodeCells(l.Cells(form.shown()))
		if err != nil {
			return nil, err
		}
		text = append(form.appendCells(text, line), "\r\n"...)
	}
	return text, err
}

// keptRow is what is kept of one row; named is its line in the index, read for exports with names alone.
type keptRow struct {
	version      int
	cells, named []byte
}

// keptLines reads what is kept of rows, in their order; nothing where nothing is.
func (x *index) keptLines(ctx context.Context, rows []uint32, named bool) ([]keptRow, error) {
	list, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	kept := make([]keptRow, len(rows))
	found, err := x.db.Reader.QueryContext(ctx, `SELECT j.key, c.version, c.cells, CASE WHEN ?2 THEN (SELECT e.line FROM entry e WHERE e.row = c.row) END
		FROM json_each(?1) j CROSS JOIN csv_line c ON c.row = j.value`, string(list), named)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var at int
		var k keptRow
		if err := found.Scan(&at, &k.version, &k.cells, &k.named); err != nil {
			return nil, err
		}
		kept[at] = k
	}
	return kept, found.Err()
}

// volatiles reads what is not kept of processes, in their order.
func (s *Store) volatiles(ctx context.Context, ids []string) ([]volatile, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	all := make([]volatile, len(ids))
	rows, err := s.portal.Reader.QueryContext(ctx, `SELECT j.key, p.last_seen_at, p.newest_seq, p.newest FROM json_each(?) j
		CROSS JOIN process p ON p.process_id = j.value`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var at int
		var v volatile
		if err := rows.Scan(&at, &v.lastSeen, &v.fetchSeq, &v.version); err != nil {
			return nil, err
		}
		all[at] = v
	}
	return all, rows.Err()
}

// putLine keeps the line of an entry, nil removes it.
func (w entryWriter) putLine(ctx context.Context, row uint32, e *entry) error {
	if e == nil {
		return w.exec(ctx, `DELETE FROM csv_line WHERE row = ?`, row)
	}
	k, err := e.keptLine()
	if err != nil {
		return err
	}
	return w.exec(ctx, `INSERT INTO csv_line (row, version, cells) VALUES (?, ?, ?)
		ON CONFLICT (row) DO UPDATE SET version = excluded.version, cells = excluded.cells`, row, e.version, k.encode())
}
