package handlers_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// newCanaries are what the facts of canaries say in the newer version: none shares more than a few characters with the older one.
var newCanaries = map[string]string{
	"firstName": "Brondwynnito", "lastName": "Oskarvelimuth", "lastNameSecondLine": "Gluckentholm", "dateOfBirth": "2001-04-06", "placeOfBirth": "Vaskerholtby",
	"email": "other@changed.invalid", "phone": "(0044) 11.22.33.88", "street": "7 Ostrich Hook", "unmapped": "Nobody Knows Hyrule", "documentNumber": "PB20VW57",
	"personalNumber": "908060402010", "iban": "NL91ABNA0417164300", "token": "eyJ0eXAiOiJKV1QifQ.eyJub2JvZHkiOiJ5ZXMifQ.b3RoZXItc2ln",
}

// changedCanaryBody is canaryBody with another value in every place.
func changedCanaryBody() []byte {
	body := canaryBody()
	for _, c := range canaries {
		body = bytes.ReplaceAll(body, []byte(c.value), []byte(newCanaries[c.name]))
	}
	return body
}

// withoutMarks joins what a marked difference tears.
var withoutMarks = strings.NewReplacer("<del>", "", "</del>", "", "<ins>", "", "</ins>", "")

func TestTheChangesShowOfBothVersionsWhatTheRoleMaySee(t *testing.T) {
	h := canaryHouse(t)
	h.keep(changedCanaryBody(), "dossier-canary")
	for user, open := range openTo {
		for _, path := range []string{"/processes/{canary}/changes", "/processes/{canary}/changes?since=2&version=1", "/processes/{canary}/changes?since=1&version=2"} {
			body := withoutMarks.Replace(h.send(ask{as: user, path: path}).body)
			want := classNames(open)
			if !slices.Equal(visible(body), want) {
				t.Errorf("%s sees of the older version %q, want %q", user, visible(body), want)
			}
			var newer []string
			for _, c := range canaries {
				if strings.Contains(body, html.EscapeString(newCanaries[c.name])) {
					newer = append(newer, c.name)
				}
			}
			if !slices.Equal(newer, want) {
				t.Errorf("%s sees of the newer version %q, want %q", user, newer, want)
			}
		}
	}
}

// What came or went is masked like what changed, and a small difference shows nothing but itself.
func TestWhatCameWentOrHardlyChangedIsMaskedToo(t *testing.T) {
	h := canaryHouse(t)
	body := strings.NewReplacer("XK84QZ913", "XK84QZ918", `"wozzle":"Unmapped Wozzle Thirtyone"`, `"gadget":"Curious Gadget Ninety"`,
		`"placeOfBirth":"Nimbuldorfu",`, "").Replace(string(canaryBody()))
	h.keep([]byte(body), "dossier-canary")
	for user, want := range map[string]bool{"reviewer": true, "auditor": false, "inspector": false} {
		got := h.send(ask{as: user, path: "/processes/{canary}/changes"})
		doc := document(t, got.body)
		for _, value := range []string{"Unmapped Wozzle", "Curious Gadget", "Nimbuldor", "XK84QZ"} {
			if strings.Contains(got.body, value) != want {
				t.Errorf("%s sees %q: %v", user, value, !want)
			}
		}
		row := find(t, doc, "tr[data-change=changed][data-field=documentNumber][data-relation=differs]")
		if len(row) != 2 {
			t.Fatalf("%s: %d rows of the document number", user, len(row))
		}
		if text(find(t, row[0], "del")...) != "3" || text(find(t, row[0], "ins")...) != "8" {
			t.Errorf("%s sees the difference %q and %q", user, text(find(t, row[0], "del")...), text(find(t, row[0], "ins")...))
		}
		if masked := len(find(t, doc, ".changes [data-masked]")) > 0; masked == want {
			t.Errorf("%s: something is said to be masked: %v", user, masked)
		}
	}
}

