package handlers

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// process shows one snapshot: head without anything personal, record, then the report.
func (s *Server) process(q *request) error {
	head, err := s.headOf(q, "tree")
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

// headOf finds the process and version that the path and query name. own are the further parameters of one page, each of
// which choices bounds; since the page of changes bounds itself.
func (s *Server) headOf(q *request, own ...string) (store.Head, error) {
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
			if _, ok := placeOf(values[0]); !ok {
				return store.Head{}, badParameter("list")
			}
		default:
			if !slices.Contains(own, name) || name != sinceParam && known(name, values[0]) == "" {
				return store.Head{}, badParameter(name)
			}
		}
	}
	head, err := s.Store.Head(q.ctx(), id, version)
	if err != nil && !head.ErasedAt.IsZero() {
		return head, apperr.Wrap(apperr.NotFound, err, "This process was erased from the portal on "+instant(head.ErasedAt).Words+
			". Basis: "+orUnknown(head.ErasedBasis)+".", "Nothing of it is held any more.")
	}
	return head, err
}

// choices are what the parameters of a process's pages may say.
var choices = map[string][]string{"tree": {allOpen, allClosed}, "parts": {allOpen, allClosed}, "view": {rawPage}}

// known is a choice if there is such a one, else empty.
func known(parameter, choice string) string {
	if slices.Contains(choices[parameter], choice) {
		return choice
	}
	return ""
}

// How the parts of a tree stand when somebody asks for all of them at once.
const allOpen, allClosed = "open", "closed"

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
	held, err := s.Store.HeldMedia(q.ctx(), head.ProcessID)
	if err != nil {
		return templates.ProcessPage{}, err
	}
	v := processView{head: head, report: report, versions: versions, held: held, seen: seen, eyes: eyes, now: s.Now(),
		list: q.QueryParam("list"), reveals: q.may(auth.Reveal)}
	view := v.page(s.page(q, "Process"))
	foldTree(&view.Tree, q.QueryParam("tree"))
	if view.Position, err = s.position(q, head.ProcessID); err != nil {
		return templates.ProcessPage{}, err
	}
	s.actions(q, head, &view)
	return view, nil
}

// position is the place in the list one came from; nil without a list, or when the list has the process no more or is gone.
func (s *Server) position(q *request, id string) (*templates.Position, error) {
	list := q.QueryParam("list")
	params, _ := placeOf(list)
	if len(params) == 0 {
		return nil, nil
	}
	query, _, err := s.parseQuery(q.ctx(), params, searchParams)
	if err != nil {
		return nil, unlessBadRequest(err)
	}
	n, found, err := s.Store.Neighbours(q.ctx(), query, id)
	if err != nil || !found {
		return nil, unlessBadRequest(err)
	}
	return positionView(n, list), nil
}

// unlessBadRequest forgives what is wrong with the list: the process itself can be shown.
func unlessBadRequest(err error) error {
	if apperr.Is(err, apperr.BadRequest) {
		return nil
	}
	return err
}

// actions adds what this reader may do; nobody sees a link that would be refused.
func (s *Server) actions(q *request, head store.Head, view *templates.ProcessPage) {
	base, same := "/processes/"+head.ProcessID, q.sameView(head)
	if q.may(auth.Reveal) {
		view.RevealHref, view.Purposes = base+"/reveal"+same, purposeOptions(s.Auth.Purposes(), q.session.Purpose)
	}
	view.Tabs = q.tabs(head, structuredTab)
	view.OpenHref, view.CloseHref = treeHref(base, same, allOpen), treeHref(base, same, allClosed)
	if q.may(auth.Refresh) {
		view.RefreshHref, view.RefreshWhyNot = s.refreshAction(head, q.QueryParam("list"))
	}
	if q.may(auth.ReadTrail) {
		view.SeenHref, view.StatementHref = seenHref(head.ProcessID), statementHref(head.ProcessID, "")
	}
	if !q.may(auth.ReadImages) {
		view.Images, view.ImagesNote = nil, "Your role does not see images."
	}
}

