package handlers_test

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"github.com/assure-portal/portal/internal/evidence"
	"github.com/assure-portal/portal/internal/handlers"
)

const canaryID = "cafe0000-1111-4222-8333-444455556666"

// canary is a made-up value that stands for one fact in all its places. Its last two characters may be seen.
type canary struct {
	name  string
	value string
	class evidence.Class
}

// canaries are one fact each of every class of the contract's masking table.
var canaries = []canary{
	{"firstName", "Zaphirellek", evidence.Identity},
	{"lastName", "Quorvandellem", evidence.Identity},
	{"lastNameSecondLine", "Wimpletreesp", evidence.Identity},
	{"dateOfBirth", "1987-11-23", evidence.Identity},
	{"placeOfBirth", "Nimbuldorfu", evidence.Identity},
	{"email", "zq.canary@example.test", evidence.Identity},
	{"phone", "+99 555 0137 4422", evidence.Identity},
	{"street", "Quillfeather Lane 731", evidence.Identity},
	{"unmapped", "Unmapped Wozzle Thirtyone", evidence.Identity},
	{"documentNumber", "XK84QZ913", evidence.DocumentNumber},
	{"personalNumber", "771203456789", evidence.PersonalNumber},
	{"iban", "DE02500105170137075030", evidence.PersonalNumber},
	{"token", "eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOiJ0cnVlIn0.Y2FuYXJ5LXNpZ25hdHVyZQ", evidence.Raw},
}

// canaryBody is an answer about a person who does not exist, in the shape of Signicat Paper, with more in it than it documents.
func canaryBody() []byte {
	return fmt.Appendf(nil, `{"processId":%q,"provider":"signicatpaper","status":"accepted","depictions":["front"],
"finalResult":{"firstName":"Zaphirellek","lastName":"Quorvandellem","lastNameSecondLine":"Wimpletreesp","dateOfBirth":"1987-11-23","placeOfBirth":"Nimbuldorfu",
 "nationality":"NLD","documentType":"passport","documentNumber":"XK84QZ913","issuingCountry":"NLD","personalIdentificationNumber":"771203456789"},
"providerSpecific":{"features":{"firstName":"Zaphirellek","lastName":"Quorvandellem","lastNameSecondLine":"Wimpletreesp","dateOfBirth":"1987-11-23",
 "placeOfBirth":"Nimbuldorfu","documentNumber":"XK84QZ913","personalNumber":"771203456789","email":"zq.canary@example.test","phoneNumber":"+99 555 0137 4422",
 "street":"Quillfeather Lane 731","wozzle":"Unmapped Wozzle Thirtyone","bank":{"iban":"DE02500105170137075030"},
 "idToken":"eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOiJ0cnVlIn0.Y2FuYXJ5LXNpZ25hdHVyZQ"}},
"createdAt":"2026-03-05T09:14:05Z","updatedAt":"2026-03-05T09:16:41Z"}`, canaryID)
}

// open says which classes stand open for whom before anything is revealed (contract, masking table).
var openTo = map[string][]evidence.Class{
	"reviewer": {evidence.Plain, evidence.Identity, evidence.DocumentNumber}, "auditor": {evidence.Plain}, "inspector": {evidence.Plain},
	"both": {evidence.Plain, evidence.Identity, evidence.DocumentNumber}, "admin": {},
}

