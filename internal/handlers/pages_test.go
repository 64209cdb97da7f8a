package handlers_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/evidence"
)

// fieldOrder is the contract's order of the documented fields.
var fieldOrder = strings.Split("firstName,lastName,lastNameSecondLine,dateOfBirth,placeOfBirth,gender,nationality,documentType,documentNumber,issuingCountry,"+
	"dateOfIssue,dateOfExpiry,personalIdentificationNumber,similarityScore,livenessDetected", ",")

func TestEverySampleHasAWholePage(t *testing.T) {
	h := build(t).furnish()
	all := samples(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			h.t = t
			var p struct{ Provider, Status string }
			h.must(json.Unmarshal(all[name], &p))
			got := h.send(ask{as: "reviewer", path: "/processes/{" + name + "}"})
			doc := document(t, got.body)
			var fields, ids []string
			for _, n := range find(t, doc, "tr[data-field]") {
				fields = append(fields, attribute(n, "data-field"))
			}
			if len(fields) < len(fieldOrder) || !slices.Equal(fields[:len(fieldOrder)], fieldOrder) {
				t.Errorf("fields %q", fields)
			}
			if n := len(find(t, doc, "[data-question][data-answer]")); n != 6 {
				t.Errorf("%d questions", n)
			}
			if status := find(t, doc, "article .status"); len(status) == 0 || attribute(status[0], "data-status") != p.Status {
				t.Errorf("the status is not %s", p.Status)
			}
			for _, n := range find(t, doc, "[id]") {
				ids = append(ids, attribute(n, "id"))
			}
			if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(unique) != len(ids) {
				t.Errorf("an id stands twice among %q", ids)
			}
			for _, n := range find(t, doc, "a[href^='#']") {
				if to := strings.TrimPrefix(attribute(n, "href"), "#"); !slices.Contains(ids, to) {
					t.Errorf("%q leads to %q, which is not on the page", text(n), to)
				}
			}
		})
	}
}

// A revealed field opens its own places and nothing that another field is made of.
func TestARevealOpensNoPlaceOfAnotherField(t *testing.T) {
	h := build(t).furnish()
	all := samples(t)
	for _, name := range []string{"onfido-accepted", "webid-accepted", "readid-accepted", "connect-accepted", "signicatvideoid-accepted.high", "signicatpaper-accepted", "signicatpictureid-accepted"} {
		report := evidence.Read(evidence.Input{Body: all[name], Now: h.clock.Now()})
		for _, f := range report.Fields {
			if f.Class == evidence.Plain || !f.Known || len(f.Sources) == 0 {
				continue
			}
			t.Run(name+" "+f.Name, func(t *testing.T) {
				h.t = t
				got := h.send(ask{as: "inspector", method: "POST", path: "/processes/{" + name + "}/reveal", form: form("field", f.Name, "purpose", "audit")})
				checkOpened(t, got, report, f)
			})
		}
	}
}

// checkOpened looks at every leaf that is open although its class is masked for an inspector.
func checkOpened(t *testing.T, got answer, report evidence.Report, f evidence.Field) {
	t.Helper()
	places := []string{"/finalResult/" + f.Name}
	for _, s := range f.Sources {
		places = append(places, s.Pointer)
	}
	doc := document(t, got.body)
	if len(find(t, doc, "tr[data-field="+f.Name+"] [data-masked]")) > 0 {
		t.Error("a part of its own row is still masked")
	}
	for _, leaf := range leaves(report.Tree) {
		if leaf.Class == evidence.Plain || leaf.Value == "" {
			continue
		}
		if shown := find(t, doc, "section.tree [data-pointer='"+leaf.Pointer+"']:not([data-masked])"); len(shown) > 0 && !slices.Contains(places, leaf.Pointer) {
			t.Errorf("%s is open", leaf.Pointer)
		}
	}
	for _, other := range report.Fields {
		if other.Name == f.Name || other.Class == evidence.Plain || len([]rune(other.Value)) < 4 || strings.Contains(f.Value, other.Value) {
			continue
		}
		if row := find(t, doc, "tr[data-field='"+other.Name+"'] .value:not([data-masked])"); len(row) > 0 && text(row...) != "" {
			t.Errorf("the row of %s shows %q", other.Name, text(row...))
		}
	}
}

// Whether the status depends on a check is said where it is known, and nowhere else.
func TestAPageSaysWhichChecksAreRequired(t *testing.T) {
	h := build(t).furnish()
	for _, c := range []struct{ sample, check, required, says string }{
		{"signicatpaper-accepted", "mrzChecksum.documentNumber", "yes", "required: the status depends on it"},
		{"readid-accepted", "chipVerification", "yes", "required: the status depends on it"},
		{"facetec-rejected", "matching.attempts.0", "no", "not required"},
		{"onfido-accepted", "documentVerification.result", "", ""},
		{"onfido-accepted", "portal.inDate", "", ""},
	} {
		doc := document(t, h.send(ask{as: "auditor", path: "/processes/{" + c.sample + "}"}).body)
		checks := find(t, doc, "[data-check='"+c.check+"']")
		if len(checks) != 1 {
			t.Errorf("%s: %d checks are called %s", c.sample, len(checks), c.check)
			continue
		}
		if said := attribute(checks[0], "data-required"); said != c.required {
			t.Errorf("%s: %s: required %q, want %q", c.sample, c.check, said, c.required)
		}
		if words := text(find(t, checks[0], ".need")...); words != c.says {
			t.Errorf("%s: %s says %q, want %q", c.sample, c.check, words, c.says)
		}
	}
}
