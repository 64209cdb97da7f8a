package templates_test

import (
	"strconv"
	"strings"

	"github.com/assure-portal/portal/web/templates"
)

// Everything here is invented.
const (
	processID = "83713340-e337-5ba9-9212-71e4c2f5257a"
	dossierID = "f694a621-2a52-5f4c-aac6-c511af3184a6"
)

// tabs are those of the provider's detail; the first is open.
func tabs(labels ...string) []templates.NavItem {
	href := map[string]string{"Structured": "/processes/" + processID + "#tree-title", "Raw JSON": "/processes/" + processID + "/raw?view=page"}
	var all []templates.NavItem
	for i, label := range labels {
		all = append(all, templates.NavItem{Label: label, Href: href[label], Current: i == 0})
	}
	return all
}

func anchor(pointer string) string { return "p" + strings.ReplaceAll(pointer, "/", ".") }

func text(s string) []templates.Part { return []templates.Part{{Text: s}} }

func purposes() []templates.Option {
	return []templates.Option{{Value: "onboarding", Label: "Onboarding", Selected: true}, {Value: "periodic-review", Label: "Periodic review"},
		{Value: "alert", Label: "Alert"}, {Value: "customer-request", Label: "Customer request"}, {Value: "audit", Label: "Audit"}}
}

func signedIn(title, current string) templates.Page {
	p := templates.Page{Title: title, RequestID: "4f1c0aa29b77e1d03c5a", Demo: true, SignedIn: true, Person: "Maja Holt", Roles: "Reviewer",
		Purposes: purposes(), Case: "KYC-2291", Here: current, CanSearch: true, Printed: "Printed by Maja Holt (Reviewer) from a page made on 2026-03-02 09:46:12 UTC"}
	for _, n := range [][2]string{{"Processes", "/processes"}, {"Completeness", "/completeness"}} {
		p.Nav = append(p.Nav, templates.NavItem{Label: n[0], Href: n[1], Current: n[1] == current})
	}
	return p
}

func asAuditor(title, current string) templates.Page {
	p := signedIn(title, current)
	p.Person, p.Roles = "Anders Lund", "Auditor"
	p.Nav = append(p.Nav, templates.NavItem{Label: "Audit trail", Href: "/audit", Current: current == "/audit"})
	return p
}

func asAdmin() templates.Page {
	p := signedIn("Administration", "/admin")
	p.Person, p.Roles, p.CanSearch, p.Purposes = "Ada Quist", "Admin", false, nil
	p.Nav = []templates.NavItem{{Label: "Completeness", Href: "/completeness"}, {Label: "Administration", Href: "/admin", Current: true}}
	return p
}

func at(words string) templates.Instant {
	return templates.Instant{Machine: words[:10] + "T" + words[11:] + ":05.000Z", Words: words}
}

func statusView(code, word, words string) templates.StatusView {
	return templates.StatusView{Code: code, Word: word, Words: words}
}

func source(pointer, name, medium string) templates.SourceView {
	return templates.SourceView{Pointer: pointer, Href: "#" + anchor(pointer), Name: name, Medium: medium, Relation: "same", Words: "Same"}
}

func stated(s templates.SourceView, relation, words string, value ...templates.Part) templates.SourceView {
	s.Relation, s.Words, s.Value = relation, words, value
	return s
}

func mrz(field string) templates.SourceView {
	return source("/providerSpecific/mrz/"+field, "mrz", "MRZ")
}

func features(field string) templates.SourceView {
	return source("/providerSpecific/features/"+field, "features", "printed text")
}

func sameRow(name, label, value string, sources ...templates.SourceView) templates.FieldRow {
	row := templates.FieldRow{Anchor: "field-" + name, Name: name, Label: label, Relation: "same", Glyph: "✓", Present: true, Known: true, Value: text(value),
		Sources: sources, Words: "Same in 1 place"}
	if len(sources) > 1 {
		row.Words, row.Confirmed, row.ConfirmedWords = "Same", true, "confirmed by MRZ and printed text"
	}
	return row
}