// A final result may have fields of any name. Each has a form that opens it, and no name reaches the raw body by mistake.
func TestAnUnknownFieldOfAnyNameCanBeRevealed(t *testing.T) {
	h := build(t)
	body := strings.Replace(string(canaryBody()), `"nationality":`, `"raw":"Wozzle of raw","a/b~c":"Wozzle of signs","Full name":"Wozzle of spaces","nationality":`, 1)
	h.keep([]byte(body), "dossier-canary")
	page := document(t, h.send(ask{as: "inspector", path: "/processes/" + canaryID}).body)
	for name, want := range map[string]string{"raw": "Wozzle of raw", "a~1b~0c": "Wozzle of signs", "Full name": "Wozzle of spaces"} {
		inputs := find(t, page, "tr[data-field='"+name+"'] form input[name=field]")
		if len(inputs) != 1 {
			t.Errorf("%s has %d forms", name, len(inputs))
			continue
		}
		got := h.send(ask{as: "inspector", method: "POST", path: "/processes/" + canaryID + "/reveal", form: form("field", attribute(inputs[0], "value"), "purpose", "audit")})
		if row := text(find(t, document(t, got.body), "tr[data-field='"+name+"'] .value")...); got.status != 200 || row != want || len(visible(got.body)) > 0 {
			t.Errorf("%s: status %d, shows %q, want %q", name, got.status, row, want)
		}
	}
}

// canaryHouse holds one process, which is found by a term that is part of no canary's masked form.
func canaryHouse(t *testing.T) *house { return canaryHouseWith(t) }

func canaryHouseWith(t *testing.T, change ...func(*handlers.Options)) *house {
	t.Helper()
	h := build(t, change...)
	h.keep(canaryBody(), "dossier-canary")
	h.names["canary"] = canaryID
	h.saveTerm("term", "zaphi")
	return h
}

// visible are the canaries that stand in the bytes, as they are or escaped.
func visible(body string) []string {
	var names []string
	for _, c := range canaries {
		if strings.Contains(body, c.value) || strings.Contains(body, html.EscapeString(c.value)) {
			names = append(names, c.name)
		}
	}
	return names
}

