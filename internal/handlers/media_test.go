package handlers_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/handlers"
	"github.com/assure-portal/portal/internal/store"
)

func TestAnImageIsSentAsReceivedAndAsNothingThatABrowserWouldRun(t *testing.T) {
	h := canaryHouse(t)
	png := assuretest.PlaceholderImage("front", 1)
	for _, row := range []struct {
		name, kept string
		body       []byte
		want       string
	}{
		{"an image", "image/png", png, "image/png"},
		{"a drawing that could run", "image/svg+xml", []byte("<svg onload='x'/>"), "application/octet-stream"},
		{"a page in place of an image", "text/html", []byte("<script>x</script>"), "application/octet-stream"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h.t = t
			h.must(h.store.SaveMedia(t.Context(), canaryID, "back", store.Media{ContentType: row.kept, Body: row.body}, h.clock.Now()))
			got := h.send(ask{as: "reviewer", path: "/processes/{canary}/images/back"})
			if got.status != 200 || got.body != string(row.body) || got.header.Get("Content-Type") != row.want || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("status %d, %q, %q", got.status, got.header.Get("Content-Type"), got.body)
			}
			if want := []string{"process.image ok role=reviewer process=canary@1 image=back"}; !slices.Equal(got.records, want) {
				t.Errorf("records %q", got.records)
			}
		})
	}
}

func TestAPortalThatKeepsImagesAsksAssureOnce(t *testing.T) {
	h := canaryHouseWith(t, func(o *handlers.Options) { o.KeepImages = true })
	first := h.send(ask{as: "reviewer", path: "/processes/{canary}/images/front"})
	asked := h.sim.Requests(assuretest.Images)
	second := h.send(ask{as: "reviewer", path: "/processes/{canary}/images/front"})
	if first.status != 200 || second.body != first.body || len(first.records) != 2 || len(second.records) != 1 || asked != 1 || h.sim.Requests(assuretest.Images) != 1 {
		t.Errorf("status %d, records %q then %q, Assure asked %d times", first.status, first.records, second.records, h.sim.Requests(assuretest.Images))
	}
}

func TestAPortalThatKeepsNoImagesAsksAssureEachTime(t *testing.T) {
	h := canaryHouse(t)
	for range 2 {
		if got := h.send(ask{as: "reviewer", path: "/processes/{canary}/images/front"}); got.status != 200 || len(got.records) != 2 {
			t.Errorf("status %d, records %q", got.status, got.records)
		}
	}
	if n := h.sim.Requests(assuretest.Images); n != 2 {
		t.Errorf("Assure was asked %d times", n)
	}
}

func TestThePageLeadsToImagesThatAreKeptAlsoWhereTheAnswerNamesNone(t *testing.T) {
	h := canaryHouse(t)
	link := `href="/processes/` + canaryID + `/images/portrait"`
	if page := h.send(ask{as: "reviewer", path: "/processes/{canary}"}); strings.Contains(page.body, link) {
		t.Fatal("the page leads to an image that nothing names")
	}
	h.must(h.store.SaveMedia(t.Context(), canaryID, "portrait", store.Media{ContentType: "image/png", Body: assuretest.PlaceholderImage("portrait", 1)}, h.clock.Now()))
	if page := h.send(ask{as: "reviewer", path: "/processes/{canary}"}); !strings.Contains(page.body, link) {
		t.Error("no link to the image that is kept")
	}
	if page := h.send(ask{as: "auditor", path: "/processes/{canary}"}); strings.Contains(page.body, "/images/") {
		t.Error("an auditor is led to an image")
	}
}

func TestRawIsByteForByteWhatWasReceived(t *testing.T) {
	h := canaryHouse(t)
	h.send(ask{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "audit")})
	got := h.send(ask{as: "reviewer", path: "/processes/{canary}/raw"})
	if got.body != string(canaryBody()) || got.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%q: %s", got.header.Get("Content-Type"), got.body)
	}
}

func TestAnArchiveOfEverythingIsSentAfterAPurposeAndToldByItsHash(t *testing.T) {
	h := canaryHouse(t)
	if page := h.send(ask{as: "reviewer", path: "/processes/{canary}/archive"}); page.status != 404 || !strings.Contains(page.body, "keeps no archive") {
		t.Fatalf("without an archive: %d %s", page.status, page.body)
	}
	zip := "PK made-up archive"
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(zip)))
	h.must(h.store.SaveMedia(t.Context(), canaryID, store.Archive, store.Media{ContentType: "text/html", Body: []byte(zip)}, h.clock.Now()))
	if got := h.send(ask{as: "reviewer", path: "/processes/{canary}/archive"}); got.status != 200 || strings.Contains(got.body, zip) || len(got.records) != 0 {
		t.Errorf("without a purpose: %d, records %q", got.status, got.records)
	}
	h.send(ask{as: "reviewer", method: "POST", path: "/processes/{canary}/reveal", form: form("field", "raw", "purpose", "audit")})
	page := h.send(ask{as: "reviewer", path: "/processes/{canary}/raw?view=page"})
	if !containsAll(page.body, `href="/processes/`+canaryID+`/archive"`, sum, "18 bytes") {
		t.Error("the raw page does not tell of the archive")
	}
	got := h.send(ask{as: "reviewer", path: "/processes/{canary}/archive"})
	if got.body != zip || got.header.Get("Content-Type") != "application/zip" || got.header.Get("Content-Disposition") != `attachment; filename="archive.zip"` {
		t.Errorf("%d, %v: %s", got.status, got.header, got.body)
	}
	if want := []string{"process.raw ok role=reviewer process=canary@1 purpose=audit part=archive sha256=" + sum}; !slices.Equal(got.records, want) {
		t.Errorf("records %q, want %q", got.records, want)
	}
}

func TestAnErasedProcessIsNotFoundAndThePageSaysWhy(t *testing.T) {
	h := canaryHouse(t)
	h.must(h.store.Erase(t.Context(), canaryID, "request of the person", h.clock.Now()))
	h.check(t, exchange{ask: ask{as: "reviewer", path: "/processes/{canary}"}, status: 404, has: errorPage("404"),
		records: []string{"process.view failed role=reviewer process=canary route=/processes/:id status=Not Found"}})
	if got := h.send(ask{as: "reviewer", path: "/processes/{canary}"}); len(find(t, document(t, got.body), "main .failure")) != 1 || len(visible(got.body)) > 0 {
		t.Error(got.body)
	} else if words := text(find(t, document(t, got.body), "main .failure")...); !containsAll(words, "was erased", "request of the person") {
		t.Error(words)
	}
}