func fieldRows() []templates.FieldRow {
	birth := sameRow("dateOfBirth", "Date of birth", "1989-07-30", stated(mrz("dateOfBirth"), "equivalent", "Same, written differently (date form)", text("890730")...), features("dateOfBirth"))
	birth.Relation, birth.Glyph, birth.Words = "equivalent", "≈", "Same, written differently (date form)"
	nation := sameRow("nationality", "Nationality", "NLD", stated(mrz("nationality"), "equivalent", "Same, written differently (country code)", text("NL")...))
	nation.Relation, nation.Glyph, nation.Words, nation.Note = "equivalent", "≈", "Same, written differently (country code)", "Netherlands"
	place := sameRow("placeOfBirth", "Place of birth", "Zwolle", features("placeOfBirth"))
	expiry := sameRow("dateOfExpiry", "Date of expiry", "2029-04-15", mrz("dateOfExpiry"), features("dateOfExpiry"))
	expiry.Note = "valid"
	personal := sameRow("personalIdentificationNumber", "Personal number", "•••••••23", mrz("personalNumber"))
	personal.Masked, personal.RevealField = true, personal.Name
	score := templates.FieldRow{Anchor: "field-similarityScore", Name: "similarityScore", Label: "Similarity score", Relation: "single", Glyph: "–", Words: "Nothing to compare", Known: true}
	live := score
	live.Anchor, live.Name, live.Label = "field-livenessDetected", "livenessDetected", "Liveness detected"
	return []templates.FieldRow{
		sameRow("firstName", "First name", "Sanne Marije", mrz("firstName"), features("firstName")),
		sameRow("lastName", "Last name", "de Wilde", mrz("lastName"), features("lastName")),
		sameRow("lastNameSecondLine", "Last name, 2nd line", "e/v Okkerse", features("lastNameSecondLine")),
		birth, place, sameRow("gender", "Gender", "F", mrz("sex"), features("sex")), nation,
		sameRow("documentType", "Document type", "passport", mrz("documentType")),
		sameRow("documentNumber", "Document number", "NX4B70K12", mrz("documentNumber"), features("documentNumber")),
		sameRow("issuingCountry", "Issuing country", "NLD", mrz("issuingState")),
		sameRow("dateOfIssue", "Date of issue", "2019-04-15", features("dateOfIssue")),
		expiry, personal, score, live,
	}
}

func questionViews() []templates.QuestionView {
	return []templates.QuestionView{
		{ID: "document", Asked: "Document tested as genuine?", Answer: "yes", Words: "yes", Glyph: "✓", Why: "MRZ and features compared",
			Checks: []templates.Link{{Label: "Does the text match the MRZ?", Href: "#check-matching.documentNumber"}}},
		{ID: "face", Asked: "Same face as the document?", Answer: "never", Words: "never tested by this provider", Glyph: "–"},
		{ID: "live", Asked: "Live person present?", Answer: "never", Words: "never tested by this provider", Glyph: "–"},
		{ID: "consistent", Asked: "Do the readings agree?", Answer: "yes", Words: "yes", Glyph: "✓", Why: "12 fields read twice"},
		{ID: "complete", Asked: "Complete and in date?", Answer: "yes", Words: "yes", Glyph: "✓", Why: "13 of 15 fields; valid until 2029-04-15"},
		{ID: "stated", Asked: "Matches what the customer stated?", Answer: "notdone", Words: "not done this time", Glyph: "–", Why: "nothing was stated"},
	}
}

func checkGroups() []templates.CheckGroup {
	one := func(id, asked, answer, result, words, glyph string) templates.CheckView {
		return templates.CheckView{ID: id, Anchor: "check-" + id, Asked: asked, Answer: answer, Result: result, Words: words, Glyph: glyph, Href: "#p.providerSpecific.mrzFeatureMatching.documentNumber"}
	}
	own := one("portal.complete", "Is there a final result?", "", "pass", "pass", "✓")
	own.Meaning = "13 of 15 fields"
	digit := one("mrzChecksum.documentNumber", "MRZ check digit of the document number", "VALID", "pass", "pass", "✓")
	digit.Required = "yes"
	return []templates.CheckGroup{
		{Name: "portal", Words: "1 of 1 clear", Checks: []templates.CheckView{own}},
		{Name: "mrzChecksum", Words: "2 of 2 clear", Checks: []templates.CheckView{
			one("mrzChecksum.dateOfBirth", "MRZ check digit of the date of birth", "VALID", "pass", "pass", "✓"),
			digit}},
		{Name: "matching", Words: "1 of 1 clear", Checks: []templates.CheckView{
			one("matching.documentNumber", "Does the printed document number match the MRZ?", "FULL_MATCH", "pass", "pass", "✓")}},
	}
}

func leaf(pointer, key, value, mood string) templates.NodeView {
	return templates.NodeView{Anchor: anchor(pointer), Pointer: pointer, Key: key, Value: value, Mood: mood, Leaf: true}
}

func branch(pointer, key, summary string, open bool, children ...templates.NodeView) templates.NodeView {
	return templates.NodeView{Anchor: anchor(pointer), Pointer: pointer, Key: key, Summary: summary, Open: open, Children: children}
}