var changesRows = []exchange{
	{name: "the changes of the newest version are those since the one before", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes"}, status: 200,
		has: []string{"[data-version='1'] time", "[data-version='2'] time", "a[href='/processes/{onfido}?version=1']", "a[data-go=back][href='/processes/{onfido}']",
			"nav.tabs a[aria-current=page][href='/processes/{onfido}/changes']", "form[method=get][action='/processes/{onfido}/changes'] select[name=since] option[value='1'][selected]"},
		records: []string{"process.view ok role=reviewer process=onfido@2 beside_sha256={*} beside_version=1"}},
	{name: "the auditor reads them too", ask: ask{as: "auditor", path: "/processes/{onfido}/changes?version=2&since=1"}, status: 200,
		lacks: []string{"a[href*='/raw']"}, records: []string{"process.view ok role=auditor process=onfido@2 beside_sha256={*} beside_version=1"}},
	{name: "two versions in the other order are the same two", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?version=1&since=2"}, status: 200,
		has:     []string{"select[name=since] option[value='1'][selected]", "select[name=version] option[value='2'][selected]"},
		records: []string{"process.view ok role=reviewer process=onfido@2 beside_sha256={*} beside_version=1"}},
	{name: "a process with one version says so", ask: ask{as: "reviewer", path: "/processes/{paper}/changes"}, status: 200,
		has: []string{"[data-version='1']"}, lacks: []string{"[data-version='0']", ".changes form", ".changes table"}, absent: paperPerson,
		records: []string{"process.view ok role=reviewer process=paper@1"}},
	{name: "the first of two has nothing before it", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?version=1"}, status: 200,
		has: []string{".changes form"}, lacks: []string{".changes table"}, records: []string{"process.view ok role=reviewer process=onfido@1"}},
	{name: "one version chosen twice", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?version=2&since=2"}, status: 200,
		has: []string{".changes form"}, lacks: []string{".changes table"}, records: []string{"process.view ok role=reviewer process=onfido@2"}},
	{name: "the list one came from is kept", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?list=sort%3Dcreated"}, status: 200,
		has:     []string{"a[data-go=back][href='/processes/{onfido}?list=sort%3Dcreated']", "form input[name=list][value='sort=created']"},
		records: []string{"process.view ok role=reviewer process=onfido@2 beside_sha256={*} beside_version=1"}},
	{name: "a version that is none", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?since=0"}, status: 400,
		records: []string{"process.view failed role=reviewer process=onfido@2 route=/processes/:id/changes status=Bad Request"}},
	{name: "a version that is not held", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?since=9"}, status: 400,
		records: []string{"process.view failed role=reviewer process=onfido@2 route=/processes/:id/changes status=Bad Request"}},
	{name: "a parameter of another page", ask: ask{as: "reviewer", path: "/processes/{onfido}/changes?tree=open"}, status: 400,
		records: []string{"process.view failed role=reviewer process=onfido@2 route=/processes/:id/changes status=Bad Request"}},
	{name: "since belongs to no other page", ask: ask{as: "reviewer", path: "/processes/{onfido}?since=1"}, status: 400,
		records: []string{"process.view failed role=reviewer process=onfido@2 route=/processes/:id status=Bad Request"}},
	{name: "an unknown process has no changes", ask: ask{as: "reviewer", path: "/processes/{unknown}/changes"}, status: 404,
		records: []string{"process.view failed role=reviewer process=unknown route=/processes/:id/changes status=Not Found"}},
	{name: "the process page leads to the changes", ask: ask{as: "auditor", path: "/processes/{onfido}?version=1"}, status: 200,
		has: []string{"nav.tabs a[href='/processes/{onfido}/changes?version=1']"}, records: []string{"process.view ok role=auditor process=onfido@1"}},
}

func TestTheChangesTabAnswersAndLeavesOneRecord(t *testing.T) {
	h := build(t).furnish()
	for _, row := range changesRows {
		t.Run(row.name, func(t *testing.T) { h.check(t, row) })
	}
}

// wholeBody is a made-up answer.
func wholeBody(id, status, final, detail string) []byte {
	return fmt.Appendf(nil, `{"processId":%q,"provider":"signicatpaper","status":%q,"createdAt":"2026-03-05T09:14:05Z","updatedAt":"2026-03-05T09:16:41Z"%s,"providerSpecific":{%s}}`,
		id, status, final, detail)
}

