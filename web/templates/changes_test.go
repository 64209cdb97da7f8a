package templates_test

import (
	"testing"

	"github.com/assure-portal/portal/web/templates"
)

// changesPage is two versions with a change of each kind, a part of a text, and an element of a list that moved.
func changesPage() templates.ChangesPage {
	row := func(kind, pointer string) templates.ChangeRow {
		return templates.ChangeRow{Kind: kind, Pointer: pointer, Label: pointer, Words: kind, Glyph: "→", OldHref: "/processes/p?version=1#p1", NewHref: "/processes/p#p1"}
	}
	differs := row("changed", "/finalResult/documentNumber")
	differs.Relation, differs.Field = "differs", "documentNumber"
	differs.Old = []templates.Part{{Text: "NX4B7"}, {Text: "O", Mark: "removed"}, {Text: "K12"}}
	differs.New = []templates.Part{{Text: "NX4B7"}, {Text: "0", Mark: "added"}, {Text: "K12"}}
	added, masked, part := row("added", "/a/1"), row("changed", "/mrz"), row("changed", "/mrz#dateOfBirth")
	added.OldHref, masked.Masked, masked.From, part.Part = "", true, "/mrz/0", true
	version := func(n int, status string) templates.VersionRow {
		return templates.VersionRow{Number: n, Href: "/processes/p", Received: templates.Instant{Machine: "2026-03-02T09:16:44.000Z", Words: "2026-03-02 09:16:44 UTC"},
			Status: templates.StatusView{Code: status, Word: status}, SHA: "9f2c…e1"}
	}
	return templates.ChangesPage{Page: signedIn("What changed", "/processes"), ProcessID: "p", Older: version(1, "accepted"), Newer: version(2, "rejected"),
		Words: "3 values changed, 1 value added. 40 values stayed as they were.", Notices: []templates.Notice{{Kind: "bad", Text: "Status: accepted → rejected"}},
		Groups:     []templates.ChangeGroup{{Name: "Final result", Rows: []templates.ChangeRow{differs}}, {Name: "Provider’s detail", Rows: []templates.ChangeRow{added, masked, part}}},
		MovedWords: "1 element of a list stands in another place", Moved: []templates.MoveView{{From: "/b/1", To: "/b/0", Href: "/processes/p#p2"}},
		Tabs: []templates.NavItem{{Label: "Changes", Href: "/processes/p/changes", Current: true}}, Action: "/processes/p/changes", List: "sort=created",
		Olders: []templates.Option{{Value: "1", Label: "Version 1", Selected: true}}, Newers: []templates.Option{{Value: "2", Label: "Version 2", Selected: true}}, Back: "/processes/p"}
}

func TestAChangeSaysWhatItIsAndWhereItStands(t *testing.T) {
	doc := parse(t, render(t, templates.Changes(changesPage())))
	for selector, want := range map[string]int{
		"tr[data-change][data-pointer]": 4, "tr[data-relation=differs][data-field=documentNumber] td:nth-of-type(1) del": 1,
		"tr[data-relation=differs] td:nth-of-type(2) ins": 1, "tr[data-relation=differs] td:nth-of-type(1) ins": 0, "tr[data-change=added] td:nth-of-type(1) .value": 0,
		"tr.part": 1, "tr[data-pointer='/mrz'] [data-masked]": 2, "[data-version] time": 2, "form[method=get] input[name=list]": 1, ".moved li a": 1,
	} {
		if got := len(all(t, doc, selector)); got != want {
			t.Errorf("%s: %d elements, want %d", selector, got, want)
		}
	}
	if value := textOf(all(t, doc, "tr[data-relation=differs] td:nth-of-type(2) .value")[0]); value != "NX4B70K12" {
		t.Errorf("a marked difference tears its value: %q", value)
	}
}
