package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

func (q *request) owner() store.Owner {
	return store.Owner{Issuer: q.session.Issuer, Subject: q.session.Subject}
}

// saveSearch keeps the list that one was looking at under a name, and shows it again.
func (s *Server) saveSearch(q *request) error {
	params, err := listParams(q.post("list"))
	if err != nil {
		return err
	}
	if _, _, err := s.parseQuery(q.ctx(), params, searchParams); err != nil {
		return err
	}
	err = q.change(q.event(audit.SettingsChanged), "saved-search", "saved", func() error {
		_, err := s.Store.SaveSearch(q.ctx(), q.owner(), q.post("name"), params.Encode(), params.Get("s"), s.Now())
		return err
	})
	if err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, withQuery("/processes", params))
}

// listParams reads the query of a list, and leaves the place in its pages out.
func listParams(list string) (url.Values, error) {
	params, err := url.ParseQuery(list)
	if err != nil || len(list) > maxReturn {
		return nil, apperr.New(apperr.BadRequest, "This is not the address of a list.", "Start again from the search page.")
	}
	params.Del("after")
	params.Del("before")
	return params, nil
}

// deleteSearch removes a saved search of the person who asks.
func (s *Server) deleteSearch(q *request) error {
	err := q.change(q.event(audit.SettingsChanged), "saved-search", "deleted", func() error {
		return s.Store.DeleteSearch(q.ctx(), q.owner(), q.Param("search"), s.Now())
	})
	if err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, localPath(q.post("return")))
}

// change records what happens to something that people choose, before it does and how it ended. Of a saved search the name
// stands in no record.
func (q *request) change(e audit.Event, what, how string, do func() error) error {
	e.Facts, e.Outcome = map[string]string{what: how}, audit.Unknown
	if _, err := q.record(e); err != nil {
		return err
	}
	err := do()
	e.Outcome = audit.OK
	if err != nil {
		e.Outcome = audit.Failed
	}
	if _, recordErr := q.record(e); err == nil {
		err = recordErr
	}
	return err
}

// savedLinks are the reader's saved searches; the one that is shown now is the current one.
func (v searchView) savedLinks() (links []templates.SavedLink) {
	for _, s := range v.saved {
		href := "/processes"
		if s.Query != "" {
			href += "?" + s.Query
		}
		links = append(links, templates.SavedLink{Name: s.Name, Href: href, DeleteHref: "/processes/saved/" + s.ID + "/delete", Current: s.Query == v.list()})
	}
	return links
}

// list is the query of this list without a place in its pages.
func (v searchView) list() string { return v.without("after", "before").Encode() }

// columns of the list that may be hidden, in their order; those of the design are shown until a reader chooses.
var columns = []struct {
	code, label string
	usual       bool
}{{"updated", "Last changed", false}, {"status", "Status", true}, {"provider", "Provider", true}, {"born", "Born", true}, {"document", "Document", true},
	{"country", "Country", true}, {"reference", "Reference", false}, {"dossier", "Dossier", false}, {"look", "Look at", true}}

// columnsAge is how long a browser remembers the columns, in seconds: a year.
const columnsAge = 365 * 24 * 60 * 60

// chooseColumns remembers in the browser which columns are shown: codes, nothing personal.
func (s *Server) chooseColumns(q *request) error {
	q.SetCookie(s.cookie(s.cookies.columns, columnCodes(q.Request().PostForm["column"]), columnsAge, http.SameSiteStrictMode))
	return q.Redirect(http.StatusSeeOther, localPath(q.post("return")))
}

// columnCodes are the known ones of a choice, behind a mark that tells an empty choice from none.
func columnCodes(chosen []string) string {
	var text strings.Builder
	text.WriteString("v1")
	for _, c := range columns {
		if slices.Contains(chosen, c.code) {
			text.WriteString("." + c.code)
		}
	}
	return text.String()
}

// columnChoice reads the cookie; anything but a choice of ours means the usual columns.
func (q *request) columnChoice() (choice []templates.ColumnChoice) {
	var chosen []string
	if cookie, err := q.Cookie(q.server.cookies.columns); err == nil {
		chosen = strings.Split(cookie.Value, ".")
	}
	remembered := len(chosen) > 0 && chosen[0] == "v1"
	for _, c := range columns {
		shown := c.usual
		if remembered {
			shown = slices.Contains(chosen, c.code)
		}
		choice = append(choice, templates.ColumnChoice{Code: c.code, Label: c.label, Shown: shown})
	}
	return choice
}
