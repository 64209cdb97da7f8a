package handlers

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/web/templates"
)

// page builds what every page has around it. title is never personal.
func (s *Server) page(q *request, title string) templates.Page {
	p := s.anonymousPage(q, title)
	if len(q.session.Roles) == 0 {
		return p
	}
	p.SignedIn, p.Person, p.Roles = true, q.session.Name, rolesInWords(q.session.Roles)
	p.Nav, p.Term = s.navigation(q), q.term
	p.CanSearch = q.may(auth.SearchAndRead)
	if p.CanSearch {
		p.Purposes, p.Case = purposeOptions(s.Auth.Purposes(), q.session.Purpose), cmp.Or(q.typedCase, q.session.Case)
	}
	p.Here, p.Alert = q.here(), s.alertNote(q)
	if err := s.Trail.Ready(); err != nil {
		p.TrailNote = "The audit trail cannot take records now, so no page with personal data is shown."
	}
	p.Printed = "Printed by " + q.session.Name + " (" + p.Roles + ") from a page made on " + instant(s.Now()).Words
	return p
}

// here is the address to come back to. What a form was posted to is no page: then it is the process it was about.
func (q *request) here() string {
	if q.Request().Method == http.MethodGet {
		return q.Request().URL.RequestURI()
	}
	if id := q.Param("id"); idPattern.MatchString(id) {
		return "/processes/" + id
	}
	return "/"
}

func (s *Server) anonymousPage(q *request, title string) templates.Page {
	return templates.Page{Title: title, RequestID: q.id(), Demo: s.Demo}
}

// navigation lists only what the person's roles may open.
func (s *Server) navigation(q *request) []templates.NavItem {
	all := []struct {
		label, href string
		permission  auth.Permission
	}{
		{"Processes", "/processes", auth.SearchAndRead},
		{"Completeness", "/completeness", auth.SeeCompleteness},
		{"Audit trail", "/audit", auth.ReadTrail},
		{"Administration", "/admin", auth.Administer},
	}
	var items []templates.NavItem
	path := q.Request().URL.Path
	for _, n := range all {
		if q.may(n.permission) {
			items = append(items, templates.NavItem{Label: n.label, Href: n.href, Current: strings.HasPrefix(path, n.href)})
		}
	}
	return items
}

func rolesInWords(roles []auth.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = strings.ToUpper(string(r[:1])) + string(r[1:])
	}
	return strings.Join(words, ", ")
}

// purposeWords turns a purpose code into words: "periodic-review" into "Periodic review".
func purposeWords(code string) string {
	if code == "" {
		return ""
	}
	words := strings.ReplaceAll(code, "-", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func purposeOptions(codes []string, selected string) []templates.Option {
	options := make([]templates.Option, len(codes))
	for i, code := range codes {
		options[i] = templates.Option{Value: code, Label: purposeWords(code), Selected: code == selected}
	}
	return options
}

// home sends each person to the page that fits the role.
func (s *Server) home(q *request) error {
	for _, start := range []struct {
		permission auth.Permission
		href       string
	}{{auth.SearchAndRead, "/processes"}, {auth.Administer, "/admin"}} {
		if q.may(start.permission) {
			return q.Redirect(http.StatusSeeOther, start.href)
		}
	}
	return apperr.New(apperr.Forbidden, "Your roles open no page of the portal.", "Ask whoever manages roles in your identity provider.")
}

func (s *Server) help(q *request) error {
	return q.render(http.StatusOK, templates.Help(templates.HelpPage{Page: s.page(q, "Help")}))
}

// purpose changes the working purpose of this session and goes back to where the form stood.
func (s *Server) purpose(q *request) error {
	q.typedCase = strings.TrimSpace(q.post("case"))
	if err := s.Auth.SetPurpose(q.ctx(), q.session, q.post("purpose"), q.typedCase); err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, localPath(q.post("return")))
}

// maxReturn bounds a return address in bytes.
const maxReturn = 2000

// localPath keeps a return address inside the portal. Browsers read "//host" and "/\host" as another host, and drop tabs
// and line ends first.
func localPath(path string) string {
	control := func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' }
	if len(path) > maxReturn || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, control) {
		return "/"
	}
	return path
}

// authRequest is what the sign-in steps need of a request.
func (q *request) authRequest() auth.Request {
	return auth.Request{Address: q.RealIP(), RequestID: q.id()}
}

// errorComponent is the failure as a page, or as a fragment for htmx.
func (s *Server) errorComponent(q *request, status int, err error) templ.Component {
	view := s.errorView(q, status, err)
	if q.fragment() {
		return templates.ErrorFragment(view)
	}
	return templates.Error(view)
}