func treeView(revealable bool) templates.NodeView {
	personal := leaf("/providerSpecific/mrz/personalNumber", "personalNumber", "•••••••23", "")
	personal.Masked = true
	if revealable {
		personal.RevealField = personal.Pointer
	}
	verification := branch("/providerSpecific/verification", "verification", "2 entries", true,
		leaf("/providerSpecific/verification/type", "type", "MRZ_FEATURE_COMPARISON", ""), leaf("/providerSpecific/verification/status", "status", "true", "good"))
	verification.Explain = "how the document was checked"
	return branch("", "", "3 entries", true,
		leaf("/processId", "processId", processID, ""),
		branch("/providerSpecific", "providerSpecific", "4 entries", true, verification,
			branch("/providerSpecific/mrzFeatureMatching", "mrzFeatureMatching", "3 entries", true,
				leaf("/providerSpecific/mrzFeatureMatching/firstName", "firstName", "FULL_MATCH", "good"),
				leaf("/providerSpecific/mrzFeatureMatching/documentNumber", "documentNumber", "LEVENSHTEIN1", "bad"),
				leaf("/providerSpecific/mrzFeatureMatching/drivingPermits", "drivingPermits", "MISSING", "")),
			branch("/providerSpecific/mrz", "mrz", "4 entries", false,
				leaf("/providerSpecific/mrz/firstName", "firstName", "SANNE<MARIJE", ""), leaf("/providerSpecific/mrz/documentNumber", "documentNumber", "NX4B70K12", ""),
				leaf("/providerSpecific/mrz/line2", "line2", "NX4B70K12<4NLD8907301F2904150999999923<<<<<84", ""), personal),
			branch("/providerSpecific/features", "features", "3 entries", false,
				leaf("/providerSpecific/features/firstName", "firstName", "Sanne Marije", ""), leaf("/providerSpecific/features/arabicName", "arabicName", "سانه ماريا", ""),
				leaf("/providerSpecific/features/placeOfBirth", "placeOfBirth", "", ""))))
}

func cleanProcess() templates.ProcessPage {
	return templates.ProcessPage{
		Page: signedIn("Process", "/processes/"+processID), ProcessID: processID, Heading: text("Sanne Marije de Wilde"),
		Status: statusView("accepted", "Accepted", "final, with a result"), Provider: "Signicat Paper", Type: "passport",
		Facts: []templates.Fact{{Label: "Process", Value: processID, Mono: true, Copy: true}, {Label: "Dossier", Value: dossierID, Mono: true, Copy: true},
			{Label: "Reference", Value: "customer-000417", Copy: true}, {Label: "Created", Value: "2026-03-02 09:14:05 UTC", Machine: "2026-03-02T09:14:05.113Z"},
			{Label: "Finished", Value: "2 min 36 s later", Note: "2026-03-02 09:16:41 UTC"},
			{Label: "Received", Value: "version 3 of 3, 2026-03-02 09:16:44 UTC", Note: "sha 9f2c11d0…41e1"}, {Label: "Came in by", Value: "Assure’s list"}},
		FindingsWords: "Nothing to stop at", Fields: fieldRows(), Questions: questionViews(), CheckGroups: checkGroups(), Tree: treeView(true),
		Images: []templates.ImageLink{{Label: "Document, front", Href: "/processes/" + processID + "/images/front"}, {Label: "Document, back", Href: "/processes/" + processID + "/images/back"},
			{Label: "Video", Href: "/processes/" + processID + "/video", Video: true}},
		Versions: []templates.VersionRow{
			{Number: 3, Href: "/processes/" + processID + "?version=3", Received: at("2026-03-02 09:16"), Status: statusView("accepted", "Accepted", ""), SHA: "9f2c11d0…41e1", Current: true, Words: "processing → accepted"},
			{Number: 2, Href: "/processes/" + processID + "?version=2", Received: at("2026-03-02 09:15"), Status: statusView("processing", "Processing", ""), SHA: "70aa93b2…90c4"}},
		Seen: []string{"Opened 3 times by 2 colleagues", "Last: 2026-03-02 09:32:18 UTC"}, Tabs: tabs("Structured", "Raw JSON"),
		OpenHref: "/processes/" + processID + "?tree=open#tree-title", CloseHref: "/processes/" + processID + "?tree=closed#tree-title",
		RefreshHref: "/processes/" + processID + "/refresh", RevealHref: "/processes/" + processID + "/reveal", Purposes: purposes(),
		Position: &templates.Position{Words: "3 of 128", PrevHref: "/processes/a1", NextHref: "/processes/a2"}, Back: "/processes?s=x1",
	}
}