// sameView keeps an older version and the list one came from in an address; the newest version needs no word.
func (q *request) sameView(head store.Head) string {
	version := head.Version
	if version == head.Versions {
		version = 0
	}
	return processQuery(version, q.QueryParam("list"))
}

// processQuery is the query of a process page; version 0 is the newest.
func processQuery(version int, list string) string {
	params := url.Values{}
	if version > 0 {
		params.Set("version", strconv.Itoa(version))
	}
	if list != "" {
		params.Set("list", list)
	}
	return withQuery("", params)
}

func (s *Server) refreshAction(head store.Head, list string) (href, whyNot string) {
	switch {
	case head.DossierID == "":
		return "", "Imported by hand without a dossier id, so Assure cannot be asked again."
	case s.Sync == nil:
		return "", "This portal runs without a connection to Assure."
	}
	return "/processes/" + head.ProcessID + "/refresh" + processQuery(0, list), ""
}

// raw is the name under which a purpose for the raw body is given.
const rawField = "raw"

// fieldPattern is what a reveal may name: a field's name or a JSON Pointer, bounded, because the record keeps it in clear.
var fieldPattern = regexp.MustCompile(`^([A-Za-z0-9_.:-]{1,100}|/[^\x00-\x1f\x7f]{1,500})$`)

// maxBecause bounds the words that a person gives for a reveal, in bytes.
const maxBecause = 1000

// revealForm is what a person asks to see, and why.
type revealForm struct {
	field, purpose, because string
	view                    string // how the raw body is to be shown; empty: its bytes
}

// reveal opens one field for this answer alone, after the record of it is durable.
func (s *Server) reveal(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	form := revealForm{field: q.post("field"), purpose: q.post("purpose"), because: q.post("because"), view: known("view", q.post("view"))}
	if fault := s.checkReveal(form); fault != nil {
		return s.revealAgain(q, head, form, fault)
	}
	e := about(q.event(audit.FieldReveal), head)
	e.Purpose, e.Because, e.Facts = form.purpose, form.because, map[string]string{"field": form.field}
	if form.field == rawField {
		return s.givePurposeForRaw(q, head, e, form.view)
	}
	eyes := eyes{roles: q.session.Roles, revealed: form.field}
	e.Classes = eyes.classesRevealed()
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	view, err := s.processView(q, receipt, head, eyes)
	if err != nil {
		return err
	}
	if !states(view, form.field) {
		return s.nothingRevealed(q, e)
	}
	return s.showRevealed(q, view, form.field)
}

// nothingRevealed takes the record back with another: which fields a snapshot has is known only after the record.
func (s *Server) nothingRevealed(q *request, e audit.Event) error {
	e.Outcome, e.Facts = audit.Failed, maps.Clone(e.Facts)
	e.Facts["status"] = http.StatusText(http.StatusUnprocessableEntity)
	if _, err := q.record(e); err != nil {
		return err
	}
	return apperr.New(apperr.Unprocessable, "This process has no such field.", "Go back and use the field's own button.")
}

// states reports whether the page has the field, or the place of the pointer.
func states(view templates.ProcessPage, field string) bool {
	inRow := func(row templates.FieldRow) bool { return statesIn(row, field) }
	return slices.ContainsFunc(view.Fields, inRow) || hasLeaf(view.Tree, field)
}

func statesIn(row templates.FieldRow, field string) bool {
	atSource := func(s templates.SourceView) bool { return s.Pointer == field }
	return row.Name == field || row.Present && finalPointer(row.Name) == field || slices.ContainsFunc(row.Sources, atSource)
}

func hasLeaf(n templates.NodeView, pointer string) bool {
	inside := func(child templates.NodeView) bool { return hasLeaf(child, pointer) }
	return n.Leaf && n.Pointer == pointer || slices.ContainsFunc(n.Children, inside)
}

