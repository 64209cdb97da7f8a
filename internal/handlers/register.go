package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// exportsPerPage is how many exports one page of the register holds.
const exportsPerPage = 50

// Bounds of a file that is checked. It is hashed while it comes in and never kept.
const (
	maxChecked     = 16 << 30         // bytes: a bundle of some ten million records
	checkedStretch = 30 * time.Second // a client that sends nothing for so long is gone
	checkedWhole   = time.Hour        // however slowly it sends
)

// registerParams are the query parameters of the register of exports.
var registerParams = []string{"actor", "from", "to", "before"}

// register shows every export that began, and how it ended.
func (s *Server) register(q *request) error {
	filter, err := trailFilter(q.QueryParams(), registerParams)
	if err != nil {
		return err
	}
	began := audit.Exports()
	filter.Action, filter.Outcome = began.Action, began.Outcome
	found, err := s.Trail.Find(q.ctx(), filter, exportsPerPage)
	if err != nil {
		return err
	}
	e := q.event(audit.AuditView)
	e.Rows, e.Facts, e.Term = int64(len(found.Seqs)), trailFacts(q.QueryParams()), filter.Actor
	e.Facts["page"] = "exports"
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	view, err := s.registerPage(q, receipt, found)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.Register(view))
}

// registerPage reads the exports with the receipt.
func (s *Server) registerPage(q *request, receipt audit.Receipt, found audit.Page) (templates.RegisterPage, error) {
	exports, err := s.Trail.Departures(q.ctx(), receipt, found.Seqs)
	if err != nil {
		return templates.RegisterPage{}, err
	}
	people, _, err := s.Trail.People(q.ctx(), receipt)
	if err != nil {
		return templates.RegisterPage{}, err
	}
	v := registerView{params: q.QueryParams(), exports: exports, found: found, people: people, running: s.running.all()}
	if v.reached, err = s.reached(q, receipt, found); err != nil {
		return templates.RegisterPage{}, err
	}
	return v.page(s.page(q, "Exports")), nil
}

// checkFile tells which export a file is, by its SHA-256. The check is a look at the register and recorded as one: with the
// hash and what was found, before it is shown.
func (s *Server) checkFile(q *request) error {
	sum, size, err := q.hashFile()
	if err != nil {
		return err
	}
	starts, err := s.Trail.ExportsOf(q.ctx(), sum)
	if err != nil {
		return err
	}
	e := q.event(audit.AuditView)
	e.Rows, e.Facts = int64(len(starts)), map[string]string{"page": "file-check", "sha256": sum, "exports": numbersOr(starts, "none")}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	same, err := s.Trail.Departures(q.ctx(), receipt, starts)
	if err != nil {
		return err
	}
	people, _, err := s.Trail.People(q.ctx(), receipt)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.Register(templates.RegisterPage{Page: s.page(q, "Exports"), Check: fileCheck(sum, size, same, people)}))
}

func numbersOr(seqs []int64, none string) string {
	words := make([]string, len(seqs))
	for i, seq := range seqs {
		words[i] = strconv.FormatInt(seq, 10)
	}
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ",")
}

// hashFile reads the one file of the form, as it comes in, and forgets it. Kinds apperr.Unprocessable, apperr.TooLarge.
func (q *request) hashFile() (sum string, size int64, err error) {
	r := q.Request()
	control := http.NewResponseController(q.Response())
	r.Body = &patientReader{from: r.Body, control: control, until: time.Now().Add(checkedWhole)}
	form, err := r.MultipartReader()
	if err != nil {
		return "", 0, noFile(err)
	}
	part, err := form.NextPart()
	if err != nil || part.FormName() != "file" || part.FileName() == "" {
		return "", 0, noFile(err)
	}
	hash := sha256.New()
	size, err = io.Copy(hash, io.LimitReader(part, maxChecked+1))
	switch {
	case err != nil:
		return "", 0, apperr.Wrap(apperr.Unprocessable, err, "The file did not come in whole, so nothing was compared.", "Send it again.")
	case size > maxChecked:
		return "", 0, apperr.New(apperr.TooLarge, "The file is larger than the portal checks.", "Compute its SHA-256 yourself (sha256sum) and look for it in the register.")
	}
	if err := noMore(form); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}

// noMore refuses a second file, which would go unchecked in silence.
func noMore(form *multipart.Reader) error {
	if _, err := form.NextPart(); !errors.Is(err, io.EOF) {
		return noFile(err)
	}
	return nil
}

func noFile(cause error) error {
	return apperr.Wrap(apperr.Unprocessable, cause, "The form holds no file, or more than one, so nothing was compared.", "Choose one file and send the form again.")
}

// patientReader gives a client some time for each stretch of what it sends, and an end to the whole.
type patientReader struct {
	from     io.ReadCloser
	control  *http.ResponseController
	until    time.Time
	extended time.Time
}

func (r *patientReader) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(r.extended) > checkedStretch/10 { // real time: the deadline is the network's
		r.extended = now
		deadline := now.Add(checkedStretch)
		if deadline.After(r.until) {
			deadline = r.until
		}
		_ = r.control.SetReadDeadline(deadline) // a connection without deadlines needs none
		_ = r.control.SetWriteDeadline(deadline.Add(checkedStretch))
	}
	return r.from.Read(p)
}

func (r *patientReader) Close() error { return r.from.Close() }