func differingProcess() templates.ProcessPage {
	v := cleanProcess()
	v.Status = statusView("rejected", "Rejected", "final, with a result")
	v.FindingsWords = "3 things to look at"
	v.Findings = []templates.FindingView{
		{Code: "field-differs", Severity: "bad", Href: "#field-documentNumber", Text: "Document number: MRZ and printed text differ in one character (0 and O, often a reading error); compare the image"},
		{Code: "check-digit", Severity: "bad", Href: "#check-mrzChecksum.documentNumber", Text: "1 MRZ check digit is wrong: personal number"},
		{Code: "result-on-rejected", Severity: "notice", Text: "A rejected process with a final result"}}
	number := &v.Fields[8]
	number.Relation, number.Glyph, number.Words, number.Confirmed, number.ConfirmedWords = "differs", "✗", "Different", false, ""
	number.Value = []templates.Part{{Text: "NX4B7"}, {Text: "0", Mark: "added"}, {Text: "K12"}}
	number.Sources[1] = stated(features("documentNumber"), "differs", "Different", templates.Part{Text: "NX4B7"}, templates.Part{Text: "O", Mark: "removed"}, templates.Part{Text: "K12"})
	v.Fields[4] = templates.FieldRow{Anchor: "field-placeOfBirth", Name: "placeOfBirth", Label: "Place of birth", Relation: "absent", Glyph: "!", Words: "Not in final result", Known: true,
		Sources: []templates.SourceView{stated(features("placeOfBirth"), "absent", "Not in final result", text("Zwolle")...)}}
	v.Fields[7].Relation, v.Fields[7].Glyph, v.Fields[7].Words, v.Fields[7].Sources = "unsourced", "?", "Origin not found", nil
	v.Fields[0].Sources = append(v.Fields[0].Sources, templates.SourceView{Pointer: "/userdata/firstName", Name: "customer", Medium: "customer", Relation: "differs", Words: "Different", Value: text("Sanne"), Customer: true})
	extra := sameRow("shoeSize", "shoeSize", "38", templates.SourceView{Pointer: "/providerSpecific/features/size", Href: "#p.providerSpecific.features", Name: "features", Relation: "same", Unmapped: true})
	extra.Known = false
	v.Fields = append(v.Fields, extra)
	v.Questions[0].Answer, v.Questions[0].Words, v.Questions[0].Glyph, v.Questions[0].Why = "look", "look", "!", "verification false; 3 of 4 checksums valid"
	v.Questions[3].Answer, v.Questions[3].Words, v.Questions[3].Glyph, v.Questions[3].Why = "no", "no", "✗", "1 field differs, 1 check digit wrong"
	bad := &v.CheckGroups[1]
	bad.Bad, bad.Words = true, "1 of 2 clear"
	bad.Checks[1].Answer, bad.Checks[1].Result, bad.Checks[1].Words, bad.Checks[1].Glyph, bad.Checks[1].Meaning = "INVALID", "fail", "fail", "✗", "the digit does not fit the number"
	return v
}

func withoutResult(status templates.StatusView, why string) templates.ProcessPage {
	v := cleanProcess()
	v.Status, v.NoResult = status, why
	for i := range v.Fields {
		f := &v.Fields[i]
		f.Present, f.Value, f.Note, f.Confirmed, f.ConfirmedWords, f.Masked, f.RevealField = false, nil, "", false, "", false, ""
		f.Relation, f.Words, f.Glyph = "single", "Nothing to compare", "–"
		for j := range f.Sources {
			f.Sources[j].Value = text("SANNE<MARIJE")
		}
	}
	return v
}

func inconclusiveProcess() templates.ProcessPage {
	v := withoutResult(statusView("inconclusive", "Inconclusive", "final, with a result"), "No final result: Assure gives one for accepted processes. The table compares the provider's readings with each other.")
	v.FindingsWords = "1 thing to look at"
	v.Findings = []templates.FindingView{{Code: "no-final-result", Severity: "notice", Text: "No final result", Href: "#fields-title"}}
	v.Notices = []templates.Notice{{Kind: "info", Text: "Imported by hand by Maja Holt on 2026-03-02 09:12:00 UTC. The portal did not receive it from Assure itself."},
		{Kind: "warning", Text: "This is version 2 of 3. A newer one is held.", Link: &templates.Link{Label: "Open the newest", Href: "/processes/" + processID}}}
	v.RefreshHref, v.RefreshWhyNot = "", "Imported by hand without a dossier id, so Assure cannot be asked again."
	v.Images, v.ImagesNote, v.Position = nil, "Assure lists no images for this process.", nil
	return v
}

func pendingProcess() templates.ProcessPage {
	v := withoutResult(statusView("pending", "Pending", "not final: waiting for the person"), "No final result yet: the verification is not finished. The table shows what the provider has read so far.")
	v.Heading, v.FindingsWords, v.CheckGroups, v.Images, v.ImagesNote = text("Process without a name"), "Nothing to stop at", nil, nil, "Images can be read once the process is finished."
	for i := range v.Fields {
		v.Fields[i].Sources = nil
	}
	for i := range v.Questions {
		q := &v.Questions[i]
		q.Answer, q.Words, q.Glyph, q.Why, q.Checks = "pending", "still coming", "…", "", nil
	}
	v.Tree = branch("", "", "2 entries", true, leaf("/processId", "processId", processID, ""), leaf("/status", "status", "pending", ""))
	return v
}

func failedProcess() templates.ProcessPage {
	v := pendingProcess()
	v.Status = statusView("failed", "Failed", "final, without a result")
	v.NoResult = "No final result: a process that ended as failed has none."
	v.FindingsWords = "1 thing to look at"
	v.Findings = []templates.FindingView{{Code: "failed", Severity: "bad", Text: "The verification failed: the person’s device did not meet the requirements", Href: "#reasons-title"}}
	v.Reasons = []templates.ReasonView{{Code: "system_requirements", Text: "System requirements are not met", Meaning: "The person’s device did not meet the requirements"}}
	v.Notices = []templates.Notice{{Kind: "warning", Text: "Assure no longer has this process. Last seen there: 2026-02-20 08:00:00 UTC. What you see is the portal's own copy."},
		{Kind: "bad", Text: "What Assure sent cannot be read as one JSON object: text after the end"}}
	v.Malformed = "text after the end"
	return v
}

