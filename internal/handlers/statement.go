package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// maxStated is how many processes one statement is about.
const maxStated = 50

// statementParams are the query parameters of the access statement. process and dossier may stand several times, or hold
// several ids separated by spaces, as its form sends them.
var statementParams = []string{"process", "dossier", "from", "to"}

// statement says when and for what purpose processes were opened, listed and exported, without naming anybody of the staff.
func (s *Server) statement(q *request) error {
	params := q.QueryParams()
	asked, err := parseStatement(params)
	if err != nil {
		return err
	}
	if len(asked.processes)+len(asked.dossiers) == 0 {
		q.recorded = true // a form without data
		return q.render(http.StatusOK, templates.Statement(templates.StatementPage{Page: s.page(q, "Access statement"), Form: asked.form()}))
	}
	ids, err := s.statedProcesses(q, asked)
	if err != nil {
		return err
	}
	receipt, err := q.record(asked.about(q.event(audit.AuditView), ids))
	if err != nil {
		return err
	}
	v := statementView{asked: asked, now: s.Now()}
	for _, id := range ids {
		one, err := s.stated(q, receipt, id, asked)
		if err != nil {
			return err
		}
		v.processes = append(v.processes, one)
	}
	return q.render(http.StatusOK, templates.Statement(v.page(s.page(q, "Access statement"))))
}

// statementQuery is what a statement is asked for.
type statementQuery struct {
	processes, dossiers []string
	from, to            time.Time
	params              url.Values
}

func parseStatement(params url.Values) (statementQuery, error) {
	asked := statementQuery{params: params}
	for name := range params {
		if !slices.Contains(statementParams, name) {
			return asked, badTrailParameter("unknown")
		}
	}
	asked.processes, asked.dossiers = idsIn(params["process"]), idsIn(params["dossier"])
	for _, id := range slices.Concat(asked.processes, asked.dossiers) {
		if !idPattern.MatchString(id) {
			return asked, badTrailParameter("process or dossier")
		}
	}
	var err error
	if asked.from, err = parseMoment(params.Get("from"), 0); err != nil {
		return asked, badTrailParameter("from")
	}
	if asked.to, err = parseMoment(params.Get("to"), 24*time.Hour); err != nil {
		return asked, badTrailParameter("to")
	}
	return asked, nil
}

// idsIn are the words in some values, each once, in their order.
func idsIn(values []string) (ids []string) {
	for _, value := range values {
		for id := range strings.FieldsSeq(value) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (a statementQuery) form() templates.StatementForm {
	return templates.StatementForm{Process: strings.Join(a.processes, " "), Dossier: strings.Join(a.dossiers, " "), From: a.params.Get("from"), To: a.params.Get("to")}
}

// about ties the record to the processes: one as its own, several as a list that shows them, so that either way the trail
// finds it by each of them.
func (a statementQuery) about(e audit.Event, ids []string) audit.Event {
	e.Rows, e.Facts = int64(len(ids)), map[string]string{"page": "statement", "from": a.params.Get("from"), "to": a.params.Get("to"),
		"dossiers": strings.Join(a.dossiers[:min(len(a.dossiers), maxStated)], ",")}
	if len(ids) == 1 {
		e.Process.ID = ids[0]
		if len(a.dossiers) == 1 && len(a.processes) == 0 {
			e.Process.DossierID = a.dossiers[0]
		}
		return e
	}
	e.Shown = ids
	return e
}

// statedProcesses adds the processes of the dossiers, whether they are held or only stand in the trail.
func (s *Server) statedProcesses(q *request, asked statementQuery) ([]string, error) {
	ids := slices.Clone(asked.processes)
	for _, dossier := range asked.dossiers {
		held, err := s.Store.OfDossier(q.ctx(), dossier)
		if err != nil {
			return nil, err
		}
		recorded, err := s.Trail.ProcessesOf(q.ctx(), dossier)
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Concat(held, recorded) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) > maxStated {
		return nil, apperr.New(apperr.BadRequest, "These are "+strconv.Itoa(len(ids))+" processes, more than one statement takes.",
			"Ask for at most "+strconv.Itoa(maxStated)+" at once.")
	}
	return ids, nil
}

// stated is what the trail knows of one process, with the exports that may have held it.
type stated struct {
	audit.Statement
	dossier string
}

func (s *Server) stated(q *request, receipt audit.Receipt, id string, asked statementQuery) (stated, error) {
	one, err := s.Trail.Statement(q.ctx(), receipt, id, asked.from, asked.to)
	if err != nil {
		return stated{}, err
	}
	head, err := s.Store.Head(q.ctx(), id, 0)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return stated{}, err
	}
	held, err := s.Store.Footprint(q.ctx(), id)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return stated{}, err
	}
	one.Handouts = slices.DeleteFunc(one.Handouts, func(h audit.Handout) bool { return !mayHaveHeld(h, held) })
	return stated{one, head.DossierID}, nil
}

// mayHaveHeld leaves out an export of processes whose filters the process never met; of the trail's the trail has said so.
func mayHaveHeld(h audit.Handout, held store.Footprint) bool {
	return h.Action == audit.AuditExport || held.MayHaveHeld(h.Facts)
}
