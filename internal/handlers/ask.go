package handlers

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/web/templates"
)

// askForm is what is needed to ask Assure for a process that the portal does not hold.
type askForm struct{ process, dossier string }

// assureID is how Assure writes ids. Nothing else is sent there: what is typed into a search could be a name or a number.
var assureID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// ask brings in a process that is not held, and leads to it.
func (s *Server) ask(q *request) error {
	form := askForm{strings.TrimSpace(q.post("process")), strings.TrimSpace(q.post("dossier"))}
	if fault := s.checkAsk(form); fault != nil {
		return s.askAgain(q, form, fault)
	}
	q.recorded = true // asking leaves its own two records
	err := s.Sync.Ask(q.ctx(), form.process, form.dossier, q.event(audit.ProcessRefresh))
	if fault, ok := errors.AsType[*apperr.Error](err); ok && fault.Kind == apperr.NotFound {
		return s.askAgain(q, form, fault)
	}
	if err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, "/processes/"+form.process)
}

func (s *Server) checkAsk(f askForm) *apperr.Error {
	switch {
	case s.Sync == nil:
		return apperr.New(apperr.Conflict, "This portal runs without a connection to Assure.", "")
	case !assureID.MatchString(f.process):
		return apperr.New(apperr.Unprocessable, "The process id is not one of Assure’s.", "It has 36 characters: 8, 4, 4, 4 and 12 of 0 to 9 and a to f, with dashes between.")
	case !assureID.MatchString(f.dossier):
		return apperr.New(apperr.Unprocessable, "The dossier id is not one of Assure’s.", "It has 36 characters: 8, 4, 4, 4 and 12 of 0 to 9 and a to f, with dashes between.")
	}
	return nil
}

// askAgain shows the form again with what was typed.
func (s *Server) askAgain(q *request, form askForm, fault *apperr.Error) error {
	return &mistake{fault, templates.AskAssure(templates.AskPage{Page: s.page(q, "Ask Assure"),
		Form: templates.AskForm{Process: form.process, Dossier: form.dossier, Mistake: fault.Message + " " + fault.Hint}})}
}