func maskedProcess() templates.ProcessPage {
	v := differingProcess()
	v.Page = asAuditor("Process", "/processes/"+processID)
	v.Heading, v.Tree = text("••••••••••••••••••••de"), treeView(false)
	v.RevealHref, v.Tabs, v.RefreshHref, v.Images, v.ImagesNote, v.SeenHref = "", tabs("Structured"), "", nil, "Your role does not see images.", "/audit?process="+processID
	v.StatementHref = "/audit/statement?process=" + processID
	for i := range v.Fields {
		f := &v.Fields[i]
		f.RevealField = ""
		if f.Present {
			f.Masked, f.Value = true, text("•••••••23")
		}
		for j := range f.Sources {
			f.Sources[j].Masked = len(f.Sources[j].Value) > 0
		}
	}
	return v
}

func revealedProcess() templates.ProcessPage {
	v := cleanProcess()
	f := &v.Fields[12]
	f.Masked, f.RevealField, f.Revealed, f.Value = false, "", true, text("999999923")
	return v
}

func searchPage() templates.SearchPage {
	v := templates.SearchPage{
		Page: signedIn("Processes", "/processes"), TermID: "Zk3v9", Total: "128", TotalWords: "128 processes", Understood: "Names that begin with “de wil”.",
		Columns: []templates.ColumnChoice{{Code: "updated", Label: "Last changed"}, {Code: "status", Label: "Status", Shown: true}, {Code: "provider", Label: "Provider", Shown: true}, {Code: "born", Label: "Born", Shown: true},
			{Code: "document", Label: "Document", Shown: true}, {Code: "country", Label: "Country", Shown: true}, {Code: "look", Label: "Look at", Shown: true}},
		List: "s=Zk3v9", Return: "/processes?s=Zk3v9", Saved: []templates.SavedLink{{Name: "Rejected this week", Href: "/processes?status=rejected&within=7d", DeleteHref: "/processes/saved/abc/delete"}},
		Readings:  []templates.ReadingLink{{Words: "a name", Count: "128", Href: "/processes?as=name&s=Zk3v9"}, {Words: "a reference", Count: "0", Href: "/processes?as=reference&s=Zk3v9"}},
		Freshness: "Assure read to 2026-03-02 09:46:12 UTC; 2 finished processes not yet fetched", From: "2026-02-01", To: "2026-03-02", Sort: "created",
		Chips: []templates.Chip{{Label: "“de wil”", RemoveHref: "/processes?from=2026-02-01"}, {Label: "Created 2026-02-01 00:00 – 2026-03-02 24:00 UTC", RemoveHref: "/processes?s=Zk3v9"}},
		Sorts: []templates.Link{{Label: "Newest created", Href: "/processes?sort=created", Current: true}, {Label: "Newest updated", Href: "/processes?sort=updated"}, {Label: "Needs attention first", Href: "/processes?sort=attention"}},
		Filters: []templates.FilterGroup{
			{Name: "status", Legend: "Status", Options: []templates.FilterOption{{Value: "accepted", Label: "Accepted", Count: "91", Checked: true}, {Value: "rejected", Label: "Rejected", Count: "11"}, {Value: "inconclusive", Label: "Inconclusive", Count: "9"}, {Value: "processing", Label: "Processing", Count: "3"}, {Value: "pending", Label: "Pending", Count: "6"}, {Value: "canceled", Label: "Canceled", Count: "5"}, {Value: "failed", Label: "Failed", Count: "3"}}},
			{Name: "provider", Legend: "Provider", Options: []templates.FilterOption{{Value: "onfido", Label: "Onfido", Count: "44"}, {Value: "signicatpaper", Label: "Signicat Paper", Count: "12"}, {Value: "webid", Label: "WebID", Count: "11"}}},
			{Name: "finding", Legend: "Findings", Options: []templates.FilterOption{{Value: "field-differs", Label: "Field differs", Count: "14"}, {Value: "document-expired", Label: "Document expired", Count: "4"}}}},
		NextHref: "/processes?after=q1", PrevHref: "/processes?before=q0",
	}
	v.Term = "de wil"
	v.Rows = resultRows()
	return v
}

