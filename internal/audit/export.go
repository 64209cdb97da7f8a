package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"
)

// chunkRows is how many records are read at once. They are read whole before they are written, so that a slow reader of
// the export holds neither a connection nor a read transaction, and memory stays flat.
const chunkRows = 500

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
// says who exports; its term becomes the query.
func (t *Trail) BeginExport(ctx context.Context, e Event, o ExportOptions) (*Export, error) {
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
	var lines []byte
	err = x.chunks(ctx, func(entries []entry) error {
		lines = lines[:0]
		for _, e := range entries {
			if lines, err = csvLine(lines, e, x.options); err != nil {
				return err
			}
		}
		rows += int64(len(entries))
		_, err = w.Write(lines)
		return err
	})
	return rows, err
}

// chunks hands on the export's rows in order, some at a time.
func (x *Export) chunks(ctx context.Context, fn func([]entry) error) error {
	where, args := x.options.Filter.conditions()
	if x.options.Filter.Before > 0 {
		where, args = where+" AND seq < ?", append(args, x.options.Filter.Before)
	}
	query := `SELECT f.seq, e.leaf, d.part, d.salt, d.body FROM (SELECT seq FROM fact WHERE ` + where + ` AND seq > ? AND seq < ? ORDER BY seq LIMIT ?) f
		CROSS JOIN entry e ON e.seq = f.seq LEFT JOIN detail d ON d.seq = f.seq ORDER BY f.seq` // CROSS: in this order, without a sort
	for after := int64(-1); ; {
		entries, err := x.trail.collect(ctx, query, append(args[:len(args):len(args)], after, x.seq, chunkRows))
		if err != nil {
			return err
		}
		if len(entries) < chunkRows {
			last, err := x.trail.entries(ctx, x.seq, x.seq+1)
			if err != nil {
				return err
			}
			return fn(append(entries, last...))
		}
		if err := fn(entries); err != nil {
			return err
		}
		after = entries[len(entries)-1].seq
	}
}

// entries reads the records from first up to but without end.
func (t *Trail) entries(ctx context.Context, first, end int64) ([]entry, error) {
	return t.collect(ctx, `SELECT e.seq, e.leaf, d.part, d.salt, d.body FROM entry e LEFT JOIN detail d ON d.seq = e.seq
		WHERE e.seq >= ? AND e.seq < ? ORDER BY e.seq`, []any{first, end})
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

// decodeStrict reads JSON that holds one value of known fields and nothing else.
func decodeStrict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}
