package handlers

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/assure-portal/portal/internal/audit"
	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/web/templates"
)

// statementView is all that an access statement is made of. Names of the staff are not in it, so they cannot be shown.
type statementView struct {
	asked     statementQuery
	processes []stated
	now       time.Time
}

func (v statementView) page(p templates.Page) templates.StatementPage {
	p.Printed = "" // it would name who prints it
	view := templates.StatementPage{Page: p, Form: v.asked.form(), Made: instant(v.now).Words, Range: v.rangeWords(), Limits: statementLimits}
	for _, one := range v.processes {
		view.Processes = append(view.Processes, statedProcess(one))
	}
	if len(v.processes) == 0 {
		view.None = "The portal knows no process of this dossier, and the trail names none. Check the id."
	}
	return view
}

func (v statementView) rangeWords() string {
	from, to := v.asked.form().From, v.asked.form().To
	switch {
	case from == "" && to == "":
		return "It covers all times since the portal first knew each process."
	case to == "":
		return "It covers the time from " + from + " on."
	case from == "":
		return "It covers the time up to " + to + " inclusive."
	}
	return "It covers the time from " + from + " to " + to + " inclusive."
}

var statementLimits = []string{
	"Who of the staff it was: names, accounts, roles, addresses, cases and words typed as a reason are left out. They stand in the trail.",
	"What was read on a screen, copied or photographed from it: the portal knows which pages it showed.",
	"Accesses outside this portal, at Assure and at the provider of the verification.",
	"Whether an export of processes held this one, where its filters do not tell: an export keeps its filters and its count, not what it held.",
}

// statedKinds are the kinds of access in the order of the statement.
var statedKinds = []struct {
	action                 audit.Action
	title, explains, never string
}{
	{audit.ProcessView, "Opened", "The page of the verification was shown to a member of the staff.", "It was never opened."},
	{audit.FieldReveal, "Revealed", "A value that is masked otherwise was shown, or a purpose was given for the raw answer.", "No masked value was revealed."},
	{audit.ProcessImage, "Images and video", "An image or video was shown.", "No image or video was shown."},
	{audit.ProcessRaw, "Raw answer", "The answer was shown as it was received, with every value.", "It was never shown."},
	{audit.ProcessSearch, "Listed", "It stood among the results of a search, with few values: name, birth date, document, as far as the reader’s role sees them.", "No list showed it."},
	{audit.ProcessRefresh, "Asked for again", "A member of the staff had the verification read again from Assure.", "It was never asked for again."},
	{audit.AuditView, "Looked up in the trail", "A statement such as this one was made about it; this one is among them.", "No statement was made in this time."},
}

func statedProcess(one stated) templates.StatementProcess {
	p := templates.StatementProcess{ID: one.Process, Dossier: one.dossier, First: instant(one.First).Words, Unknown: one.First.IsZero(), TrailHref: seenHref(one.Process)}
	if p.Unknown {
		return p
	}
	for _, k := range statedKinds {
		section := templates.StatementSection{Title: k.title, Explains: k.explains, Empty: k.never}
		if all := one.By[k.action]; all != nil {
			section = accessSection(section, *all, k.action)
		}
		p.Sections = append(p.Sections, section)
	}
	p.Sections = append(p.Sections, exportSection("Exported", "A file that may have held it left the portal: an export of processes whose filters it met.", audit.ProcessExport, one),
		exportSection("Exported with the trail", "A file of records left the portal that held records of the accesses above, with the id of the process.", audit.AuditExport, one))
	return p
}

func accessSection(s templates.StatementSection, all audit.Accesses, action audit.Action) templates.StatementSection {
	s.Count, s.Empty = counted(len(all.Listed)+all.Older, "time", "times"), ""
	if all.Older > 0 {
		s.Older = "The newest " + thousands(len(all.Listed)) + " are listed, " + thousands(all.Older) + " are older: narrow the time to list those."
	}
	for _, a := range all.Listed {
		s.Rows = append(s.Rows, templates.StatementRow{Time: columnInstant(a.Time), Purpose: purposeOrNone(a.Purpose), What: accessWords(action, a)})
	}
	return s
}

func purposeOrNone(code string) string {
	if code == "" {
		return "none given"
	}
	return purposeWords(code)
}

// accessWords say what was shown.
func accessWords(action audit.Action, a audit.Access) string {
	switch {
	case action == audit.ProcessSearch:
		return "one of " + counted(int(a.Rows), "process found", "processes found")
	case action == audit.AuditView:
		return "dates and purposes"
	case a.What != "":
		return a.What
	}
	words := make([]string, len(a.Classes))
	for i, class := range a.Classes {
		words[i] = cmp.Or(classWords[evidence.Class(class)], class)
	}
	return strings.Join(words, ", ")
}

// classWords say to whom it concerns what a field class holds.
var classWords = map[evidence.Class]string{evidence.Plain: "status and checks", evidence.Identity: "names, birth, contact", evidence.DocumentNumber: "document numbers",
	evidence.PersonalNumber: "personal numbers", evidence.Image: "image", evidence.Raw: "everything, as received"}

func exportSection(title, explains string, action audit.Action, one stated) templates.StatementSection {
	s := templates.StatementSection{Title: title, Explains: explains, Empty: "No such file left the portal."}
	for _, h := range one.Handouts {
		if h.Action != action {
			continue
		}
		what := "may have held it"
		if h.Sure {
			what = "held records about it"
		}
		s.Rows = append(s.Rows, templates.StatementRow{Time: columnInstant(h.Time), Purpose: purposeOrNone(h.Purpose), What: what})
	}
	if len(s.Rows) > 0 {
		s.Count, s.Empty = counted(len(s.Rows), "time", "times"), ""
	}
	return s
}

// statementHref leads to the statement of a process or dossier; without either to its form.
func statementHref(process, dossier string) string {
	params := url.Values{}
	if process != "" {
		params.Set("process", process)
	}
	if dossier != "" {
		params.Set("dossier", dossier)
	}
	return withQuery("/audit/statement", params)
}