func resultRows() []templates.ResultRow {
	row := func(n int, when, code, word, provider, kind, born, document, country string) templates.ResultRow {
		id := "0000000" + strconv.Itoa(n) + processID[8:]
		return templates.ResultRow{ProcessID: id, Href: "/processes/" + id + "?list=s%3DZk3v9", Created: at(when), Status: statusView(code, word, ""), Provider: provider, Type: kind, Born: text(born), Document: text(document), Country: country}
	}
	rows := []templates.ResultRow{
		row(1, "2026-03-02 09:14", "inconclusive", "Inconclusive", "Signicat Paper", "passport", "1989-07-30", "NX4B70K12", "NLD"),
		row(2, "2026-03-02 09:02", "accepted", "Accepted", "Onfido", "documentSelfie", "1991-06-14", "CCX204417", "NOR"),
		row(3, "2026-03-02 08:47", "processing", "Processing", "VideoID", "high", "", "", ""),
		row(4, "2026-03-02 08:31", "rejected", "Rejected", "ReadID", "ready", "1979-01-03", "D4428812", "BEL"),
		row(5, "2026-03-01 22:10", "failed", "Failed", "VideoID", "substantial", "", "", ""),
		row(6, "2026-03-01 21:58", "canceled", "Canceled", "WebID", "videoid", "", "", ""),
		row(7, "2026-03-01 17:20", "pending", "Pending", "Onfido", "document", "", "", ""),
		row(8, "2026-03-01 17:02", "onHold", "onHold", "Newprovider", "a-type-with-a-long-name", "1993-08-05", "L9TX40QW7", "DEU"),
	}
	rows[0].Person = []templates.Part{{Text: "Sanne Marije "}, {Text: "de", Mark: "match"}, {Text: " "}, {Text: "Wil", Mark: "match"}, {Text: "de"}}
	rows[0].LookAt, rows[0].LookAtBad = "Document number differs", true
	rows[1].Person = text("Elin Marthe Haugland")
	rows[3].Person, rows[3].LookAt, rows[3].LookAtBad, rows[3].Note = text("Jonas Dewilder"), "Chip could not be read", true, "imported by hand"
	rows[4].LookAt = "System requirements"
	rows[7].Person = text("سانه ماريا")
	return rows
}

func emptySearch() templates.SearchPage {
	v := searchPage()
	v.Rows, v.Total, v.TotalWords, v.NextHref, v.PrevHref = nil, "0", "0 processes", "", ""
	v.Empty = &templates.EmptyState{What: "No process matches this search.", Try: []string{"Take a filter away.", "Search for a part of the name only."}, Reset: "/processes"}
	v.Missing = []string{"11111111-aaaa-bbbb-cccc-222222222222", "no-such-id"}
	return v
}

func maskedSearch() templates.SearchPage {
	v := searchPage()
	v.Page = asAuditor("Processes", "/processes")
	v.Masked, v.CSVHref, v.CSVIdentityHref = true, "/processes.csv?s=Zk3v9", "/processes.csv?s=Zk3v9&with=identity"
	v.Total, v.TotalWords = "10000+", "more than 10,000 processes"
	for i := range v.Rows {
		if len(v.Rows[i].Person) > 0 {
			v.Rows[i].Person, v.Rows[i].Born, v.Rows[i].Document = text("•••••••••••de"), text("••••••••30"), text("•••••••12")
		}
	}
	return v
}

func trailPage() templates.TrailPage {
	v := templates.TrailPage{
		Page: asAuditor("Audit trail", "/audit"), Total: "10,483",
		State:     "The portal checked itself 40 s ago: 10,480 records match the signed checkpoint, 3 newer are not yet checked. This is not independent proof: verify an export.",
		Questions: []templates.Link{{Label: "Who saw this person?", Href: "/audit"}, {Label: "What did this colleague do?", Href: "/audit"}, {Label: "Why was this revealed?", Href: "/audit?action=field.reveal", Current: true}, {Label: "What left the house?", Href: "/audit?action=process.export"}, {Label: "What was refused?", Href: "/audit?outcome=refused"}, {Label: "Is the trail whole?", Href: "/audit#trail-state"}},
		Process:   processID, Dossier: "d-17", From: "2026-03-02",
		People:         []templates.Option{{Value: "", Label: "Anybody"}, {Value: "5f1c9a20", Label: "Maja Holt", Selected: true}},
		PurposeOptions: []templates.Option{{Value: "", Label: "Any purpose", Selected: true}, {Value: "alert", Label: "Alert"}},
		Looked:         "Looked back to record 3,118 of 2025-11-02.",
		Question: &templates.TrailQuestion{Label: "Why was this revealed?", Explains: "Each value that was unmasked, with the purpose that was given for it.",
			Links: []templates.Link{{Label: "Access statement", Href: "/audit/statement"}}},
		Actions:  []templates.Option{{Value: "", Label: "Any action"}, {Value: "field.reveal", Label: "field.reveal", Selected: true}},
		Outcomes: []templates.Option{{Value: "", Label: "Any outcome", Selected: true}, {Value: "refused", Label: "refused"}},
		Chips:    []templates.Chip{{Label: "From: 2026-03-02", RemoveHref: "/audit"}}, OlderHref: "/audit?before=10476", NewestHref: "/audit",
		CSVHref: "/audit.csv", CSVIdentityHref: "/audit.csv?with=identity%2Cdetail", BundleHref: "/audit.zip", CheckpointHref: "/audit/checkpoint", KeyHref: "/audit/key",
	}
	add := func(seq int, who, role, action, outcome, sentence, purpose, process string) {
		n := strconv.Itoa(seq)
		v.Rows = append(v.Rows, templates.TrailRow{Seq: n, Href: "/audit/" + n, Time: templates.Instant{Machine: "2026-03-02T09:41:07.113Z", Words: "2026-03-02 09:41:07 UTC"}, Who: who, WhoHref: "/audit?actor=a", Role: role, Action: action, Outcome: outcome, Sentence: sentence, Purpose: purpose, ProcessHref: process})
	}
	add(10482, "Maja Holt", "reviewer", "process.view", "ok", "opened process 83713340…", "Onboarding", "/processes/"+processID)
	add(10481, "Maja Holt", "reviewer", "process.search", "ok", "searched, 128 found", "Onboarding", "")
	add(10480, "Jens Berg", "reviewer", "field.reveal", "ok", "revealed a field of process 83713340…: personalIdentificationNumber", "Alert", "/processes/"+processID)
	add(10478, "Anders Lund", "auditor", "audit.export", "ok", "exported the trail", "Audit", "")
	add(10477, "system", "", "process.fetch", "ok", "received a version of process 83713340…: processing → rejected", "", "/processes/"+processID)
	add(10476, "Tor Moe", "", "sign-in.refused", "refused", "tried to sign in: role missing", "", "")
	add(10475, "Maja Holt", "reviewer", "process.refresh", "unknown", "asked Assure again for process 83713340…", "Onboarding", "/processes/"+processID)
	v.Rows[0].Case, v.Rows[2].Because = "KYC-2291", "the tax office asked"
	return v
}

