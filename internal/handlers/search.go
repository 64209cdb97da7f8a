package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// maxIDs is how many pasted ids one search takes (contract).
const maxIDs = 1000

// searchParams are the query parameters of GET /processes; any other is refused.
var searchParams = []string{"s", "as", "status", "provider", "type", "relation", "finding", "nationality", "country", "way_in", "ending",
	"from", "to", "updated_from", "updated_to", "within", "sort", "after", "before"}

// repeatableParams may stand more than once: their values are alternatives. Of any other, a second one would be ignored in silence.
var repeatableParams = []string{"status", "provider", "type", "relation", "finding", "nationality", "country", "way_in", "ending"}

// exportParams are the query parameters of GET /processes.csv.
var exportParams = append(slices.Clone(searchParams), "with", "delimiter")

// search shows one page of results: ids and counts first, then the record with the ids shown, then their rows.
func (s *Server) search(q *request) error {
	params := q.QueryParams()
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
	receipt, err := q.record(e)
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
	view := searchView{params: params, query: query, found: found, rows: rows, fresh: fresh, eyes: q.eyes(), trail: q.may(auth.ReadTrail), asks: s.Sync != nil && q.may(auth.Refresh), now: s.Now(), saved: saved}.page(s.page(q, "Processes"))
	view.Columns = q.columnChoice()
	view.CSVHref, view.CSVIdentityHref = exportLinks(q, params)
	if q.may(auth.ReadTrail) {
		view.ExportsHref = "/audit/exports"
	}
	if q.fragment() && q.Request().Header.Get("HX-Target") == "results" {
		return q.render(http.StatusOK, templates.SearchResults(view))
	}
	return q.render(http.StatusOK, templates.Search(view))
}

func (q *request) eyes() eyes { return eyes{roles: q.session.Roles} }

// postSearch keeps the posted term under an opaque id, so that no term ever stands in a URL.
func (s *Server) postSearch(q *request) error {
	params := postedFilters(q.Request().PostForm)
	q.term = q.post("q") // kept as typed: so it stands in the trail
	if err := checkTerm(q.term); err != nil {
		return err
	}
	if strings.TrimSpace(q.term) != "" {
		id, err := s.Store.SaveTerm(q.ctx(), q.term, s.Now())
		if err != nil {
			return err
		}
		params.Set("s", id)
	}
	return q.Redirect(http.StatusSeeOther, withQuery("/processes", params)) // recorded where it is shown
}

// postedFilters are the filters of the form; an older term and a place in the pages belong to another search.
func postedFilters(form url.Values) url.Values {
	params := url.Values{}
	for _, name := range searchParams {
		if name == "s" || name == "as" || name == "after" || name == "before" {
			continue
		}
		for _, v := range form[name] {
			if v != "" {
				params.Add(name, v)
			}
		}
	}
	return params
}

// maxTerm bounds a term in bytes as JSON, the form in which the record of the search keeps it: audit takes 128 KiB.
const maxTerm = 120 << 10

func checkTerm(term string) error {
	if len(pastedIDs(term)) > maxIDs {
		return apperr.New(apperr.Unprocessable, "These are more than 1,000 ids.", "Paste at most 1,000, one a line.")
	}
	encoded, err := json.Marshal(term)
	if err != nil || len(encoded) > maxTerm {
		return apperr.New(apperr.Unprocessable, "This is longer than a search takes.", "Search for a part of it.")
	}
	return nil
}

// pastedIDs are the lines of a term of several lines; nil for a term of one.
func pastedIDs(term string) []string {
	var ids []string
	for line := range strings.Lines(term) {
		if id := strings.TrimSpace(line); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) < 2 {
		return nil
	}
	return ids
}

// parseQuery reads the query parameters, of which known is all there may be; the term comes from the portal's own table, and is
// given as it was typed, too.
func (s *Server) parseQuery(ctx context.Context, params url.Values, known []string) (query store.Query, typed string, err error) {
	for name, values := range params {
		if !slices.Contains(known, name) || len(values) > 1 && !slices.Contains(repeatableParams, name) {
			return query, "", badParameter(name)
		}
	}
	query = store.Query{
		Status: params["status"], Provider: params["provider"], Type: params["type"], Relation: params["relation"],
		Finding: params["finding"], Nationality: params["nationality"], Country: params["country"],
		WayIn: params["way_in"], Ending: params["ending"], Sort: params.Get("sort"), As: params.Get("as"), After: params.Get("after"), Before: params.Get("before"),
	}
	if err := parseDates(params, &query); err != nil {
		return query, "", err
	}
	typed, err = s.typedTerm(ctx, params.Get("s"))
	if query.IDs = pastedIDs(typed); query.IDs == nil {
		query.Term = strings.TrimSpace(typed)
	}
	return query, typed, err
}

// typedTerm is the posted term behind an opaque id.
func (s *Server) typedTerm(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	term, err := s.Store.Term(ctx, id)
	if apperr.Is(err, apperr.NotFound) {
		return "", apperr.New(apperr.BadRequest, "This search has expired: the portal keeps a term for 30 days.", "Type it again.")
	}
	return term, err
}

func parseDates(params url.Values, query *store.Query) error {
	for name, into := range map[string]*time.Time{"from": &query.From, "to": &query.To,
		"updated_from": &query.UpdatedFrom, "updated_to": &query.UpdatedTo} {
		text := params.Get(name)
		if text == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return badParameter(name)
		}
		*into = day
	}
	return parseWithin(params.Get("within"), query)
}

// parseWithin reads "7d": the last seven days.
func parseWithin(text string, query *store.Query) error {
	if text == "" {
		return nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 1 || days > 3660 {
		return badParameter("within")
	}
	query.Within = time.Duration(days) * 24 * time.Hour
	return nil
}

func badParameter(name string) error {
	if !slices.Contains(searchParams, name) {
		name = "unknown"
	}
	return apperr.New(apperr.BadRequest, "The address has a parameter that this page cannot read ("+name+").",
		"Start again from the search page.")
}

// searchFacts are the filters in force: codes and dates, nothing personal. The opaque id of the term says that there was one.
func searchFacts(params url.Values) map[string]string {
	facts := map[string]string{}
	for _, name := range searchParams {
		if values := params[name]; len(values) > 0 && name != "after" && name != "before" {
			facts[name] = codes(values)
		}
	}
	if params.Has("after") || params.Has("before") {
		facts["page"] = "further"
	}
	return facts
}

// codePattern is what a fact may hold of an address: facts stand in the leaf for good, and anything can be typed there.
var codePattern = regexp.MustCompile(`^[A-Za-z0-9:_.-]{1,64}$`)

func codes(values []string) string {
	known := make([]string, len(values))
	for i, v := range values {
		known[i] = v
		if !codePattern.MatchString(v) {
			known[i] = "(no code)"
		}
	}
	return strings.Join(known, ",")
}

// withQuery joins a path and parameters.
func withQuery(path string, params url.Values) string {
	if len(params) == 0 {
		return path
	}
	return path + "?" + params.Encode()
}
