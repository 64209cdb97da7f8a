package handlers

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/web/templates"
)

// AddUnaudited adds, below /unaudited, process page and search as they would be without their record, for a benchmark to
// compare with. They use the receipt of the first like access again and again, as if within its request: the program has no
// way to do without one.
func (s *Server) AddUnaudited() {
	var u unaudited
	for _, r := range []route{
		{"GET", "/unaudited/processes/:id", auth.SearchAndRead, audit.ProcessView, u.process},
		{"GET", "/unaudited/processes", auth.SearchAndRead, audit.ProcessSearch, u.search},
	} {
		s.echo.Add(r.method, r.path, s.adapt(r))
	}
}

type unaudited struct{ receipts sync.Map }

func (u *unaudited) receipt(q *request, e audit.Event) (audit.Receipt, error) {
	key := fmt.Sprint(e.Action, e.Process, e.Classes, e.Shown)
	if found, ok := u.receipts.Load(key); ok {
		first := found.(firstAccess)
		q.recorded = true
		q.SetRequest(q.Request().WithContext(audit.ForRequest(q.ctx(), first.request)))
		return first.receipt, nil
	}
	r, err := q.record(e)
	u.receipts.Store(key, firstAccess{r, e.RequestID})
	return r, err
}

type firstAccess struct {
	receipt audit.Receipt
	request string
}

// process is Server.process but for its record.
func (u *unaudited) process(q *request) error {
	head, err := q.server.headOf(q, "tree")
	if err != nil {
		return err
	}
	e := about(q.event(audit.ProcessView), head)
	e.Classes = q.eyes().classesSeen()
	receipt, err := u.receipt(q, e)
	if err != nil {
		return err
	}
	view, err := q.server.processView(q, receipt, head, q.eyes())
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.Process(view))
}

// search is Server.search but for its record.
func (u *unaudited) search(q *request) error {
	s, params := q.server, q.QueryParams()
	query, typed, err := s.parseQuery(q.ctx(), params, searchParams)
	if err != nil {
		return err
	}
	q.term = typed
	found, err := s.Store.Search(q.ctx(), query)
	if err != nil {
		return err
	}
	e := q.event(audit.ProcessSearch)
	e.Term, e.Shown, e.Rows, e.Facts = q.term, found.IDs, int64(found.Total), searchFacts(params)
	e.Classes = q.eyes().classesSeen()
	receipt, err := u.receipt(q, e)
	if err != nil {
		return err
	}
	rows, err := s.Store.Rows(q.ctx(), receipt, found.IDs)
	if err != nil {
		return err
	}
	fresh, err := s.Store.Freshness(q.ctx())
	if err != nil {
		return err
	}
	saved, err := s.Store.SavedSearches(q.ctx(), q.owner())
	if err != nil {
		return err
	}
	view := searchView{params: params, query: query, found: found, rows: rows, fresh: fresh, eyes: q.eyes(), trail: q.may(auth.ReadTrail), now: s.Now(), saved: saved}.page(s.page(q, "Processes"))
	view.Columns = q.columnChoice()
	view.CSVHref, view.CSVIdentityHref = exportLinks(q, params)
	return q.render(http.StatusOK, templates.Search(view))
}