func brokenTrail() templates.TrailPage {
	v := trailPage()
	v.State, v.StateBad, v.Rows, v.OlderHref, v.NewestHref = "The portal's own check failed: leaf 812 does not match its node", true, nil, "", ""
	v.TrailNote = "The audit trail cannot take records now, so no page with personal data is shown."
	v.Empty = &templates.EmptyState{What: "No record matches these filters.", Try: []string{"Take a filter away.", "Widen the time."}, Reset: "/audit"}
	return v
}

func recordPage() templates.RecordPage {
	return templates.RecordPage{
		Page: asAuditor("Record", "/audit"), Seq: "10480", Sentence: "Jens Berg revealed a field of process 83713340…: personalIdentificationNumber",
		Facts: []templates.Fact{{Label: "Time", Value: "2026-03-02 09:32:18.440 UTC"}, {Label: "Action", Value: "field.reveal", Mono: true}, {Label: "Outcome", Value: "ok", Mono: true},
			{Label: "Actor", Value: "5f1c9a20", Mono: true, Copy: true}, {Label: "Process", Value: processID, Mono: true, Copy: true}, {Label: "Purpose", Value: "Alert"},
			{Label: "Leaf hash", Value: "0f3a6c2b9d14e85770aa93b290c49f2c11d041e1b7c25d0e6a83f419c2d7b650", Mono: true, Copy: true}},
		Shown: []templates.Link{{Label: processID, Href: "/audit?process=" + processID}},
		Leaf:  `{"seq":10480,"time":"2026-03-02T09:32:18.440Z","action":"field.reveal","outcome":"ok"}`,
		Proof: []string{"0f3a6c2b9d14e85770aa93b290c49f2c11d041e1b7c25d0e6a83f419c2d7b650", "70aa93b290c49f2c11d041e1b7c25d0e6a83f419c2d7b6500f3a6c2b9d14e857"}, ProofWords: "Record 10480 is leaf 10480 of a tree of 10,483 records with root 4v8…=.",
		Checkpoint: "portal.example/trail\n10483\n4v8…=\n\n— portal.example/trail Az3…=\n", PrevHref: "/audit/10479", NextHref: "/audit/10481", Back: "/audit",
		Self: "/audit/10480", Address: "https://portal.example/audit/10480", Near: []templates.Link{{Label: "Before, by the same person", Href: "/audit/10470"}},
	}
}

func registerPage() templates.RegisterPage {
	at := templates.Instant{Machine: "2026-03-02T09:41:07.113Z", Words: "2026-03-02 09:41:07"}
	sum := "0f3a6c2b9d14e85770aa93b290c49f2c11d041e1b7c25d0e6a83f419c2d7b650"
	delivered := templates.RegisterRow{Seq: "10478", Href: "/audit/10478", Began: at, Who: "Anders Lund", WhoHref: "/audit?actor=a", What: "Trail, bundle with proof", Query: "action field.reveal",
		Purpose: "Audit", Rows: "3,112", SHA: sum, State: "delivered", StateWords: "delivered whole", EndHref: "/audit/10479"}
	broken, open := delivered, delivered
	broken.Seq, broken.State, broken.StateWords = "10470", "broken", "broken off"
	open.Seq, open.State, open.StateWords, open.SHA, open.Rows, open.EndHref = "10460", "open", "no end recorded yet", "", "", ""
	return templates.RegisterPage{Page: asAuditor("Exports", "/audit/exports"), Rows: []templates.RegisterRow{delivered, broken, open}, OlderHref: "/audit/exports?before=10460", NewestHref: "/audit/exports",
		People: []templates.Option{{Value: "", Label: "Anybody", Selected: true}}, From: "2026-03-01"}
}

