package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// recordsPerPage is how many records one page of the trail holds.
const recordsPerPage = 100

// trail shows a page of records; looking is itself a record.
func (s *Server) trail(q *request) error {
	filter, err := trailFilter(q.QueryParams(), trailParams)
	if err != nil {
		return err
	}
	found, err := s.Trail.Find(q.ctx(), filter, recordsPerPage)
	if err != nil {
		return err
	}
	e := q.event(audit.AuditView)
	e.Rows, e.Facts, e.Term = int64(len(found.Seqs)), trailFacts(q.QueryParams()), filter.Actor
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	records, err := s.Trail.Records(q.ctx(), receipt, found.Seqs)
	if err != nil {
		return err
	}
	people, _, err := s.Trail.People(q.ctx(), receipt)
	if err != nil {
		return err
	}
	v := trailView{params: q.QueryParams(), records: records, found: found, people: people, purposes: s.Auth.Purposes(), state: s.Trail.State(), now: s.Now()}
	if v.reached, err = s.reached(q, receipt, found); err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.Trail(v.page(s.page(q, "Audit trail"))))
}

// reached is when the record was made up to which a page that ends early has looked.
func (s *Server) reached(q *request, receipt audit.Receipt, found audit.Page) (time.Time, error) {
	if !found.Partial {
		return time.Time{}, nil
	}
	last, err := s.Trail.Records(q.ctx(), receipt, []int64{found.Older})
	if err != nil || len(last) == 0 {
		return time.Time{}, err
	}
	return last[0].Time, nil
}

// trailParams are the query parameters of the trail.
var trailParams = []string{"actor", "action", "outcome", "process", "dossier", "purpose", "from", "to", "before"}

// Query parameters of the trail's two exports.
var (
	trailCSVParams = append(slices.Clone(trailParams), "with", "delimiter")
	trailZipParams = append(slices.Clone(trailCSVParams), "leaves")
)

// trailFilter reads the query parameters, of which known is all there may be.
func trailFilter(params url.Values, known []string) (audit.Filter, error) {
	for name := range params {
		if !slices.Contains(known, name) {
			return audit.Filter{}, badTrailParameter("unknown")
		}
	}
	f := audit.Filter{Actor: params.Get("actor"), Action: params.Get("action"), Outcome: params.Get("outcome"),
		Process: params.Get("process"), Dossier: params.Get("dossier"), Purpose: params.Get("purpose")}
	if err := checkTrailCodes(f); err != nil {
		return f, err
	}
	var err error
	if f.From, err = parseMoment(params.Get("from"), 0); err != nil {
		return f, badTrailParameter("from")
	}
	if f.To, err = parseMoment(params.Get("to"), 24*time.Hour); err != nil {
		return f, badTrailParameter("to")
	}
	if text := params.Get("before"); text != "" {
		if f.Before, err = strconv.ParseInt(text, 10, 64); err != nil || f.Before < 1 {
			return f, badTrailParameter("before")
		}
	}
	return f, nil
}

// checkTrailCodes refuses what is no code. The filters stand in the leaf of the record for good, so that nothing that
// somebody typed may get there, such as a name in place of an id.
func checkTrailCodes(f audit.Filter) error {
	switch {
	case f.Action != "" && slices.ContainsFunc(strings.Split(f.Action, ","), unknownAction):
		return badTrailParameter("action")
	case f.Dossier != "" && !idPattern.MatchString(f.Dossier):
		return badTrailParameter("dossier")
	case f.Process != "" && !idPattern.MatchString(f.Process):
		return badTrailParameter("process")
	case f.Purpose != "" && !purposePattern.MatchString(f.Purpose):
		return badTrailParameter("purpose")
	}
	switch audit.Outcome(f.Outcome) {
	case "", audit.OK, audit.Refused, audit.Failed, audit.Unknown:
		return nil
	}
	return badTrailParameter("outcome")
}

func unknownAction(name string) bool { return !slices.Contains(audit.Actions(), audit.Action(name)) }

// purposePattern is what the configuration takes as a purpose. Records may hold one that is no longer configured.
var purposePattern = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// parseMoment reads a UTC day or a time; a day as an end means its last moment, so the span is added.
func parseMoment(text string, span time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Add(span), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err
}

func badTrailParameter(name string) error {
	return apperr.New(apperr.BadRequest, "The address has a parameter that the trail cannot read ("+name+").", "Start again from the audit trail.")
}

// trailFacts are the filters in force. Whom one looked for may be a name, so it stands in the erasable term.
func trailFacts(params url.Values) map[string]string {
	facts := map[string]string{}
	for _, name := range trailParams {
		if v := params.Get(name); v != "" {
			facts[name] = v
		}
	}
	if facts["actor"] != "" {
		facts["actor"] = "given"
	}
	return facts
}

// record shows one record whole, with its proof.
func (s *Server) record(q *request) error {
	seq, err := s.seqOf(q.Param("seq"))
	if err != nil {
		return err
	}
	e := q.event(audit.AuditView)
	e.Rows, e.Facts = 1, map[string]string{"seq": strconv.FormatInt(seq, 10)}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	records, err := s.Trail.Records(q.ctx(), receipt, []int64{seq})
	if err != nil {
		return err
	}
	if len(records) != 1 {
		return fmt.Errorf("record %d is below the trail's size and was not found", seq)
	}
	proof, err := s.Trail.Prove(q.ctx(), seq)
	if err != nil {
		return err
	}
	v := recordView{record: records[0], proof: proof, size: s.Trail.State().Size, base: s.BaseURL}
	if v.near, err = s.near(q, records[0]); err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.Record(v.page(s.page(q, "Record"))))
}

// measures are what a record has neighbours by, beside its number.
func measures(r audit.Record) []measure {
	all := []measure{{"by the same person", audit.Filter{Actor: r.Actor}}, {"about the same process", audit.Filter{Process: r.ProcessID}},
		{"of the same action", audit.Filter{Action: string(r.Action)}}}
	return slices.DeleteFunc(all, func(m measure) bool { return m.filter == audit.Filter{} })
}

type measure struct {
	words  string
	filter audit.Filter
}

// near finds a record's neighbours by each measure.
func (s *Server) near(q *request, r audit.Record) (links []templates.Link, err error) {
	for _, m := range measures(r) {
		before, after, err := s.Trail.Neighbours(q.ctx(), m.filter, r.Seq)
		if err != nil {
			return nil, err
		}
		if before >= 0 {
			links = append(links, templates.Link{Label: "Before, " + m.words, Href: recordHref(before)})
		}
		if after >= 0 {
			links = append(links, templates.Link{Label: "After, " + m.words, Href: recordHref(after)})
		}
	}
	return links, nil
}

func recordHref(seq int64) string { return "/audit/" + strconv.FormatInt(seq, 10) }

// seqOf reads the number of a record as the portal itself writes it.
func (s *Server) seqOf(text string) (int64, error) {
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(seq, 10) != text || seq < 0 || seq >= s.Trail.State().Size {
		return 0, apperr.New(apperr.NotFound, "There is no such record.", "Records are numbered from 0 without gaps; open the trail and choose one.")
	}
	return seq, nil
}

func (s *Server) checkpoint(q *request) error {
	text, err := s.Trail.Checkpoint(q.ctx())
	if err != nil {
		return err
	}
	return q.String(http.StatusOK, text)
}

func (s *Server) verifierKey(q *request) error {
	return q.String(http.StatusOK, s.Trail.VerifierKey()+"\n")
}
