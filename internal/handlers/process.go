package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// process shows one snapshot: head without anything personal, record, then the report.
func (s *Server) process(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	e := about(q.event(audit.ProcessView), head)
	e.Classes = q.eyes().classesSeen()
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	view, err := s.processView(q, receipt, head, q.eyes())
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.Process(view))
}

// headOf finds the process and version that the path and query name.
func (s *Server) headOf(q *request) (store.Head, error) {
	id, err := q.processID()
	if err != nil {
		return store.Head{}, err
	}
	version := 0
	for name, values := range q.QueryParams() {
		switch name {
		case "version":
			if version, err = strconv.Atoi(values[0]); err != nil || version < 1 {
				return store.Head{}, badParameter("version")
			}
		case "list":
		default:
			return store.Head{}, badParameter(name)
		}
	}
	return s.Store.Head(q.ctx(), id, version)
}

// processView opens the report with the receipt and builds the page's view.
func (s *Server) processView(q *request, receipt audit.Receipt, head store.Head, eyes eyes) (templates.ProcessPage, error) {
	report, err := s.Store.Report(q.ctx(), receipt, head.ProcessID, head.Version)
	if err != nil {
		return templates.ProcessPage{}, err
	}
	versions, err := s.Store.Versions(q.ctx(), head.ProcessID)
	if err != nil {
		return templates.ProcessPage{}, err
	}
	seen, err := s.Trail.Seen(q.ctx(), head.ProcessID)
	if err != nil {
		return templates.ProcessPage{}, err
	}
	v := processView{head: head, report: report, versions: versions, seen: seen, eyes: eyes, now: s.Now(), list: q.QueryParam("list")}
	view := v.page(s.page(q, "Process"))
	s.actions(q, head, &view)
	return view, nil
}

// actions adds what this reader may do; a role sees no link that would refuse it.
func (s *Server) actions(q *request, head store.Head, view *templates.ProcessPage) {
	base := "/processes/" + head.ProcessID
	may := func(p auth.Permission) bool { _, ok := auth.Allowed(q.session.Roles, p); return ok }
	if may(auth.Reveal) {
		view.RevealHref = base + "/reveal"
		if head.Version != head.Versions {
			view.RevealHref += "?version=" + strconv.Itoa(head.Version)
		}
		view.Purposes = purposeOptions(s.Auth.Purposes(), q.session.Purpose)
	}
	if may(auth.ReadRaw) {
		view.RawHref = base + "/raw"
		if head.Version != head.Versions {
			view.RawHref += "?version=" + strconv.Itoa(head.Version)
		}
	}
	if may(auth.Refresh) {
		view.RefreshHref, view.RefreshWhyNot = s.refreshAction(head)
	}
	if may(auth.ReadTrail) {
		view.SeenHref = "/audit?process=" + url.QueryEscape(head.ProcessID)
	} else {
		view.SeenHref = ""
	}
	if !may(auth.ReadImages) {
		view.Images = nil
		if view.ImagesNote == "" {
			view.ImagesNote = "Your role does not see images."
		}
	}
}

func (s *Server) refreshAction(head store.Head) (href, whyNot string) {
	switch {
	case head.DossierID == "":
		return "", "Imported by hand without a dossier id, so Assure cannot be asked again."
	case s.Sync == nil:
		return "", "This portal runs without a connection to Assure."
	}
	return "/processes/" + head.ProcessID + "/refresh", ""
}

// fieldPattern is what a reveal may name: a field or a JSON Pointer, bounded, without control characters.
var fieldPattern = regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,300}$`)

// reveal opens one field for this answer alone, after the record of it is durable.
func (s *Server) reveal(q *request) error {
	field, purpose := q.FormValue("field"), q.FormValue("purpose")
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	if err := s.checkReveal(field, purpose); err != nil {
		return err
	}
	e := about(q.event(audit.FieldReveal), head)
	e.Purpose, e.Because = purpose, q.FormValue("because")
	e.Facts = map[string]string{"field": field}
	if field == "raw" {
		return s.revealRaw(q, e, purpose)
	}
	e.Classes = append(q.eyes().classesSeen(), string(classOf(field)))
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	view, err := s.processView(q, receipt, head, eyes{roles: q.session.Roles, revealed: field})
	if err != nil {
		return err
	}
	return s.showRevealed(q, view, field)
}

// classOf is the class of a field by its name; what a pointer opens is at most a personal number.
func classOf(field string) evidence.Class {
	switch field {
	case "documentNumber":
		return evidence.DocumentNumber
	case "firstName", "lastName", "lastNameSecondLine", "dateOfBirth", "placeOfBirth", "gender":
		return evidence.Identity
	}
	return evidence.PersonalNumber
}

func (s *Server) checkReveal(field, purpose string) error {
	if !fieldPattern.MatchString(field) {
		return apperr.New(apperr.Unprocessable, "The form does not say which field to reveal.", "Go back and use the field's own button.")
	}
	if !slices.Contains(s.Auth.Purposes(), purpose) {
		return apperr.New(apperr.Unprocessable, "A purpose is needed to reveal a field.", "Choose one of the purposes in the list.")
	}
	return nil
}

func (s *Server) showRevealed(q *request, view templates.ProcessPage, field string) error {
	if q.fragment() {
		for _, row := range view.Fields {
			if row.Name == field {
				return q.render(http.StatusOK, templates.Row(row, view))
			}
		}
	}
	return q.render(http.StatusOK, templates.Process(view))
}

// revealRaw remembers the purpose for the raw body of this process in this session and goes there.
func (s *Server) revealRaw(q *request, e audit.Event, purpose string) error {
	if _, err := q.record(e); err != nil {
		return err
	}
	if err := s.Auth.GiveRawPurpose(q.ctx(), q.session, e.Process.ID, purpose); err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, "/processes/"+e.Process.ID+"/raw")
}

// raw sends the bytes as received, or asks for a purpose first.
func (s *Server) raw(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	purpose, err := s.Auth.RawPurpose(q.ctx(), q.session, head.ProcessID)
	if err != nil {
		return err
	}
	if purpose == "" {
		q.recorded = true // a form without data: no access yet
		return q.render(http.StatusOK, templates.RawPurpose(templates.RawForm{Page: s.page(q, "Raw JSON"),
			ProcessID: head.ProcessID, Action: "/processes/" + head.ProcessID + "/reveal", Back: "/processes/" + head.ProcessID,
			Purposes: purposeOptions(s.Auth.Purposes(), q.session.Purpose)}))
	}
	e := about(q.event(audit.ProcessRaw), head)
	e.Purpose, e.Classes = purpose, []string{string(evidence.Raw)}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	body, err := s.Store.Body(q.ctx(), receipt, head.ProcessID, head.Version)
	if err != nil {
		return err
	}
	return q.Blob(http.StatusOK, "application/json; charset=utf-8", body)
}

// refresh asks Assure for the process again, records before and after, and comes back to its page.
func (s *Server) refresh(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	if href, whyNot := s.refreshAction(head); href == "" {
		return apperr.New(apperr.Conflict, whyNot, "")
	}
	q.recorded = true // the refresh leaves its own two records
	if _, err := s.Sync.Refresh(q.ctx(), head.ProcessID, about(q.event(audit.ProcessRefresh), head)); err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, "/processes/"+head.ProcessID)
}