func TestStatusAndFinalResultStandFirst(t *testing.T) {
	const id = "cafe0000-1111-4222-8333-444455556677"
	h := build(t)
	h.keep(wholeBody(id, "accepted", ``, `"mrzChecksum":{"dateOfBirth":"VALID"},"errors":["b","a"]`), "dossier-1")
	h.keep(wholeBody(id, "rejected", `,"finalResult":{"firstName":"Ada"}`, `"mrzChecksum":{"dateOfBirth":"INVALID"},"errors":["a","b"]`), "dossier-1")
	doc := document(t, h.send(ask{as: "reviewer", path: "/processes/" + id + "/changes"}).body)
	notices := find(t, doc, ".notice")
	if len(notices) != 2 || !strings.Contains(text(notices[0]), "accepted → rejected. By the rule a final status stays") || attribute(notices[0], "data-kind") != "bad" ||
		!strings.Contains(text(notices[1]), "The final result came with this version") {
		t.Errorf("notices %q", text(notices...))
	}
	var pointers []string
	for _, row := range find(t, doc, "tr[data-change]") {
		pointers = append(pointers, attribute(row, "data-pointer"))
	}
	if want := []string{"/status", "/finalResult/firstName", "/providerSpecific/mrzChecksum/dateOfBirth"}; !slices.Equal(pointers, want) {
		t.Errorf("rows %q, want %q", pointers, want)
	}
	if row := text(find(t, doc, "tr[data-pointer='/providerSpecific/mrzChecksum/dateOfBirth']")...); !strings.Contains(row, "pass → fail") {
		t.Errorf("the check's row says %q", row)
	}
	if words := text(find(t, doc, ".moved")...); !strings.Contains(words, "1 element of a list stands in another place") {
		t.Errorf("the moved element: %q", words)
	}
	page := document(t, h.send(ask{as: "auditor", path: "/processes/" + id}).body)
	if len(find(t, page, "[data-finding=final-status-changed][data-severity=bad]")) != 1 {
		t.Error("the process page does not tell of the changed final status")
	}
}

func TestVersionsThatSayTheSameAreToldToDo(t *testing.T) {
	h := build(t).furnish()
	body := h.send(ask{as: "reviewer", path: "/processes/{onfido}/changes"}).body
	if words := text(find(t, document(t, body), ".changes .body")...); !strings.Contains(words, "The bytes differ and the values do not") {
		t.Errorf("%q", words)
	}
}

// The finding leads to the other process and says nothing of its person but which facts are not this one's.
func TestANumberOfAnotherPersonLeadsToTheOtherProcess(t *testing.T) {
	const one, other = "cafe0000-1111-4222-8333-444455556601", "cafe0000-1111-4222-8333-444455556602"
	h := build(t)
	h.keep(wholeBody(one, "accepted", `,"finalResult":{"firstName":"Ada","lastName":"Quorvandellem","dateOfBirth":"1987-11-23","documentNumber":"XK84QZ913"}`, ``), "dossier-1")
	h.keep(wholeBody(other, "accepted", `,"finalResult":{"firstName":"Zaphirellek","lastName":"Okkerse","dateOfBirth":"1971-02-14","documentNumber":"XK 84QZ-913"}`, ``), "dossier-2")
	for _, user := range []string{"reviewer", "auditor", "inspector"} {
		got := h.send(ask{as: user, path: "/processes/" + one})
		links := find(t, document(t, got.body), "[data-finding=number-repeated][data-severity=bad] a[href='/processes/"+other+"']")
		if len(links) != 1 || text(links...) != "The document number stands also in another process, with another name and another date of birth" {
			t.Errorf("%s: %q", user, text(links...))
		}
		if containsAny(got.body, "Zaphirellek", "Okkerse", "1971-02-14", "XK 84QZ-913") {
			t.Errorf("%s reads something of the other person", user)
		}
	}
}

func TestALongValueIsShortenedAndManyChangesAreCounted(t *testing.T) {
	const id = "cafe0000-1111-4222-8333-444455556688"
	h := build(t)
	many := func(value string) string {
		var b strings.Builder
		for i := range 2100 {
			fmt.Fprintf(&b, `,"n%d":%q`, i, value)
		}
		return b.String()
	}
	h.keep(wholeBody(id, "accepted", ``, `"long":"short"`+many("x")), "dossier-1")
	h.keep(wholeBody(id, "accepted", ``, `"long":"`+strings.Repeat("w", 900)+`"`+many("y")), "dossier-1")
	doc := document(t, h.send(ask{as: "reviewer", path: "/processes/" + id + "/changes"}).body)
	if rows := len(find(t, doc, "tr[data-change]")); rows != 2000 {
		t.Errorf("%d rows", rows)
	}
	if words := text(find(t, doc, "tr.group")...); !strings.Contains(words, "101 more changes are not shown here") {
		t.Errorf("%q", words)
	}
	if cell := text(find(t, doc, "tr[data-pointer='/providerSpecific/long'] td:nth-of-type(2)")...); !strings.Contains(cell, "and 500 characters more") {
		t.Errorf("the long value says %q", cell)
	}
	if _, err := h.store.Head(t.Context(), id, 2); err != nil {
		t.Error(err)
	}
}