func (s *Server) checkReveal(f revealForm) *apperr.Error {
	switch {
	case !fieldPattern.MatchString(f.field):
		return apperr.New(apperr.Unprocessable, "The form does not say which field to reveal.", "Go back and use the field's own button.")
	case !slices.Contains(s.Auth.Purposes(), f.purpose):
		return apperr.New(apperr.Unprocessable, "A purpose is needed to reveal a field.", "Choose one of the purposes in the list.")
	case len(f.because) > maxBecause:
		return apperr.New(apperr.Unprocessable, "The reason is longer than a record takes.", "Say it in fewer than 1,000 characters.")
	}
	return nil
}

// revealAgain shows the form again, on a page that shows nothing else: the process page, where a field's form stands, would
// be a view. A fragment gets the words alone, because its form is still there; without a field there is no form to show.
func (s *Server) revealAgain(q *request, head store.Head, form revealForm, fault *apperr.Error) error {
	if !fieldPattern.MatchString(form.field) || q.fragment() && form.field != rawField {
		return fault
	}
	view := s.purposeForm(q, head, form.field)
	view.View = form.view
	view.Mistake = fault.Message + " " + fault.Hint
	return &mistake{fault, templates.AskPurpose(view)}
}

// showRevealed answers with the page, or for htmx with the row alone.
func (s *Server) showRevealed(q *request, view templates.ProcessPage, field string) error {
	at := slices.IndexFunc(view.Fields, func(row templates.FieldRow) bool { return statesIn(row, field) })
	if q.fragment() && at >= 0 {
		return q.render(http.StatusOK, templates.Row(view.Fields[at], view))
	}
	return q.render(http.StatusOK, templates.Process(view))
}

// givePurposeForRaw remembers the purpose for the raw body of this process in this session. Its answer holds nothing of
// the body and leads to it, so that reading the body is a record of its own.
func (s *Server) givePurposeForRaw(q *request, head store.Head, e audit.Event, view string) error {
	if _, err := q.record(e); err != nil {
		return err
	}
	if err := s.Auth.GiveRawPurpose(q.ctx(), q.session, head.ProcessID, e.Purpose); err != nil {
		return err
	}
	return q.render(http.StatusOK, templates.GoOn(templates.GoOnPage{Page: s.page(q, "Raw JSON"), Heading: "Purpose noted",
		What: "The raw JSON of this process is open to you until you sign out. Each reading is recorded.",
		Href: rawHref(head, q.sameView(head), view), LinkLabel: "Open the raw JSON"}))
}

func (s *Server) purposeForm(q *request, head store.Head, field string) templates.PurposeForm {
	base := "/processes/" + head.ProcessID
	form := templates.PurposeForm{Page: s.page(q, "Purpose"), Heading: "Reveal a value", Submit: "Reveal, recorded",
		Explain:   "The value is shown for one view after a purpose is given; the purpose is recorded.",
		ProcessID: head.ProcessID, Field: field, Action: base + "/reveal" + q.sameView(head),
		Back: base + q.sameView(head), Purposes: purposeOptions(s.Auth.Purposes(), q.session.Purpose)}
	if field == rawField {
		form.View = q.QueryParam("view")
		form.Heading, form.Submit = "Raw JSON as received", "Open the raw JSON, recorded"
		form.Explain = "The raw answer shows every personal value unmasked. It opens after a purpose of its own is given; " +
			"the purpose is recorded and holds for this process until you sign out."
	}
	return form
}

// refresh asks Assure for the process again, records before and after, and comes back to its page.
func (s *Server) refresh(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	list := q.QueryParam("list")
	if href, whyNot := s.refreshAction(head, list); href == "" {
		return apperr.New(apperr.Conflict, whyNot, "")
	}
	q.recorded = true // the refresh leaves its own two records
	if _, err := s.Sync.Refresh(q.ctx(), head.ProcessID, about(q.event(audit.ProcessRefresh), head)); err != nil {
		return err
	}
	return q.Redirect(http.StatusSeeOther, "/processes/"+head.ProcessID+processQuery(0, list))
}
