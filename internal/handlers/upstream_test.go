package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/store"
)

// brokenAnswers are what an upstream may do to a request for one process, what a reviewer then reads, and the reason
// that the trail keeps.
var brokenAnswers = []struct {
	row, name, words, reason string
	fault                    assuretest.Fault
}{
	{"U01", "the connection is reset", "Assure did not answer.", "unreachable", assuretest.Fault{Sort: assuretest.Reset}},
	{"U02", "nothing comes", "Assure did not answer.", "unreachable", assuretest.Fault{Sort: assuretest.Hang}},
	{"U02", "it stops in the middle", "Assure did not answer.", "unreachable", assuretest.Fault{Sort: assuretest.HangInBody}},
	{"U04", "it is busy for two minutes", "Try again in 2 minutes.", "busy", assuretest.Fault{Status: 429, RetryAfter: "120"}},
	{"U05", "it fails", "Assure did not answer.", "unreachable", assuretest.Fault{Status: 502}},
	{"U06", "it breaks off", "could not be read", "unusable", assuretest.Fault{Sort: assuretest.Truncated}},
	{"U06", "it is no JSON", "could not be read", "unusable", assuretest.Fault{Sort: assuretest.NotJSON}},
	{"U06", "it is called HTML", "could not be read", "unusable", assuretest.Fault{Sort: assuretest.ContentType}},
	{"U06", "it is empty", "could not be read", "unusable", assuretest.Fault{Sort: assuretest.Empty}},
	{"U06", "it is a list", "could not be read", "unusable", assuretest.Fault{Sort: assuretest.Answer, Body: `[{"processId":"x"}]`}},
	{"U07", "it is too large", "could not be read", "unusable", assuretest.Fault{Sort: assuretest.Oversized}},
	{"U09", "the token is refused", "credentials", "credentials", assuretest.Fault{Status: 401}},
	{"U12", "it is about another process", "another process", "another-process", assuretest.Fault{Sort: assuretest.OtherID}},
}

func TestU01ToU12APageSaysWhatIsWrongAndShowsNothingHalfRead(t *testing.T) {
	for _, tt := range brokenAnswers {
		t.Run(tt.row+" "+tt.name, func(t *testing.T) {
			h := canaryHouse(t)
			before := h.send(ask{as: "reviewer", path: "/processes/{canary}"})
			tt.fault.Class, tt.fault.Times = assuretest.Process, -1
			h.sim.Fail(tt.fault)
			start := time.Now()
			got := h.send(ask{as: "reviewer", method: http.MethodPost, path: "/processes/{canary}/refresh"})
			if got.status != http.StatusBadGateway || time.Since(start) > 10*time.Second {
				t.Errorf("status %d after %v", got.status, time.Since(start))
			}
			if !strings.Contains(text(document(t, got.body)), tt.words) {
				t.Errorf("the page does not say %q", tt.words)
			}
			for _, word := range []string{"Injected", "Nothing of this text", "127.0.0.1", "simulator"} {
				if strings.Contains(got.body, word) {
					t.Errorf("the page tells %q of the upstream", word)
				}
			}
			if leaked := visible(got.body); len(leaked) > 0 {
				t.Errorf("an error page shows %q", leaked)
			}
			if last := got.records[len(got.records)-1]; len(got.records) != 2 || !strings.Contains(last, "process.refresh failed") || !strings.Contains(last, "reason="+tt.reason) {
				t.Errorf("records %q", got.records)
			}
			if after := h.send(ask{as: "reviewer", path: "/processes/{canary}"}); after.status != before.status || len(find(t, document(t, after.body), "[data-field]")) != len(find(t, document(t, before.body), "[data-field]")) {
				t.Error("the process page is not what it was before")
			}
		})
	}
}

