package handlers

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
)

// exportWriteTime is how long a client may take over one stretch of an export before it counts as gone.
const exportWriteTime = 5 * time.Minute

// flushEvery is after how many rows an export is handed to the client, so that memory stays flat.
const flushEvery = 1000

// exportProcesses streams every row of a search: a record before the first byte, one at the end or the break.
func (s *Server) exportProcesses(q *request) error {
	params := q.QueryParams()
	query, typed, err := s.parseQuery(q.ctx(), params, exportParams)
	if err != nil {
		return err
	}
	form, err := parseExport(params, "identity")
	if err != nil {
		return err
	}
	if _, err := s.Store.Search(q.ctx(), query); err != nil { // refuses what the search page would refuse
		return err
	}
	e := q.event(audit.ProcessExport)
	e.Term, e.Facts, e.Query, e.Classes = typed, searchFacts(params), query.Canonical(), []string{string(evidence.Plain)}
	if form.identity {
		e.Classes, e.Facts["with"] = q.eyes().classesSeen(), "identity"
	}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	out := newExportWriter(startDownload(q, "text/csv; charset=utf-8", "processes.csv"), form.delimiter)
	out.progress = func(rows int64) { s.running.set(receipt.Seq(), q.session.ID, rows) }
	out.progress(0)
	defer s.running.end(receipt.Seq())
	err = s.writeProcesses(q, receipt, query, form, out)
	return s.endExport(q, receipt, e, out, err)
}

// exportProgress tells the page that started an export how many rows it has given so far, in words; nothing when none is under way.
// A session hears of its own exports alone.
func (s *Server) exportProgress(q *request) error {
	exports, rows := s.running.of(q.session.ID)
	switch exports {
	case 0:
		return q.NoContent(http.StatusNoContent)
	case 1:
		return q.String(http.StatusOK, "Export: "+thousands(int(rows))+" rows so far")
	}
	return q.String(http.StatusOK, strconv.Itoa(exports)+" exports: "+thousands(int(rows))+" rows so far")
}

// exportForm is what a reader asked of an export.
type exportForm struct {
	identity, detail bool
	delimiter        rune
}

// parseExport reads with and delimiter; of with the export knows only some words.
func parseExport(params url.Values, known ...string) (exportForm, error) {
	form := exportForm{delimiter: ','}
	if with := params.Get("with"); with != "" {
		for word := range strings.SplitSeq(with, ",") {
			if !slices.Contains(known, word) {
				return form, badParameter("with")
			}
			form.identity = form.identity || word == "identity"
			form.detail = form.detail || word == "detail"
		}
	}
	switch params.Get("delimiter") {
	case "", ",":
	case ";":
		form.delimiter = ';'
	default:
		return form, badParameter("delimiter")
	}
	return form, nil
}

// startDownload sends the head of a download and gives the writer of its body.
func startDownload(q *request, contentType, name string) io.Writer {
	h := q.Response().Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	q.Response().WriteHeader(http.StatusOK)
	return &patientWriter{to: q.Response(), control: http.NewResponseController(q.Response())}
}

// patientWriter gives a client exportWriteTime for each stretch of a download, however long the whole takes.
type patientWriter struct {
	to       io.Writer
	control  *http.ResponseController
	extended time.Time
}

func (w *patientWriter) Write(p []byte) (int, error) {
	if now := time.Now(); now.Sub(w.extended) > exportWriteTime/10 { // real time: the deadline is the network's
		w.extended = now
		_ = w.control.SetWriteDeadline(now.Add(exportWriteTime)) // a connection without deadlines needs none
	}
	return w.to.Write(p)
}

// exportWriter writes CSV rows (RFC 4180, CRLF, BOM), guarded against formulas, and hashes what it sends.
type exportWriter struct {
	rows   *csv.Writer
	buffer *bufio.Writer
	sum    hash.Hash
	count  int64

	progress func(rows int64) // told the count before rows are handed to the client
}

func newExportWriter(w io.Writer, delimiter rune) *exportWriter {
	x := &exportWriter{sum: sha256.New(), progress: func(int64) {}}
	x.buffer = bufio.NewWriterSize(io.MultiWriter(w, x.sum), 64<<10)
	x.buffer.WriteString("\uFEFF")
	x.rows = csv.NewWriter(x.buffer)
	x.rows.UseCRLF, x.rows.Comma = true, delimiter
	return x
}

func (x *exportWriter) header(cells []string) error { return x.rows.Write(cells) }

func (x *exportWriter) row(cells []string) error {
	for i, c := range cells {
		cells[i] = audit.GuardCell(c)
	}
	x.count++
	if err := x.rows.Write(cells); err != nil {
		return err
	}
	if x.count%flushEvery == 0 {
		return x.flush()
	}
	return nil
}

// lines takes rows that are CSV already.
func (x *exportWriter) lines(text []byte, rows int) error {
	x.count += int64(rows)
	x.progress(x.count)
	x.rows.Flush() // an error stays with the buffer
	_, err := x.buffer.Write(text)
	return err
}

func (x *exportWriter) flush() error {
	x.progress(x.count)
	x.rows.Flush()
	if err := x.rows.Error(); err != nil {
		return err
	}
	return x.buffer.Flush()
}