func classNames(open []evidence.Class, except ...string) []string {
	var names []string
	for _, c := range canaries {
		if slices.Contains(open, c.class) && !slices.Contains(except, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

func TestZ03_TheProcessPageShowsExactlyTheClassesOfTheRole(t *testing.T) {
	h := canaryHouse(t)
	for user, open := range openTo {
		got := h.send(ask{as: user, path: "/processes/{canary}"})
		if want := classNames(open); !slices.Equal(visible(got.body), want) {
			t.Errorf("%s sees %q, want %q", user, visible(got.body), want)
		}
	}
}

func TestZ03_NothingElseShowsMoreThanTheRoleMaySee(t *testing.T) {
	h := canaryHouse(t)
	results := map[string]string{"HX-Request": "true", "HX-Target": "results"}
	for user, open := range openTo {
		for _, a := range []ask{
			{path: "/processes?s={term}"}, {path: "/processes", header: results}, {path: "/processes?sort=attention"}, {path: "/processes.csv?with=identity"},
			{path: "/processes/{canary}", header: htmx}, {path: "/processes/{canary}?version=1"}, {path: "/processes/{canary}?version=2"},
			{path: "/audit.csv?with=identity,detail"}, {path: "/audit.zip?leaves=all&with=identity,detail"}, {path: "/audit?process={canary}"}, {path: "/audit/statement?process={canary}"},
			{path: "/processes/{canary}/reveal", method: "POST", form: form("field", "gender", "purpose", "curiosity")},
			{path: "/processes/{canary}/reveal", method: "POST", form: form("field", "raw", "purpose", "audit")},
		} {
			a.as = user
			for _, name := range visible(h.send(a).body) {
				if !slices.Contains(classNames(open), name) {
					t.Errorf("%s %s shows %s to the %s", a.method, a.path, name, user)
				}
			}
		}
	}
	if seen := visible(h.log.String()); len(seen) > 0 {
		t.Errorf("the log holds %q", seen)
	}
}

// What a route opens to whom beyond the classes of the role: a given purpose opens raw, and a reveal its one field.
func opensBeyond(pattern, user string) []string {
	switch mayReveal := slices.Contains([]string{"reviewer", "inspector", "both"}, user); {
	case mayReveal && pattern == "/processes/:id/raw":
		return classNames([]evidence.Class{evidence.Identity, evidence.DocumentNumber, evidence.PersonalNumber, evidence.Raw})
	case mayReveal && pattern == "/processes/:id/reveal":
		return []string{"firstName"}
	}
	return nil
}

func TestZ03_NoRouteShowsMoreThanTheRoleMaySee(t *testing.T) {
	h := canaryHouse(t)
	for user, open := range openTo {
		h.send(ask{as: user, method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "audit")})
		for _, route := range h.handler.Routes() {
			method, pattern := split(route)
			if pattern == "/auth/logout" {
				continue
			}
			for _, header := range []map[string]string{nil, htmx} {
				got := h.send(ask{as: user, method: method, path: example(pattern, canaryID), form: goodForms[pattern], header: header})
				for _, name := range visible(got.body) {
					if !slices.Contains(classNames(open), name) && !slices.Contains(opensBeyond(pattern, user), name) {
						t.Errorf("%s shows %s to the %s", route, name, user)
					}
				}
			}
		}
	}
	if seen := visible(h.send(ask{as: "inspector", path: "/processes/{canary}/raw"}).body); len(seen) != len(canaries) {
		t.Errorf("raw shows %q, so this shows nothing", seen)
	}
}

// What the portal says about a value, such as how long it is expired, tells as much as the value.
func TestAMaskedValueHasNoNote(t *testing.T) {
	h := build(t).furnish()
	for user, want := range map[string]int{"reviewer": 1, "auditor": 0, "inspector": 0} {
		doc := document(t, h.send(ask{as: user, path: "/processes/{paper}"}).body)
		if notes := find(t, doc, "tr[data-field=dateOfExpiry] td:nth-child(2) > small"); len(notes) != want {
			t.Errorf("%s reads %q", user, text(notes...))
		}
		if notes := find(t, doc, "tr[data-field=nationality] td:nth-child(2) > small"); len(notes) != 1 {
			t.Errorf("%s reads nothing about a country", user)
		}
	}
}

// Whoever may reveal opens one fact with all its places, or one place, for one answer.
func TestRevealOpensExactlyOneField(t *testing.T) {
	h := canaryHouse(t)
	for _, row := range []struct{ field, opens string }{
		{"firstName", "firstName"}, {"lastName", "lastName"}, {"dateOfBirth", "dateOfBirth"}, {"placeOfBirth", "placeOfBirth"},
		{"documentNumber", "documentNumber"}, {"personalIdentificationNumber", "personalNumber"},
		{"/finalResult/lastName", "lastName"}, {"/providerSpecific/features/wozzle", "unmapped"}, {"/providerSpecific/features/email", "email"},
		{"/providerSpecific/features/bank/iban", "iban"}, {"/providerSpecific/features/idToken", "token"},
	} {
		for _, user := range []string{"inspector", "reviewer"} {
			got := h.send(ask{as: user, method: "POST", path: "/processes/{canary}/reveal", form: form("field", row.field, "purpose", "audit")})
			want := classNames(openTo[user])
			if !slices.Contains(want, row.opens) {
				want = append(want, row.opens)
			}
			if seen := visible(got.body); got.status != 200 || !sameSet(seen, want) {
				t.Errorf("%s reveals %s: status %d, sees %q, want %q", user, row.field, got.status, seen, want)
			}
		}
	}
	if seen := visible(h.send(ask{as: "inspector", path: "/processes/{canary}"}).body); len(seen) > 0 {
		t.Errorf("the next page still shows %q", seen)
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestARecordSaysWhichClassesThePageShowed(t *testing.T) {
	h := canaryHouse(t)
	for _, row := range []struct {
		name string
		ask
		want string
	}{
		{"a reviewer's page", ask{as: "reviewer", path: "/processes/{canary}"}, "plain identity document"},
		{"an auditor's page", ask{as: "auditor", path: "/processes/{canary}"}, "plain"},
		{"a reviewer's list", ask{as: "reviewer", path: "/processes"}, "plain identity document"},
		{"an auditor's export", ask{as: "auditor", path: "/processes.csv?with=identity"}, "plain"},
		{"an export of both roles without persons", ask{as: "both", path: "/processes.csv"}, "plain"},
		{"an export of both roles with persons", ask{as: "both", path: "/processes.csv?with=identity"}, "plain identity document"},
		{"an inspector's revealed name", ask{as: "inspector", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "firstName", "purpose", "audit")}, "plain identity"},
		{"a reviewer's revealed number", ask{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "personalIdentificationNumber", "purpose", "audit")}, "plain identity document personal"},
		{"a reviewer's revealed place", ask{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "/providerSpecific/features/bank/iban", "purpose", "audit")},
			"plain identity document personal image raw"},
		{"an image", ask{as: "inspector", path: "/processes/{canary}/images/front"}, "image"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h.t = t
			h.as(row.as)
			before := h.trail.State().Size
			h.exchange(row.ask, h.as(row.as))
			records := h.read(before)
			if len(records) == 0 {
				t.Fatal("no record")
			}
			if got := strings.Join(records[0].Classes, " "); got != row.want {
				t.Errorf("classes %q, want %q", got, row.want)
			}
		})
	}
}