func checkedPage() templates.RegisterPage {
	v := registerPage()
	sum := v.Rows[0].SHA
	return templates.RegisterPage{Page: v.Page, Check: &templates.FileCheck{Kind: "good", Verdict: "This is the file of export 10478.", Explains: []string{"It was delivered whole."}, SHA: sum, Size: "1,024 bytes", Rows: v.Rows[:1]}}
}

func statementPage() templates.StatementPage {
	at := templates.Instant{Machine: "2026-03-02T09:41:07.113Z", Words: "2026-03-02 09:41:07"}
	return templates.StatementPage{Page: asAuditor("Access statement", "/audit/statement"), Form: templates.StatementForm{Process: processID}, Made: "2026-03-02 10:00:00 UTC", Range: "All times.",
		Limits: []string{"Names of staff are left out."}, Processes: []templates.StatementProcess{{ID: processID, Dossier: "d-17", First: "2026-02-01 08:00:00 UTC", TrailHref: "/audit?process=" + processID,
			Sections: []templates.StatementSection{{Title: "Opened", Explains: "Its page was shown.", Count: "1 time", Rows: []templates.StatementRow{{Time: at, Purpose: "Onboarding", What: "names"}}},
				{Title: "Exported", Explains: "It may have been in a file.", Empty: "Never."}}}}}
}

func peoplePage() templates.PeoplePage {
	return templates.PeoplePage{Page: asAuditor("People", "/audit/people"), People: []templates.PersonRow{{Name: "Maja Holt", Subject: "5f1c9a20", Href: "/audit?actor=5f1c9a20",
		Last: templates.Instant{Machine: "2026-03-02T09:41:07.113Z", Words: "2026-03-02 09:41:07"}}}, More: "There are more."}
}

func completenessPage() templates.CompletenessPage {
	return templates.CompletenessPage{Page: signedIn("Completeness", "/completeness"), Freshness: "Assure read to 2026-03-02 09:46:12 UTC", Since: "2026-02-01 00:00:12 UTC", CSVHref: "/completeness.csv",
		Rows: []templates.CompletenessRow{{Day: "2026-03-02", Status: "accepted", Upstream: "41", Held: "40", Refused: "0", Missing: "1", Erased: "0", Imported: "2", Bad: true, Why: "1 process at Assure that the portal does not hold yet"},
			{Day: "2026-03-01", Status: "accepted", Upstream: "38", Held: "38", Refused: "0", Missing: "0", Erased: "1", Imported: "0"},
			{Day: "2026-01-20", Status: "rejected", Upstream: "not counted", Held: "3", Refused: "0", Missing: "0", Erased: "0", Imported: "0"}}}
}

func adminPage() templates.AdminPage {
	return templates.AdminPage{Page: asAdmin(),
		Sync:     []templates.Fact{{Label: "Processes held", Value: "500"}, {Label: "Last run", Value: "listed 500 fetched 2 changed 2 failed 0", Note: "2026-03-02 09:46:12 UTC"}},
		Trail:    []templates.Fact{{Label: "Records", Value: "10,483"}, {Label: "Origin", Value: "portal.example/trail", Mono: true}},
		Settings: []templates.Fact{{Label: "PORTAL_SESSION_IDLE", Value: "15m0s", Mono: true}, {Label: "PORTAL_ASSURE_URL", Value: "https://api.signicat.com/assure", Mono: true}},
		Sessions: []templates.SessionRow{{ID: "s1", Name: "Maja Holt", Roles: "Reviewer", Since: "2026-03-02 08:00:00 UTC", Seen: "2026-03-02 09:46:00 UTC", EndAction: "/admin/sessions/s1/end"},
			{ID: "s2", Name: "Ada Quist", Roles: "Admin", Since: "2026-03-02 09:00:00 UTC", Seen: "2026-03-02 09:46:00 UTC", EndAction: "/admin/sessions/s2/end", Own: true}}}
}

func errorPage() templates.ErrorPage {
	return templates.ErrorPage{Page: templates.Page{Title: "Error", RequestID: "4f1c0aa29b77e1d03c5a"}, Status: 404, Heading: "Not found", What: "There is no page at this address.",
		Hint: "Check the address, or start again from the start page.", Back: &templates.Link{Label: "Sign in", Href: "/auth/login"}}
}

func rawForm() templates.PurposeForm {
	return templates.PurposeForm{Heading: "Raw JSON as received", Explain: "It opens after a purpose is given.", Submit: "Open, recorded", Field: "raw", Page: signedIn("Raw JSON", "/processes/"+processID+"/raw"), ProcessID: processID, Action: "/processes/" + processID + "/reveal", Back: "/processes/" + processID, Purposes: purposes(), Mistake: "A purpose is needed."}
}
