package handlers

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/assure-portal/portal/web/templates"
)

// Aims of a sign-in that a signed-in person begins, as they stand in addresses.
const (
	aimAnew   = ""
	aimRoles  = "roles"
	aimReveal = "reveal"
)

// errRolesFirst marks a request whose person's roles the identity provider must confirm first.
var errRolesFirst = errors.New("the roles are to be confirmed first")

// signInAgain sends a signed-in person through the identity provider: to confirm roles, without being asked anything, or
// for the stronger sign-in that revealing needs, or for a session in place of this one.
func (s *Server) signInAgain(q *request, aim string) error {
	var address, token string
	var err error
	switch back := q.QueryParam("return"); aim {
	case aimRoles:
		if !s.Auth.CheckSoon(q.session) {
			return q.Redirect(http.StatusSeeOther, localPath(back))
		}
		address, token, err = s.Auth.BeginCheck(q.ctx(), q.session, back)
	case aimReveal:
		address, token, err = s.Auth.BeginStepUp(q.ctx(), q.session, back)
	case aimAnew:
		address, token, err = s.Auth.BeginAgain(q.ctx(), q.session, back)
	default:
		return badParameter("for")
	}
	if err != nil {
		return err
	}
	return s.toProvider(q, address, token)
}

func againHref(aim, back string) string {
	return "/auth/login?for=" + aim + "&return=" + url.QueryEscape(back)
}

func stepUpLink(q *request) *templates.Link {
	return &templates.Link{Label: "Sign in for it", Href: againHref(aimReveal, q.here())}
}

// rolesFirst decides whether a request has to wait for a confirmation of roles. A whole page goes on by itself and comes
// back, so it is taken a little early; nothing else is stopped before it is due. Signing out is always possible.
func (s *Server) rolesFirst(q *request, r route) bool {
	switch {
	case r.path == "/auth/logout":
		return false
	case wholePage(q.Request()):
		return s.Auth.CheckSoon(q.session)
	}
	return s.Auth.CheckDue(q.session)
}

// wholePage reports a request whose answer becomes the page in the window. Browsers that do not tell are taken at their word.
func wholePage(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return r.Method == http.MethodGet && r.Header.Get("HX-Request") != "true" && (dest == "" || dest == "document")
}

// askForRoles sends a page through the identity provider, asks htmx for a whole page, and gives a form back: a redirect
// would lose what was typed.
func (s *Server) askForRoles(q *request, r route) error {
	href := againHref(aimRoles, q.here())
	switch {
	case r.method != http.MethodGet:
		return s.giveFormBack(q)
	case q.Request().Header.Get("HX-Request") == "true":
		q.Response().Header().Set("HX-Redirect", href)
		return q.NoContent(http.StatusUnauthorized)
	case wholePage(q.Request()):
		return q.Redirect(http.StatusSeeOther, href)
	}
	return q.NoContent(http.StatusUnauthorized) // an image of a page; the next page confirms
}

// giveFormBack shows the posted form again, with the confirmation in a tab of its own beside it. A part of a page still
// stands where it was: there the words suffice.
func (s *Server) giveFormBack(q *request) error {
	if err := q.readForm(); err != nil {
		return q.render(statusOf(err), s.errorComponent(q, statusOf(err), err))
	}
	view := templates.SendAgainPage{Page: s.page(q, "Confirm your roles"), Status: http.StatusConflict, Heading: "Your roles are confirmed first",
		What: "The portal asks your identity provider for your roles every half hour. It is time, so nothing was done yet.",
		Hint: "Confirm them in a new tab, come back here and send the form again.", ConfirmHref: againHref(aimRoles, "/"), Action: q.Request().URL.RequestURI()}
	form := q.Request().PostForm
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			view.Fields = append(view.Fields, templates.HiddenField{Name: name, Value: value})
		}
	}
	if q.fragment() {
		return q.render(http.StatusConflict, templates.SendAgainFragment(view))
	}
	return q.render(http.StatusConflict, templates.SendAgain(view))
}