func TestU08WhatNobodyKnowsIsShownAndCounted(t *testing.T) {
	const form = `{"processId":"00000000-0000-4000-8000-0000000000%02d","provider":%s,"status":%s,"createdAt":"2026-03-02T09:14:05Z"%s}`
	for i, tt := range []struct{ name, provider, status, rest, shown, counted string }{
		{"a provider", `"brandnew"`, `"accepted"`, `,"updatedAt":"2026-03-02T09:15:05Z"`, "brandnew", "provider"},
		{"a status", `"onfido"`, `"dancing"`, `,"updatedAt":"2026-03-02T09:15:05Z"`, "dancing", "status"},
		{"a field", `"onfido"`, `"accepted"`, `,"weather":"fine"`, "fine", "field"},
		{"null everywhere", `"onfido"`, `"accepted"`, `,"finalResult":null,"providerSpecific":null,"depictions":null,"failReason":null,"updatedAt":null`, "onfido", ""},
		{"lists where objects belong", `"onfido"`, `"accepted"`, `,"finalResult":[1],"providerSpecific":["tree"],"depictions":{"a":1},"statusReasons":"x"`, "tree", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := build(t)
			body := fmt.Sprintf(form, i, tt.provider, tt.status, tt.rest)
			id := fmt.Sprintf("00000000-0000-4000-8000-0000000000%02d", i)
			h.must(h.sim.Add(assuretest.Entry{DossierID: "d", Body: []byte(body)}))
			h.sync.Hint("d", id)
			stop := h.run()
			h.until(t, "the process", func() bool { _, err := h.store.Head(t.Context(), id, 0); return err == nil })
			stop()
			got := h.send(ask{as: "reviewer", path: "/processes/" + id})
			if got.status != http.StatusOK || !strings.Contains(text(document(t, got.body)), tt.shown) {
				t.Errorf("status %d, %q is not shown", got.status, tt.shown)
			}
			for _, what := range []string{"provider", "status", "field"} {
				if n := h.metric(t, `portal_sync_unknown_total{what="`+what+`"}`); (n > 0) != (what == tt.counted) {
					t.Errorf("%v arrivals with an unknown %s", n, what)
				}
			}
		})
	}
}

func TestAdminSaysHowSynchronisationIs(t *testing.T) {
	h := build(t, func(o *handlers.Options) { o.Disk = func() (uint64, error) { return 12_345_678_901, nil } }).furnish()
	h.must(h.store.MarkGone(t.Context(), onfido, h.clock.Now()))
	h.must(h.store.Refuse(t.Context(), store.Listed{ProcessID: "x"}, "The answer broke off.", nil, h.clock.Now()))
	h.must(h.store.Owe(t.Context(), "another", "userdata"))
	h.sim.Fail(assuretest.Fault{Class: assuretest.Process, Status: 401, Times: -1})
	if got := h.send(ask{as: "both", method: http.MethodPost, path: "/processes/{webid-accepted}/refresh"}); got.status != http.StatusBadGateway {
		t.Fatalf("refresh answered %d", got.status)
	}
	page := text(find(t, document(t, h.send(ask{as: "admin", path: "/admin"}).body), "#sync-title, section[aria-labelledby=sync-title] .body")...)
	for _, words := range []string{"Last run", "From finished to found here", "not measured yet", "Still to read", "attachments or stated data of 1", "Answers kept aside",
		"The answer broke off.", "Gone from Assure", "credentials refused 1", "Access token", "valid for", "12.3 GB free"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q: %s", words, page)
		}
	}
	h.sim.Heal()
	h.sim.RevokeTokens()
	h.sim.Fail(assuretest.Fault{Class: assuretest.Token, Status: 401, Times: -1})
	h.clock.add(2 * time.Second)
	h.send(ask{as: "both", method: http.MethodPost, path: "/processes/{webid-accepted}/refresh"})
	if page := h.send(ask{as: "admin", path: "/admin"}).body; !strings.Contains(page, "does not take the portal&#39;s credentials") {
		t.Errorf("the page does not say that the token endpoint refuses")
	}
}

func TestAdminAsksForRoomBeforeThereIsNone(t *testing.T) {
	var room uint64
	h := build(t, func(o *handlers.Options) { o.Disk = func() (uint64, error) { return room, nil } })
	for free, asked := range map[uint64]bool{0: true, 1_999_999_999: true, 2_000_000_000: false} {
		room = free
		if got := strings.Contains(h.send(ask{as: "admin", path: "/admin"}).body, "make room"); got != asked {
			t.Errorf("with %d bytes free it is asked for: %v", free, got)
		}
	}
}

func TestAReviewerDecidesToKeepWhatIsGone(t *testing.T) {
	h := build(t).furnish()
	h.must(h.store.MarkGone(t.Context(), onfido, h.clock.Now()))
	if page := h.send(ask{as: "auditor", path: "/completeness"}); strings.Contains(page.body, "/keep") {
		t.Error("an auditor is offered the decision")
	}
	forms := find(t, document(t, h.send(ask{as: "reviewer", path: "/completeness"}).body), "tr[data-gone='"+onfido+"'] form")
	if len(forms) != 1 {
		t.Fatal("the row offers no decision")
	}
	h.names["onfido"] = onfido
	kept := h.send(ask{as: "reviewer", method: http.MethodPost, path: attribute(forms[0], "action")})
	change := "settings.changed %s role=reviewer process=onfido@2 gone=kept"
	if want := []string{fmt.Sprintf(change, "unknown"), fmt.Sprintf(change, "ok")}; kept.status != http.StatusSeeOther || !slices.Equal(kept.records, want) {
		t.Fatalf("status %d, records %q", kept.status, kept.records)
	}
	if page := h.send(ask{as: "reviewer", path: "/completeness"}); strings.Contains(page.body, "data-gone") {
		t.Error("what was decided is still listed")
	}
	if again := h.send(ask{as: "reviewer", method: http.MethodPost, path: "/processes/" + onfido + "/keep"}); again.status != http.StatusConflict {
		t.Errorf("deciding again answers %d", again.status)
	}
}