// Every leaf of every published sample is masked or open by its class alone, and what is masked is not in the bytes.
func TestEveryLeafOfEverySampleIsMaskedByItsClass(t *testing.T) {
	h := build(t).furnish()
	all := samples(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		report := evidence.Read(evidence.Input{Body: all[name], Now: h.clock.Now()})
		for _, user := range []string{"reviewer", "auditor", "inspector"} {
			t.Run(name+" as "+user, func(t *testing.T) {
				h.t = t
				got := h.send(ask{as: user, path: "/processes/{" + name + "}"})
				checkLeaves(t, document(t, got.body), report, openTo[user])
				checkBytes(t, got.body, report, openTo[user])
			})
		}
	}
}

// leaves are the leaves of a report's tree.
func leaves(n evidence.Node) []evidence.Node {
	if n.Kind != "object" && n.Kind != "array" {
		return []evidence.Node{n}
	}
	var all []evidence.Node
	for _, child := range n.Children {
		all = append(all, leaves(child)...)
	}
	return all
}

func checkLeaves(t *testing.T, doc *nethtml.Node, report evidence.Report, open []evidence.Class) {
	t.Helper()
	shown := map[string]*nethtml.Node{}
	for _, n := range find(t, doc, "section.tree [data-pointer]") {
		shown[attribute(n, "data-pointer")] = n
	}
	for _, leaf := range leaves(report.Tree) {
		n := shown[leaf.Pointer]
		if n == nil {
			t.Errorf("%s is not on the page", leaf.Pointer)
			continue
		}
		want := leaf.Value
		if !slices.Contains(open, leaf.Class) {
			want = evidence.Mask(want)
		}
		masked := slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == "data-masked" })
		if got := text(n); got != strings.Join(strings.Fields(want), " ") || masked != (want != leaf.Value) {
			t.Errorf("%s of class %s shows %q (masked %v)", leaf.Pointer, leaf.Class, got, masked)
		}
	}
}

// checkBytes looks for whole values that should be masked. A difference may show the characters that differ.
func checkBytes(t *testing.T, body string, report evidence.Report, open []evidence.Class) {
	t.Helper()
	var mayStand strings.Builder
	for _, leaf := range leaves(report.Tree) {
		if slices.Contains(open, leaf.Class) {
			mayStand.WriteString(leaf.Value + "\n")
		}
	}
	for _, f := range report.Fields {
		for _, s := range f.Sources {
			for _, span := range s.Edit {
				if span.Kind != "same" {
					mayStand.WriteString(span.Text + "\n")
				}
			}
		}
	}
	for _, leaf := range leaves(report.Tree) {
		if slices.Contains(open, leaf.Class) || len(leaf.Value) < 8 || strings.Contains(mayStand.String(), leaf.Value) {
			continue
		}
		if strings.Contains(body, html.EscapeString(leaf.Value)) {
			t.Errorf("%s of class %s stands in the bytes: %q", leaf.Pointer, leaf.Class, leaf.Value)
		}
	}
}
