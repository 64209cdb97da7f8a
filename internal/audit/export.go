package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	strict "github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"
)

// How an export reads: so many records, matching or not, are looked at in one piece, behind the gate of the file. A
// piece is read whole before it is written, so that a slow reader of the export holds neither a connection, nor a read
// transaction, nor the gate; and memory stays flat.
const (
	detailRows = 250       // with what is personal, which may be long
	plainRows  = blockRows // leaves alone, or lines that are kept
	readAtOnce = 2         // pieces under way: of the readers of a file some are left for pages
)

// query is an export's query in its canonical form: detail "term" of its audit.export record, and in the manifest.
type query struct {
	Actor     string `json:"actor,omitempty"`
	Action    string `json:"action,omitempty"`
	Outcome   string `json:"outcome,omitempty"`
	Process   string `json:"process,omitempty"`
	Dossier   string `json:"dossier,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
	From      string `json:"from,omitempty"` // inclusive
	To        string `json:"to,omitempty"`   // exclusive
	Before    int64  `json:"before,omitempty"`
	Identity  bool   `json:"identity"`
	Detail    bool   `json:"detail"`
	Semicolon bool   `json:"semicolon"`
	AllLeaves bool   `json:"all_leaves"`
}

func queryOf(o ExportOptions) query {
	f := o.Filter
	return query{f.Actor, f.Action, f.Outcome, f.Process, f.Dossier, f.Purpose, formatBound(f.From), formatBound(f.To), f.Before,
		o.Identity, o.Detail, o.Semicolon, o.AllLeaves}
}

func formatBound(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return time.UnixMilli(ceilMilli(t)).UTC().Format(timeFormat)
}

// options are what the query says, read back by a verifier.
func (q query) options() (ExportOptions, error) {
	from, err := parseBound(q.From)
	if err != nil {
		return ExportOptions{}, err
	}
	to, err := parseBound(q.To)
	return ExportOptions{Filter: Filter{Actor: q.Actor, Action: q.Action, Outcome: q.Outcome, Process: q.Process,
		Dossier: q.Dossier, Purpose: q.Purpose, From: from, To: to, Before: q.Before}, Identity: q.Identity, Detail: q.Detail, Semicolon: q.Semicolon, AllLeaves: q.AllLeaves}, err
}

func parseBound(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(timeFormat, text)
}

// narrows reports whether the filter leaves anything out.
func (f Filter) narrows() bool { return f != Filter{} }

// Export is a started export: its audit.export record and checkpoint exist. It is written once.
type Export struct {
	trail   *Trail
	event   Event
	options ExportOptions
	query   []byte
	seq     int64 // of its record, the last row
	signed  signed
}

// BeginExport appends audit.export as the last record of the export and signs a checkpoint of size seq+1. The event
// says who exports; its term becomes the query. Until the export is written no term expires: of one that went meanwhile the
// record would come after the export, and a verifier would miss it.
func (t *Trail) BeginExport(ctx context.Context, e Event, o ExportOptions) (*Export, error) {
	t.leaving.RLock()
	x, err := t.beginExport(ctx, e, o)
	if err != nil {
		t.leaving.RUnlock()
	}
	return x, err
}

func (t *Trail) beginExport(ctx context.Context, e Event, o ExportOptions) (*Export, error) {
	text, err := encode(queryOf(o))
	if err != nil {
		return nil, err
	}
	e.Action, e.Outcome, e.Term, e.Query = AuditExport, OK, string(text), string(text)
	d, err := newDraft(e, t.key.origin, t.o.Build)
	if err != nil {
		return nil, err
	}
	r, err := t.submit(ctx, d, true)
	if err != nil {
		return nil, err
	}
	if r.signed.size != r.seq+1 {
		return nil, fmt.Errorf("export: the checkpoint covers %d records, not %d", r.signed.size, r.seq+1)
	}
	return &Export{trail: t, event: e, options: o, query: text, seq: r.seq, signed: r.signed}, nil
}

// WriteCSV streams audit.csv and appends audit.export.done, ok or failed. After an error the caller must end the answer
// so that nobody takes it for whole.
func (x *Export) WriteCSV(ctx context.Context, w io.Writer) error {
	defer x.trail.leaving.RUnlock()
	out := &hashedWriter{w: w, sum: sha256.New()}
	rows, err := x.writeRows(ctx, out)
	return x.end(ctx, rows, out, err)
}

// hashedWriter hashes what it writes.
type hashedWriter struct {
	w   io.Writer
	sum hash.Hash
}

func newHash() *hashedWriter { return &hashedWriter{sum: sha256.New()} }

func (h *hashedWriter) Write(b []byte) (int, error) {
	n, err := h.w.Write(b)
	h.sum.Write(b[:n])
	return n, err
}

func (h *hashedWriter) hex() string { return hex.EncodeToString(h.sum.Sum(nil)) }

// end records how the export ended, even if the reader is gone.
func (x *Export) end(ctx context.Context, rows int64, out *hashedWriter, err error) error {
	done := x.event
	done.Action, done.Term, done.Query, done.Rows = AuditExportDone, "", "", rows
	done.Facts = map[string]string{"export": strconv.FormatInt(x.seq, 10), "sha256": out.hex()}
	if err != nil {
		done.Outcome = Failed
	}
	_, appendErr := x.trail.Append(context.WithoutCancel(ctx), done)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return appendErr
}

// writeRows writes header and rows, the audit.export record last.
func (x *Export) writeRows(ctx context.Context, w io.Writer) (rows int64, err error) {
	if _, err := w.Write(appendCells([]byte(csvStart), csvColumns, x.options)); err != nil {
		return 0, err
	}
	within, err := x.within(ctx)
	if err != nil {
		return 0, err
	}
	write := func(l csvLines) error {
		rows += l.rows
		_, err := w.Write(l.text)
		return err
	}
	read, size := x.linesOf, int64(detailRows)
	if !x.options.Identity && !x.options.Detail {
		read, size = x.plainLinesOf, plainRows
	}
	if err := inOrder(ctx, readAtOnce, within.first, within.end, size, read, write); err != nil {
		return rows, err
	}
	last, err := x.trail.entries(ctx, x.seq, x.seq+1)
	if err != nil {
		return rows, err
	}
	return rows, x.writeLast(last, write)
}

// within is where the export's rows can lie but for its last, its own record.
func (x *Export) within(ctx context.Context) (stretch, error) {
	within, err := x.trail.stretch(ctx, x.options.Filter)
	within.end = min(within.end, x.seq)
	return within, err
}

// csvLines are rows of a CSV.
type csvLines struct {
	text []byte
	rows int64
}

func (x *Export) writeLast(own []entry, write func(csvLines) error) error {
	last, err := x.lines(own)
	if err != nil {
		return err
	}
	return write(last)
}

func (x *Export) lines(entries []entry) (l csvLines, err error) {
	l.rows = int64(len(entries))
	for _, e := range entries {
		if l.text, err = csvLine(l.text, e, x.options); err != nil {
			return csvLines{}, err
		}
	}
	return l, nil
}

func (x *Export) linesOf(ctx context.Context, c stretch) (csvLines, error) {
	entries, err := x.entriesOf(ctx, c)
	if err != nil {
		return csvLines{}, err
	}
	return x.lines(entries)
}

// conditions are those of the filter on fact f and entry e, joined, inside c. They look at each record of c: a filter of
// which nobody knows how often it matches is looked for in pieces that each take the same short time.
func (x *Export) conditions(c stretch) (where string, args []any) {
	where, args = x.options.Filter.conditions("f")
	return where + " AND f.seq >= ? AND f.seq < ?", append(args, c.first, c.end)
}

// plainLinesOf are rows without anything from the details.
func (x *Export) plainLinesOf(ctx context.Context, c stretch) (csvLines, error) {
	if x.options == (ExportOptions{}) {
		if text, err := x.keptLines(ctx, c); err != nil || text != nil {
			return csvLines{text, blockRows}, err
		}
	}
	read, err := x.readPlain(ctx, c)
	if err != nil {
		return csvLines{}, err
	}
	text, err := x.plainLines(read)
	return csvLines{text, read.rows}, err
}

func (x *Export) keptLines(ctx context.Context, c stretch) (text []byte, err error) {
	err = x.trail.db.Load().Chunk(ctx, func() (err error) {
		text, err = keptLines(ctx, x.trail.db.Load(), c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	return text, nil
}

// plainRecords are what lines without details are made of.
type plainRecords struct {
	rows    int64
	leaves  []byte // a line each
	details []byte // the number of a record once for each part that is there, ascending
}

// parts is how many parts there are.
func (p plainRecords) parts() int {
	if len(p.details) == 0 {
		return 0
	}
	return bytes.Count(p.details, []byte(" ")) + 1
}

func (x *Export) readPlain(ctx context.Context, c stretch) (p plainRecords, err error) {
	err = x.trail.db.Load().Chunk(ctx, func() (err error) {
		if p.rows, p.leaves, err = x.packedLeaves(ctx, c); err != nil || p.rows == 0 {
			return err
		}
		p.details, err = x.packedDetails(ctx, c)
		return err
	})
	if err != nil {
		return plainRecords{}, fmt.Errorf("read records: %w", err)
	}
	return p, nil
}

// packedLeaves reads all leaves as one, since most of the time of reading is per row and column.
func (x *Export) packedLeaves(ctx context.Context, c stretch) (rows int64, leaves []byte, err error) {
	where, args := x.conditions(c)
	err = x.trail.db.Load().Stream(ctx, `SELECT count(*), CAST(group_concat(leaf, char(10)) AS BLOB) FROM (SELECT e.leaf FROM fact f NOT INDEXED
		CROSS JOIN entry e ON e.seq = f.seq WHERE `+where+` ORDER BY f.seq)`, args, func(columns []sql.RawBytes) (err error) {
		leaves = slices.Clone(columns[1])
		rows, err = parseSeq(columns[0])
		return err
	})
	return rows, leaves, err
}

func (x *Export) packedDetails(ctx context.Context, c stretch) (numbers []byte, err error) {
	err = x.trail.db.Load().Stream(ctx, "SELECT group_concat(seq, ' ') FROM (SELECT seq FROM detail WHERE seq >= ? AND seq < ? ORDER BY seq)",
		[]any{c.first, c.end}, func(columns []sql.RawBytes) error {
			numbers = slices.Clone(columns[0])
			return nil
		})
	return numbers, err
}

func (x *Export) plainLines(p plainRecords) (text []byte, err error) {
	if p.rows == 0 {
		return nil, nil
	}
	if int64(bytes.Count(p.leaves, []byte("\n"))) != p.rows-1 {
		return nil, errLeaf // none has a line feed
	}
	text = make([]byte, 0, len(p.leaves))
	parts := partCounter{rest: string(p.details)}
	for b := range bytes.SplitSeq(p.leaves, []byte("\n")) {
		l, err := parseLeaf(b)
		if err != nil {
			return nil, err
		}
		text = appendRow(text, &l, tlog.RecordHash(b), csvShown{parts: parts.of(l.Seq)}, x.options)
	}
	return text, nil
}

// partCounter counts equal numbers in an ascending list of them.
type partCounter struct {
	rest string
	next int64
	has  bool
}

// of is how often a number stands there. Numbers must be asked for in ascending order.
func (c *partCounter) of(seq int64) (n int) {
	for {
		if !c.has && c.rest != "" {
			var word string
			word, c.rest, _ = strings.Cut(c.rest, " ")
			c.next, _ = strconv.ParseInt(word, 10, 64) // SQLite wrote it
			c.has = true
		}
		if !c.has || c.next > seq {
			return n
		}
		if c.next == seq {
			n++
		}
		c.has = false
	}
}

// chunks hands on the export's rows in order, some at a time.
func (x *Export) chunks(ctx context.Context, fn func([]entry) error) error {
	within, err := x.within(ctx)
	if err != nil {
		return err
	}
	if err := inOrder(ctx, readAtOnce, within.first, within.end, detailRows, x.entriesOf, fn); err != nil {
		return err
	}
	last, err := x.trail.entries(ctx, x.seq, x.seq+1)
	if err != nil {
		return err
	}
	return fn(last)
}

// entriesOf reads the records of c that match.
func (x *Export) entriesOf(ctx context.Context, c stretch) ([]entry, error) {
	where, args := x.conditions(c)
	return x.trail.chunk(ctx, `SELECT f.seq, e.leaf, d.part, d.salt, d.body FROM fact f NOT INDEXED
		CROSS JOIN entry e ON e.seq = f.seq LEFT JOIN detail d ON d.seq = f.seq WHERE `+where+" ORDER BY f.seq", args) // CROSS: in this order, without a sort
}

// entries reads the records from first up to but without end.
func (t *Trail) entries(ctx context.Context, first, end int64) ([]entry, error) {
	return t.chunk(ctx, `SELECT e.seq, e.leaf, d.part, d.salt, d.body FROM entry e LEFT JOIN detail d ON d.seq = e.seq
		WHERE e.seq >= ? AND e.seq < ? ORDER BY e.seq`, []any{first, end})
}

// chunk collects what is a piece of something long.
func (t *Trail) chunk(ctx context.Context, query string, args []any) (entries []entry, err error) {
	chunkErr := t.db.Load().Chunk(ctx, func() error {
		entries, err = t.collect(ctx, query, args)
		return err
	})
	return entries, chunkErr
}

func (t *Trail) collect(ctx context.Context, query string, args []any) (entries []entry, err error) {
	err = streamEntries(ctx, t.db.Load(), query, args, func(e entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return entries, nil
}

func parseSeq(text []byte) (int64, error) { return strconv.ParseInt(string(text), 10, 64) }

// decodeStrict reads JSON that holds one value of known fields and nothing else, each name once and in exactly its letters.
func decodeStrict(text []byte, into any) error {
	return strict.Unmarshal(text, into, strict.RejectUnknownMembers(true))
}