func (s *Server) writeProcesses(q *request, receipt audit.Receipt, query store.Query, form exportForm, out *exportWriter) error {
	if err := out.header(processColumns()); err != nil {
		return err
	}
	lines := store.LineForm{Semicolons: form.delimiter == ';'}
	if form.identity {
		lines.Shown = processCells{eyes: q.eyes()}.person
	}
	if err := s.Store.Export(q.ctx(), receipt, query, lines, out.lines); err != nil {
		return err
	}
	return out.flush()
}

// endExport records how an export ended. A broken one ends the connection abnormally, so that nobody takes it for whole.
func (s *Server) endExport(q *request, receipt audit.Receipt, started audit.Event, out *exportWriter, err error) error {
	done := started
	done.Action, done.Term, done.Query, done.Classes, done.Rows = audit.ProcessExportDone, "", "", nil, out.count
	done.Facts = map[string]string{"export": strconv.FormatInt(receipt.Seq(), 10), "sha256": hex.EncodeToString(out.sum.Sum(nil))}
	if err != nil {
		done.Outcome = audit.Failed
	}
	_, recordErr := q.server.Trail.Append(context.WithoutCancel(q.ctx()), done)
	if err == nil {
		err = recordErr
	}
	return err
}

// processColumns are the contract's columns of /processes.csv.
func processColumns() []string {
	return slices.Concat([]string{"process_id", "dossier_id", "external_reference", "external_id", "provider", "process_type", "status",
		"created_at", "updated_at", "first_seen_at", "fetched_at", "last_seen_upstream", "way_in", "fetch_seq", "version", "sha256", "mapping_version",
		"has_final_result"}, evidence.FieldNames(),
		[]string{"fields_same", "fields_equivalent", "fields_differs", "fields_unsourced", "fields_absent", "fields_single", "findings"})
}

// processCells says how values of the final result stand in a line that was asked for with names: as its reader's page would show them.
type processCells struct{ eyes eyes }

// person masks a person's value unless the role sees its class.
func (c processCells) person(name, value string) string {
	if c.eyes.sight(evidence.FieldClass(name)) == open {
		return value
	}
	return store.Masked(name, value)
}

func (s *Server) exportTrail(q *request) error {
	return s.export(q, trailCSVParams, "text/csv; charset=utf-8", "audit.csv", (*audit.Export).WriteCSV)
}

func (s *Server) exportBundle(q *request) error {
	return s.export(q, trailZipParams, "application/zip", "audit.zip", (*audit.Export).WriteBundle)
}

// export starts an export of the trail (its record and checkpoint) and streams it.
func (s *Server) export(q *request, known []string, contentType, name string, write func(*audit.Export, context.Context, io.Writer) error) error {
	params := q.QueryParams()
	options, err := trailExport(params, known)
	if err != nil {
		return err
	}
	e := q.event(audit.AuditExport)
	e.Facts = trailFacts(params) // whom one looked for, the trail keeps with the query
	e.Facts["with"], e.Facts["leaves"], e.Facts["file"] = params.Get("with"), params.Get("leaves"), name
	x, err := s.Trail.BeginExport(q.ctx(), e, options)
	if err != nil {
		return err
	}
	q.recorded = true
	return write(x, q.ctx(), startDownload(q, contentType, name))
}

func trailExport(params url.Values, known []string) (audit.ExportOptions, error) {
	filter, err := trailFilter(params, known)
	if err != nil {
		return audit.ExportOptions{}, err
	}
	form, err := parseExport(params, "identity", "detail")
	if err != nil {
		return audit.ExportOptions{}, err
	}
	leaves := params.Get("leaves")
	if leaves != "" && leaves != "all" {
		return audit.ExportOptions{}, badTrailParameter("leaves")
	}
	return audit.ExportOptions{Filter: filter, Identity: form.identity, Detail: form.detail, Semicolon: form.delimiter == ';', AllLeaves: leaves == "all"}, nil
}

// completenessCSV is the completeness page as CSV.
func (s *Server) completenessCSV(q *request) error {
	days, err := s.Store.Completeness(q.ctx(), completenessDays)
	if err != nil {
		return err
	}
	out := newExportWriter(startDownload(q, "text/csv; charset=utf-8", "completeness.csv"), ',')
	if err := out.header([]string{"day", "status", "upstream", "held", "refused", "missing", "erased", "imported", "gone", "unlisted", "why"}); err != nil {
		return err
	}
	for _, d := range days {
		if err := out.row(dayCells(d)); err != nil {
			return err
		}
	}
	return out.flush()
}

// dayCells are one line of the completeness page; upstream is empty where Assure does not count any more.
func dayCells(d store.Day) []string {
	upstream := ""
	if d.Upstream >= 0 {
		upstream = strconv.Itoa(d.Upstream)
	}
	_, why := dayWhy(d)
	return []string{d.Day, d.Status, upstream, strconv.Itoa(d.Held), strconv.Itoa(d.Refused), strconv.Itoa(d.Missing),
		strconv.Itoa(d.Erased), strconv.Itoa(d.Imported), strconv.Itoa(d.Gone), strconv.Itoa(d.Unlisted), why}
}
