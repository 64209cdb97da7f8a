package handlers

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/assure-portal/portal/internal/apperr"
	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/auth"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/store"
	"github.com/assure-portal/portal/web/templates"
)

// rawPage is the view of the raw body that is a page; without it the answer is its bytes.
const rawPage = "page"

// raw sends the bytes as received, or a page of them, or asks for a purpose first.
func (s *Server) raw(q *request) error {
	head, err := s.headOf(q, "view", "parts")
	if err != nil {
		return err
	}
	e, err := s.rawEvent(q, head, evidence.Raw)
	if err != nil || e.Purpose == "" {
		return err
	}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	body, err := s.Store.Body(q.ctx(), receipt, head.ProcessID, head.Version)
	if err != nil {
		return err
	}
	if q.QueryParam("view") == "" {
		return q.Blob(http.StatusOK, "application/json; charset=utf-8", body)
	}
	view := rawView(head, body, q.QueryParam("parts"))
	view.Page, view.Purpose, view.Tabs = s.page(q, "Raw JSON"), purposeWords(e.Purpose), q.tabs(head, rawTab)
	held, err := s.Store.HeldArchive(q.ctx(), head.ProcessID)
	if err != nil {
		return err
	}
	view.Archive = archiveView(head, held)
	same := q.sameView(head)
	view.BytesHref, view.Back = rawHref(head, same, ""), "/processes/"+head.ProcessID+same
	view.OpenHref, view.CloseHref = with(rawHref(head, same, rawPage), "parts", allOpen), with(rawHref(head, same, rawPage), "parts", allClosed)
	return q.render(http.StatusOK, templates.Raw(view))
}

// rawEvent begins the record of what is open in full, for the purpose that this session gave for it. Where it gave none the form has been sent,
// and the event has no purpose.
func (s *Server) rawEvent(q *request, head store.Head, classes ...evidence.Class) (audit.Event, error) {
	purpose, err := s.Auth.RawPurpose(q.ctx(), q.session, head.ProcessID)
	if err != nil {
		return audit.Event{}, err
	}
	if purpose == "" {
		return audit.Event{}, s.askPurpose(q, head)
	}
	e := about(q.event(audit.ProcessRaw), head)
	e.Purpose = purpose
	for _, c := range classes {
		e.Classes = append(e.Classes, string(c))
	}
	return e, nil
}

// askPurpose is the form that comes before everything that is open in full.
func (s *Server) askPurpose(q *request, head store.Head) error {
	q.recorded = true // a form without data: no access yet
	return q.render(http.StatusOK, templates.AskPurpose(s.purposeForm(q, head, rawField)))
}

// archive sends the archive of everything, as received: for the purpose that was given for the raw body.
func (s *Server) archive(q *request) error {
	head, err := s.headOf(q)
	if err != nil {
		return err
	}
	held, err := s.Store.HeldArchive(q.ctx(), head.ProcessID)
	if err != nil {
		return err
	}
	if held.SHA256 == "" {
		return apperr.New(apperr.NotFound, "The portal keeps no archive of this process.",
			"Archives are kept where PORTAL_KEEP_ARCHIVES says so, of processes that finish from then on.")
	}
	e, err := s.rawEvent(q, head, evidence.Raw, evidence.Image)
	if err != nil || e.Purpose == "" {
		return err
	}
	e.Facts = map[string]string{"part": store.Archive, "sha256": held.SHA256}
	receipt, err := q.record(e)
	if err != nil {
		return err
	}
	m, err := s.Store.Media(q.ctx(), receipt, head.ProcessID, store.Archive)
	if err != nil {
		return err
	}
	_, err = startDownload(q, "application/zip", "archive.zip").Write(m.Body)
	return err
}

// archiveView tells of an archive that is kept; nil if none is.
func archiveView(head store.Head, held store.HeldArchive) *templates.Archive {
	if held.SHA256 == "" {
		return nil
	}
	return &templates.Archive{Href: "/processes/" + head.ProcessID + "/archive", SHA256: held.SHA256,
		Words: "zip, " + counted(int(held.Bytes), "byte", "bytes") + ", received " + instant(held.ReceivedAt).Words}
}

// rawHref is the address of the raw body in a view; same keeps version and list.
func rawHref(head store.Head, same, view string) string {
	href := "/processes/" + head.ProcessID + "/raw" + same
	if view == "" {
		return href
	}
	return with(href, "view", view)
}

// with adds a parameter to an address.
func with(href, name, value string) string {
	sign := "?"
	if strings.Contains(href, "?") {
		sign = "&"
	}
	return href + sign + name + "=" + url.QueryEscape(value)
}

// treeHref is the process page with all parts of the tree open or closed, at the tree.
func treeHref(base, same, state string) string { return with(base+same, "tree", state) + "#tree-title" }