func TestCompletenessSaysWhatIsGoneAndWhoMayOpenIt(t *testing.T) {
	h := build(t).furnish()
	h.must(h.store.MarkGone(t.Context(), onfido, h.clock.Now()))
	for who, links := range map[string]int{"reviewer": 1, "auditor": 1, "admin": 0} {
		doc := document(t, h.send(ask{as: who, path: "/completeness"}).body)
		rows := find(t, doc, "tr[data-gone='"+onfido+"']")
		if len(rows) != 1 || len(find(t, doc, "tr[data-gone] a[href='/processes/"+onfido+"']")) != links {
			t.Errorf("%s sees %d rows, want one with %d links", who, len(rows), links)
		}
		if seen := h.clock.Now().UTC().Format("2006-01-02"); len(rows) == 1 && strings.Count(text(rows[0]), seen) != 2 {
			t.Errorf("%s reads %q, want when it was last seen and found gone", who, text(rows[0]))
		}
	}
}

func TestADayThatDoesNotReconcileIsLoudAndSaysWhy(t *testing.T) {
	h := build(t)
	day := h.clock.Now().UTC().Format("2006-01-02")
	at := h.clock.Now()
	body := fmt.Appendf(nil, `{"processId":"held","provider":"onfido","status":"accepted","createdAt":%q}`, at.UTC().Format(time.RFC3339))
	_, err := h.store.Save(t.Context(), store.Envelope{ProcessID: "held", DossierID: "d", WayIn: store.ByListing, LastSeenUpstream: at}, body, at)
	h.must(err)
	why := func() (loud bool, words string) {
		rows := find(t, document(t, h.send(ask{as: "admin", path: "/completeness"}).body), "tr[data-day='"+day+"'][data-status=accepted]")
		if len(rows) != 1 {
			t.Fatalf("%d rows", len(rows))
		}
		return slices.Contains(strings.Fields(attribute(rows[0], "class")), "wrong"), text(rows[0])
	}
	for _, tt := range []struct {
		counts int
		loud   bool
		words  string
	}{{1, false, ""}, {3, true, "2 processes at Assure that the portal does not hold yet"}, {0, true, "1 process held that Assure does not count"}} {
		h.must(h.store.SetUpstreamCount(t.Context(), day, "accepted", tt.counts))
		if loud, words := why(); loud != tt.loud || !strings.Contains(words, tt.words) {
			t.Errorf("Assure counts %d: loud %v, %q", tt.counts, loud, words)
		}
	}
	h.must(h.store.Refuse(t.Context(), store.Listed{ProcessID: "x", Status: "accepted", CreatedAt: at}, "The answer broke off.", nil, at))
	h.must(h.store.SetUpstreamCount(t.Context(), day, "accepted", 2))
	if loud, words := why(); !loud || !strings.Contains(words, "1 answer that the portal refused: The answer broke off.") {
		t.Errorf("loud %v, %q", loud, words)
	}
}

func TestMetricsTellWhatSynchronisationMet(t *testing.T) {
	h := build(t).furnish()
	h.must(h.store.MarkGone(t.Context(), onfido, h.clock.Now()))
	h.sim.Fail(assuretest.Fault{Class: assuretest.Process, Sort: assuretest.OtherID, Times: -1})
	h.send(ask{as: "reviewer", method: http.MethodPost, path: "/processes/{webid-accepted}/refresh"})
	for name, want := range map[string]float64{`portal_sync_failed_reads_total{kind="another-process"}`: 1, `portal_sync_failed_reads_total{kind="busy"}`: 0,
		`portal_sync_backlog{what="gone"}`: 1, `portal_assure_token_valid`: 1, `portal_assure_asked`: 1} {
		if got := h.metric(t, name); got != want || !strings.Contains(h.metrics(t), name) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if strings.Contains(h.metrics(t), "portal_sync_lag") {
		t.Error("a lag is told before one was measured")
	}
}
