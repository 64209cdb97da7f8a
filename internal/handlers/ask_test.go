package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

const (
	unheld  = "0f6f1f2e-5b0e-4c39-9d58-1c7a37f0a001"
	dossier = "0f6f1f2e-5b0e-4c39-9d58-1c7a37f0d001"
)

// askHouse holds nothing of a process that Assure has.
func askHouse(t *testing.T) *house {
	h := canaryHouse(t)
	body := strings.ReplaceAll(string(canaryBody()), canaryID, unheld)
	h.must(h.sim.Add(assuretest.Entry{DossierID: dossier, Body: []byte(body)}))
	h.names["unheld"] = unheld
	return h
}

func TestAReviewerAsksAssureForAProcessThatIsNotHeld(t *testing.T) {
	for _, row := range []struct {
		name             string
		process, dossier string
		status           int
		says             string
		records          []string
	}{
		{"both ids, with spaces around", " " + unheld + " ", dossier, 303, "",
			[]string{"process.refresh unknown role=reviewer process=unheld", "process.fetch ok role=system process=unheld@1 purpose=none to_status=accepted way_in=refresh", "process.refresh ok role=reviewer process=unheld@1 changed=yes to_status=accepted"}},
		{"a dossier that has no such process", unheld, "0f6f1f2e-5b0e-4c39-9d58-1c7a37f0d002", 404, "no such process in that dossier",
			[]string{"process.refresh unknown role=reviewer process=unheld", "process.refresh failed role=reviewer process=unheld reason=gone"}},
		{"what could be a person’s number is not sent on", "19850417-1234", dossier, 422, "not one of Assure’s",
			[]string{"process.refresh failed role=reviewer route=/processes/ask status=Unprocessable Entity"}},
		{"no dossier", unheld, "", 422, "The dossier id is not",
			[]string{"process.refresh failed role=reviewer route=/processes/ask status=Unprocessable Entity"}},
		{"one that is held already is opened", canaryID, dossier, 303, "", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := askHouse(t)
			asked := h.sim.Requests(assuretest.Process)
			got := h.send(ask{as: "reviewer", method: "POST", path: "/processes/ask", form: form("process", row.process, "dossier", row.dossier)})
			if got.status != row.status || !slices.Equal(got.records, row.records) {
				t.Fatalf("status %d, records %q", got.status, got.records)
			}
			if row.status == 422 && h.sim.Requests(assuretest.Process) != asked {
				t.Error("Assure was asked")
			}
			if row.status == 303 {
				to := got.header.Get("Location")
				if page := h.send(ask{as: "reviewer", path: to}); to != "/processes/"+strings.TrimSpace(row.process) || page.status != 200 {
					t.Errorf("led to %s, which answers %d", to, page.status)
				}
				return
			}
			doc := document(t, got.body)
			if words := text(find(t, doc, "main [role=alert]")...); !strings.Contains(words, row.says) {
				t.Errorf("the page says %q", words)
			}
			if form := find(t, doc, `main form[action="/processes/ask"] input[name=process]`); len(form) != 1 || attribute(form[0], "value") != row.process {
				t.Error("the form does not come again with what was typed")
			}
		})
	}
}

func TestAnErasedProcessIsNotAskedForAgain(t *testing.T) {
	h := askHouse(t)
	h.must(h.store.Erase(t.Context(), canaryID, "request of the person", h.clock.Now()))
	got := h.send(ask{as: "reviewer", method: "POST", path: "/processes/ask", form: form("process", canaryID, "dossier", dossier)})
	if got.status != 409 || !strings.Contains(got.body, "was erased") {
		t.Errorf("%d: %s", got.status, got.body)
	}
}

func TestAnIDThatNothingIsFoundForCanBeAskedFor(t *testing.T) {
	h := askHouse(t)
	const asks = `main .empty form[action="/processes/ask"] input[name=process]`
	for _, row := range []struct {
		name, user, term string
		offered          bool
	}{
		{"an id, to a reviewer", "reviewer", unheld, true},
		{"an id, to an auditor, who may not ask", "auditor", unheld, false},
		{"a name", "reviewer", "Nobodysname", false},
		{"a number", "reviewer", "198504171234", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			h.t = t
			to := h.send(ask{as: row.user, method: "POST", path: "/processes/search", form: form("q", row.term)}).header.Get("Location")
			fields := find(t, document(t, h.send(ask{as: row.user, path: to}).body), asks)
			if (len(fields) == 1) != row.offered || row.offered && attribute(fields[0], "value") != row.term {
				t.Errorf("%d fields", len(fields))
			}
		})
	}
}