// Tabs of the provider's detail.
const structuredTab, rawTab = "Structured", "Raw JSON"

// tabs lead to the ways in which this reader may see the provider's detail.
func (q *request) tabs(head store.Head, current string) []templates.NavItem {
	same := q.sameView(head)
	tabs := []templates.NavItem{{Label: structuredTab, Href: "/processes/" + head.ProcessID + same + "#tree-title"}}
	if q.may(auth.ReadRaw) {
		tabs = append(tabs, templates.NavItem{Label: rawTab, Href: rawHref(head, same, rawPage)})
	}
	tabs = append(tabs, templates.NavItem{Label: changesTab, Href: changesHref(head, same)})
	for i := range tabs {
		tabs[i].Current = tabs[i].Label == current
	}
	return tabs
}

// rawView lays the body out: pure.
func rawView(head store.Head, body []byte, parts string) templates.RawPage {
	view := templates.RawPage{ProcessID: head.ProcessID, SHA256: head.SHA256,
		Words: "Version " + strconv.Itoa(head.Version) + " of " + strconv.Itoa(head.Versions) + ", received " + instant(head.ReceivedAt).Words +
			", " + counted(len(body), "byte", "bytes")}
	layout, root, after, fault, err := layRaw(body)
	if err != nil {
		view.Plain = strings.SplitAfter(string(body), "\n")
		view.FaultLine = lineOf(body, fault)
		view.Notices = append(view.Notices, malformedNotice(err, fault, view.FaultLine, len(body)))
		return view
	}
	view.Notices = repeatedNotices(layout.repeated)
	foldParts(&root, 0, parts)
	view.Body, view.After = &root, after
	return view
}

// lineOf is the line of a byte, counted from 1; 0 for none.
func lineOf(body []byte, at int64) int {
	if at < 0 || at > int64(len(body)) {
		return 0
	}
	return bytes.Count(body[:at], []byte("\n")) + 1
}

// malformedNotice says why a body is shown as plain text. size is its length in bytes.
func malformedNotice(err error, fault int64, line, size int) templates.Notice {
	n := templates.Notice{Kind: "bad", Text: "This is not one JSON value: " + err.Error() + ". It is shown as it stands."}
	switch _, syntactic := errors.AsType[*jsontext.SyntacticError](err); {
	case size == 0:
		return templates.Notice{Kind: "bad", Text: "There is nothing in it: not one byte was received."}
	case errors.Is(err, errRawDepth), errors.Is(err, errRawValues):
		n.Kind, n.Text = "info", "Shown as plain text: "+err.Error()+"."
	case syntactic && errors.Is(err, io.ErrUnexpectedEOF):
		n.Text = "This is not one JSON value: it breaks off after " + counted(size, "byte", "bytes") + ". It is shown as it stands."
		n.Link = lineLink(line)
	case syntactic:
		n.Text = "This is not one JSON value from byte " + thousands(int(fault)) + " on. It is shown as it stands."
		n.Link = lineLink(line)
	}
	return n
}

func lineLink(line int) *templates.Link {
	n := strconv.Itoa(line)
	return &templates.Link{Label: "Line " + n, Href: "#" + n}
}

// maxRepeatedTold is how many repeated names have a strip of their own.
const maxRepeatedTold = 10

func repeatedNotices(repeated []repeatedName) []templates.Notice {
	var notices []templates.Notice
	for _, r := range repeated[:min(len(repeated), maxRepeatedTold)] {
		notices = append(notices, templates.Notice{Kind: "warning", Text: "The name “" + r.name +
			"” stood before in the same object. Most readers take the last one.", Link: lineLink(r.line)})
	}
	if more := len(repeated) - maxRepeatedTold; more > 0 {
		notices = append(notices, templates.Notice{Kind: "warning", Text: counted(more, "more name stands", "more names stand") + " twice in one object; each is marked."})
	}
	return notices
}

// openLines is up to how many lines a part stands open by itself.
const openLines = 100

// foldParts decides which parts stand open: short ones, and long ones on top that hold few; or all, or none but the whole.
// What holds a repeated name is open in any case. wrong tells whether there is one in n or below.
func foldParts(n *templates.RawNode, depth int, parts string) (wrong bool) {
	wrong = n.Repeated
	for i := range n.Children {
		if foldParts(&n.Children[i], depth+1, parts) {
			wrong = true
		}
	}
	if len(n.Children) == 0 {
		return wrong
	}
	n.Holds = counted(len(n.Children), "entry", "entries")
	if n.Closes == "]" {
		n.Holds = counted(len(n.Children), "element", "elements")
	}
	short := n.CloseLine-n.Line <= openLines || depth <= 1 && len(n.Children) <= openLines
	n.Open = wrong || depth == 0 || parts == allOpen || parts == "" && short
	return wrong
}
