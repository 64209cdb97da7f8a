package handlers

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/internal/tracing"
)

// request is one request on its way through a handler: echo's context, who asks, and in which role.
type request struct {
	echo.Context
	server   *Server
	session  auth.Session
	role     auth.Role // the role that gave the right to this route
	recorded bool      // the request has left its record

	// What was typed stands in its form again when the page is shown.
	term, typedCase string
}

// adapt puts session, permission and failure handling around a handler.
func (s *Server) adapt(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		q := &request{Context: c, server: s}
		if err := s.run(q, r); err != nil {
			return s.fail(q, r, err)
		}
		return nil
	}
}

// run admits the request and handles it. A panic becomes an error, so that what a person did is recorded all the same;
// a deliberate abort passes on to net/http.
func (s *Server) run(q *request, r route) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.Log.Error("panic", "request", q.id(), "route", r.path, "stack", string(debug.Stack()))
		err = apperr.New(apperr.Internal, "panic", "")
	}()
	if err := s.admit(q, r); err != nil {
		return err
	}
	leave, err := s.takeShare(q)
	if err != nil {
		return err
	}
	defer leave()
	if r.method == http.MethodPost && !machines[r.path] && !uploads[r.path] {
		if err := q.readForm(); err != nil {
			return err
		}
	}
	return r.handle(q)
}

// admit looks up the session and its right to the route; a refusal is recorded before it is told. Another site's
// navigation is stopped first: it comes without the strict cookie, and a new sign-in would only lose the question.
func (s *Server) admit(q *request, r route) error {
	if r.permission == auth.Anyone {
		if a, limited := addressAllowances[r.path]; limited {
			return s.limitAddress(q, r.path, a)
		}
		return nil
	}
	if foreignNavigation(q.Request()) && r.path != startPath {
		return errForeignNavigation
	}
	if err := s.authenticate(q); err != nil {
		if limited := s.limitAddress(q, "stranger", strangers); limited != nil && apperr.Is(err, apperr.Unauthenticated) {
			return limited
		}
		return err
	}
	if s.rolesFirst(q, r) {
		return errRolesFirst
	}
	role, ok := auth.Allowed(q.session.Roles, r.permission)
	if !ok {
		return s.refuse(q, r, apperr.New(apperr.Forbidden, "Your role does not allow this page.",
			"If you need it for your work, ask whoever manages roles in your identity provider."))
	}
	q.role = role
	if needsStrongSignIn(r.permission) && !s.Auth.Strong(q.session) {
		return s.refuse(q, r, &refusal{next: stepUpLink(q), fault: apperr.New(apperr.Forbidden, "Revealing needs a stronger or more recent sign-in than the one you came with.",
			"Sign in for it and come back here. If you are not asked for the method your company requires, tell whoever runs the identity provider.")})
	}
	if strings.HasPrefix(r.path, "/processes/:id") {
		if err := s.mayOpen(q, r); err != nil {
			return err
		}
	}
	params, err := url.ParseQuery(q.Request().URL.RawQuery)
	if err != nil || len(params) > 0 && withoutParameters[r.path] {
		return badParameter("")
	}
	return nil
}

// startPath shows nothing itself, and is where the identity provider leads after a sign-out.
const startPath = "/"

// needsStrongSignIn names the permissions that open what is masked for everybody.
func needsStrongSignIn(p auth.Permission) bool { return p == auth.Reveal || p == auth.ReadRaw }

// may reports whether this request's person has a permission: a page shows no link that would be refused. One that a
// stronger sign-in opens is shown, because it leads there.
func (q *request) may(p auth.Permission) bool {
	_, ok := auth.Allowed(q.session.Roles, p)
	return ok
}

func (s *Server) authenticate(q *request) error {
	cookie, err := q.Cookie(s.cookies.session)
	if err != nil {
		return apperr.New(apperr.Unauthenticated, "You are not signed in.", "Sign in to go on.")
	}
	session, err := s.Auth.Lookup(q.ctx(), cookie.Value)
	if err != nil {
		return err
	}
	q.session = session
	return nil
}

// refuse records access.refused and gives back why.
func (s *Server) refuse(q *request, r route, why error) error {
	e := q.event(audit.AccessRefused)
	e.Outcome = audit.Refused
	e.Facts = map[string]string{"method": r.method, "route": r.path, "permission": string(r.permission)}
	if q.role != "" {
		e.Facts["reason"] = "weak-sign-in"
	}
	if _, err := q.record(s.aboutPath(q, e)); err != nil {
		return err
	}
	return why
}

// aboutPath ties an event to the snapshot that the request's address names, as far as there is one.
func (s *Server) aboutPath(q *request, e audit.Event) audit.Event {
	id := q.Param("id")
	if !idPattern.MatchString(id) {
		return e
	}
	version, _ := strconv.Atoi(q.QueryParam("version")) // what is no number names no version
	if head, err := s.Store.Head(q.ctx(), id, max(version, 0)); err == nil {
		return about(e, head)
	}
	e.Process.ID = id
	return e
}

// ctx is the request's context.
func (q *request) ctx() context.Context { return q.Request().Context() }

// event starts a record of this request: who, in which role, for what purpose.
func (q *request) event(action audit.Action) audit.Event {
	return audit.Event{
		Action: action, Outcome: audit.OK,
		Actor:     q.session.Actor(q.role, q.RealIP()),
		RequestID: q.id(), Purpose: q.session.Purpose, Case: q.session.Case,
	}
}

// record appends an event and remembers that this request has left its record.
func (q *request) record(e audit.Event) (audit.Receipt, error) {
	ctx, span := tracing.Child(q.ctx(), "record")
	receipt, err := q.server.append(ctx, e)
	span.End(err)
	if err != nil {
		return receipt, err
	}
	q.recorded = true
	if e.Process.ID != "" && e.Outcome == audit.OK && opening[e.Action] {
		return receipt, q.server.opened(q, e.Process.ID)
	}
	return receipt, nil
}

// opening are the actions that show a process to a person.
var opening = map[audit.Action]bool{audit.ProcessView: true, audit.ProcessRaw: true, audit.ProcessImage: true, audit.FieldReveal: true}

// about ties an event to one snapshot.
func about(e audit.Event, h store.Head) audit.Event {
	e.Process = audit.Process{ID: h.ProcessID, DossierID: h.DossierID, Version: h.Version,
		SHA256: h.SHA256, MappingVersion: h.MappingVersion}
	return e
}

// id is the request id that the answer carries.
func (q *request) id() string { return q.Response().Header().Get(echo.HeaderXRequestID) }

// fragment reports whether htmx asked for a part of a page.
func (q *request) fragment() bool {
	h := q.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-History-Restore-Request") != "true" && h.Get("HX-Boosted") != "true"
}

// render sends a component only when all of it could be made.
func (q *request) render(status int, c templ.Component) error {
	var page bytes.Buffer
	if err := c.Render(q.ctx(), &page); err != nil {
		return err
	}
	return q.HTMLBlob(status, page.Bytes())
}

// idPattern is what an id of Assure may look like; anything else is as unknown as an unknown one.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// processID reads the path's id. A malformed one is answered like an unknown one.
func (q *request) processID() (string, error) {
	id := q.Param("id")
	if !idPattern.MatchString(id) {
		return "", notFound()
	}
	return id, nil
}

func notFound() error {
	return apperr.New(apperr.NotFound, "There is no such process in this portal.",
		"Check the id, or search for the person. A process that was erased is not found either.")
}
