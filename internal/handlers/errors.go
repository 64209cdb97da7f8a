package handlers

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/web/templates"
)

// statusOf maps what went wrong to the contract's status.
func statusOf(err error) int {
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return h.Code
	}
	if r, ok := errors.AsType[*refusal](err); ok && r.status != 0 {
		return r.status
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	switch apperr.KindOf(err) {
	case apperr.NotFound:
		return http.StatusNotFound
	case apperr.BadRequest:
		return http.StatusBadRequest
	case apperr.Unprocessable:
		return http.StatusUnprocessableEntity
	case apperr.Unauthenticated:
		return http.StatusUnauthorized
	case apperr.Forbidden:
		return http.StatusForbidden
	case apperr.TooLarge:
		return http.StatusRequestEntityTooLarge
	case apperr.Conflict:
		return http.StatusConflict
	case apperr.TrailClosed:
		return http.StatusServiceUnavailable
	case apperr.Upstream:
		return http.StatusBadGateway
	case apperr.Busy:
		return http.StatusTooManyRequests
	default:
		return http.StatusInternalServerError
	}
}

// fail writes the one answer to a failure: sign-in for a page without a session, else an error page or fragment.
func (s *Server) fail(q *request, r route, err error) error {
	if q.Response().Committed {
		panic(http.ErrAbortHandler) // a broken export must not look complete
	}
	if err == errForeignNavigation {
		return s.askToGoOn(q)
	}
	if err == errRolesFirst {
		return s.askForRoles(q, r)
	}
	if apperr.Is(err, apperr.Unauthenticated) {
		return s.sendToSignIn(q, r)
	}
	if recordErr := s.recordFailure(q, r, err); recordErr != nil {
		err = recordErr
	}
	status := statusOf(err)
	if again, ok := errors.AsType[*mistake](err); ok {
		return q.render(status, again.form)
	}
	if why, ok := errors.AsType[*refusal](err); ok && why.after > 0 {
		q.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(why.after.Seconds()))))
	} else if status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "request", q.id(), "route", r.path, "status", status, "error", err.Error())
	}
	return q.render(status, s.errorComponent(q, status, err))
}

// mistake is a form to be corrected: it is shown again with what is wrong.
type mistake struct {
	fault *apperr.Error
	form  templ.Component
}

func (m *mistake) Error() string { return m.fault.Error() }

// Unwrap gives the kind.
func (m *mistake) Unwrap() error { return m.fault }

// recordFailure leaves a record of an act that was allowed and failed before it was recorded.
func (s *Server) recordFailure(q *request, r route, err error) error {
	if q.recorded || r.action == "" || q.role == "" || apperr.Is(err, apperr.TrailClosed) {
		return nil
	}
	e := q.event(r.action)
	e.Outcome = audit.Failed
	e.Facts = map[string]string{"status": http.StatusText(statusOf(err)), "route": r.path}
	_, appendErr := q.record(s.aboutPath(q, e))
	return appendErr
}

// sendToSignIn sends a page to the sign-in and asks htmx for a full navigation, so that no form lands inside a page.
func (s *Server) sendToSignIn(q *request, r route) error {
	login := "/auth/login?return=" + url.QueryEscape(q.here())
	if q.Request().Header.Get("HX-Request") == "true" {
		q.Response().Header().Set("HX-Redirect", login)
		return q.NoContent(http.StatusUnauthorized)
	}
	if r.method == http.MethodGet && foreignNavigation(q.Request()) {
		return s.signedOut(q) // sent on at once, whoever comes from a sign-out would land in a sign-in
	}
	if r.method == http.MethodGet {
		return q.Redirect(http.StatusSeeOther, login)
	}
	err := apperr.New(apperr.Unauthenticated, "You are not signed in, so nothing was changed.", "Sign in and send the form again.")
	return q.render(http.StatusUnauthorized, s.errorComponent(q, http.StatusUnauthorized, err))
}

// headings are the few words on top of an error page.
var headings = map[int]string{
	http.StatusBadRequest: "That address cannot be understood", http.StatusNotFound: "Not found",
	http.StatusMethodNotAllowed: "That cannot be done here", http.StatusForbidden: "Not allowed",
	http.StatusRequestEntityTooLarge: "Too much at once", http.StatusUnprocessableEntity: "Something in the form needs correcting",
	http.StatusServiceUnavailable: "The audit trail is closed", http.StatusBadGateway: "Assure did not answer as expected",
	http.StatusConflict: "That cannot be done now", http.StatusTooManyRequests: "Too many requests", http.StatusUnauthorized: "Not signed in",
}

func (s *Server) errorView(q *request, status int, err error) templates.ErrorPage {
	page := templates.ErrorPage{Page: s.page(q, "Error"), Status: status, Heading: headings[status]}
	page.Term = "" // a name: whoever follows a link to a search need not have typed it, and no record says that it was shown
	if page.Heading == "" {
		page.Heading = "Something went wrong in the portal"
	}
	if status == http.StatusBadRequest {
		page.Here = "/" // not the address that could not be read
	}
	page.What, page.Hint = publicWords(status, err)
	page.Back = &templates.Link{Label: "To the start page", Href: "/"}
	if !page.SignedIn {
		page.Back = &templates.Link{Label: "Sign in", Href: "/auth/login"}
	}
	explain(&page, err)
	return page
}

// publicWords are what a person may read of an error: its own message, never its cause.
func publicWords(status int, err error) (what, hint string) {
	if e, ok := errors.AsType[*apperr.Error](err); ok && e.Kind != apperr.Internal {
		return e.Message, e.Hint
	}
	switch status {
	case http.StatusNotFound:
		return "There is no page at this address.", "Check the address, or start again from the start page."
	case http.StatusMethodNotAllowed:
		return "This address does not take that kind of request.", "Go back and use the page's own links and buttons."
	case http.StatusRequestEntityTooLarge:
		return "The form is larger than the portal takes.", "Send at most 1,000 ids at once."
	}
	return "Nothing was changed. The fault is in the portal, not in what you did.",
		"Try again. If it happens again, tell your administrator the request id below."
}

// routerError answers what reached no handler: unknown paths, foreign methods, requests of another origin.
func (s *Server) routerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	q := &request{Context: c, server: s}
	if h := c.Response().Header(); h.Get(echo.HeaderAllow) != "" {
		h.Set(echo.HeaderAllow, strings.TrimPrefix(h.Get(echo.HeaderAllow), "OPTIONS, ")) // echo always lists it
	}
	if s.authenticate(q) == nil {
		if recordErr := s.recordOutside(q, statusOf(err)); recordErr != nil {
			err = recordErr
		}
	} else if limited := s.limitAddress(q, "stranger", strangers); limited != nil {
		err = limited
	}
	if failErr := s.fail(q, route{method: c.Request().Method, permission: auth.Anyone}, err); failErr != nil {
		s.Log.Error("error page failed", "request", q.id(), "error", failErr.Error())
	}
}

// recordOutside records that a signed-in person's request was refused before it reached a handler. An unknown address
// is no refusal.
func (s *Server) recordOutside(q *request, status int) error {
	reason := map[int]string{http.StatusMethodNotAllowed: "method", http.StatusForbidden: "origin"}[status]
	if reason == "" {
		return nil
	}
	e := q.event(audit.AccessRefused)
	e.Outcome = audit.Refused
	e.Facts = map[string]string{"method": methodName(q.Request().Method), "route": q.Path(), "reason": reason}
	_, err := q.record(e)
	return err
}

// methodName keeps a made-up method out of records and metrics.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return method
	}
	return "other"
}
