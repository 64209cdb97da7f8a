package handlers_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
	"github.com/assure-portal/portal/internal/handlers"
)

const eventsSecret = "made-up events secret"

func sign(body, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// eventOf is an event in the published envelope, with the id of that process's event.
func eventOf(dossier, process, expires string) string {
	return fmt.Sprintf(`{"id":"05ee6b62-%s","timestamp":"2026-03-02T09:16:41.5301234Z","sender":"assure","eventName":"process.complete","eventData":{"dossierId":%q,"processId":%q,`+
		`"status":"accepted","provider":"onfido","externalReference":"customer-000417"},"accountId":"a-sim","organizationId":null,"expiresAt":%q,"tags":["customTag-123"]}`, process, dossier, process, expires)
}

// postEvent posts as a machine does: signed, without a browser's headers.
func postEvent(body, signature string) ask {
	return ask{method: "POST", path: "/events", body: body, header: map[string]string{"Sec-Fetch-Site": "", "Content-Type": "application/json", "X-Signicat-Signature": signature}}
}

func TestAnEventIsAnsweredByItsSignatureAlone(t *testing.T) {
	h := build(t)
	later := h.clock.Now().Add(time.Hour).Format("2006-01-02T15:04:05.0000000Z")
	earlier := h.clock.Now().Format("2006-01-02T15:04:05.0000000Z")
	good, second, third := eventOf("dossier-1", "process-1", later), eventOf("dossier-1", "process-2", later), eventOf("dossier-1", "process-3", later)
	older := `{"dossierId":"dossier-1","processId":"process-1","status":"accepted"}`
	for _, row := range []struct {
		name, body, signature string
		status                int
		result                string
	}{
		{"signed", good, sign(good, eventsSecret), 202, "taken"},
		{"signed with its prefix", second, "sha256=" + sign(second, eventsSecret), 202, "taken"},
		{"signed in capitals", third, strings.ToUpper(sign(third, eventsSecret)), 202, "taken"},
		{"sent again as it was", good, "", 202, "replayed"},
		{"sent again with the same id", strings.Replace(good, "customTag-123", "retry", 1), "", 202, "replayed"},
		{"of the older form", older, "", 202, "taken"},
		{"of the older form, sent again", older, "", 202, "replayed"},
		{"of another kind", strings.ReplaceAll(eventOf("dossier-1", "process-4", later), "process.complete", "webid.zip.ready"), "", 202, "taken"},
		{"with parts of unknown types", `{"id":7,"eventData":{"dossierId":"d","processId":"p","more":[1]},"tags":{"a":null},"expiresAt":20260302}`, "", 202, "taken"},
		{"expired", eventOf("dossier-1", "process-1", earlier), "", 202, "expired"},
		{"about no process", `{"eventData":{}}`, "", 202, "no-process"},
		{"about an id that is none", eventOf("dossier-1", "../etc/passwd", later), "", 202, "no-process"},
		{"that is no object", `[]`, "", 400, "unreadable"},
		{"cut short", good[:40], "", 400, "unreadable"},
		{"without a signature", good, " ", 401, "unsigned"},
		{"with an empty signature after its prefix", good, "sha256=", 401, "unsigned"},
		{"with a whole hash that is another's", good, sign(second, eventsSecret), 401, "unsigned"},
		{"with another body's signature", good, sign(good+" ", eventsSecret), 401, "unsigned"},
		{"signed with another secret", good, sign(good, "guess"), 401, "unsigned"},
		{"with half a signature", good, sign(good, eventsSecret)[:32], 401, "unsigned"},
		{"with a signature that is no number", good, "zz", 401, "unsigned"},
		{"larger than taken", good + strings.Repeat(" ", 64<<10), "", 413, "too-large"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h.t = t
			if row.signature == "" {
				row.signature = sign(row.body, eventsSecret)
			}
			before := h.metric(t, `portal_events_total{result="`+row.result+`"}`)
			got := h.send(postEvent(row.body, row.signature))
			if got.status != row.status || got.body != "" || len(got.records) != 0 {
				t.Errorf("status %d, body %q, records %q", got.status, got.body, got.records)
			}
			if after := h.metric(t, `portal_events_total{result="`+row.result+`"}`); after != before+1 {
				t.Errorf("%s was counted %v times", row.result, after-before)
			}
		})
	}
	if strings.Contains(h.log.String(), "customer-000417") {
		t.Error("the log holds what an event said")
	}
}

// The name of the header is the operator's to set; a signature under another name is none.
func TestAnEventIsSignedInTheHeaderThatIsConfigured(t *testing.T) {
	h := build(t, func(o *handlers.Options) { o.EventsHeader = "X-Other" })
	body := eventOf("dossier-1", "process-1", "")
	for header, status := range map[string]int{"X-Other": http.StatusAccepted, "X-Signicat-Signature": http.StatusUnauthorized} {
		post := postEvent(body, "")
		post.header = map[string]string{"Sec-Fetch-Site": "", header: sign(body, eventsSecret)}
		if got := h.send(post); got.status != status {
			t.Errorf("signed in %s: %d, want %d", header, got.status, status)
		}
	}
}

func TestOfManyEventsTheOldestAreForgotten(t *testing.T) {
	first := handlers.NewTold()
	for n := range handlers.EventsRemembered {
		if !first(fmt.Sprint(n)) {
			t.Fatalf("event %d is taken for one that came before", n)
		}
	}
	for _, row := range []struct {
		event string
		first bool
	}{{"0", false}, {"more", true}, {"0", true}, {"more", false}, {"2", false}, {"1", true}} {
		if first(row.event) != row.first {
			t.Errorf("event %s is the first of its name: %v, want %v", row.event, !row.first, row.first)
		}
	}
}

func TestWithoutASecretThereAreNoEvents(t *testing.T) {
	h := build(t, func(o *handlers.Options) { o.EventsSecret = "" })
	body := eventOf("dossier-1", "process-1", "")
	if got := h.send(postEvent(body, sign(body, ""))); got.status != http.StatusNotFound {
		t.Errorf("status %d", got.status)
	}
}

// An event says that a process is accepted; what the portal holds afterwards is what Assure answers.
func TestAnEventIsAHintAndNeverData(t *testing.T) {
	h := build(t).furnish()
	body := samples(t)["onfido-rejected"]
	var p struct{ ProcessID string }
	h.must(json.Unmarshal(body, &p))
	head, err := h.store.Head(t.Context(), p.ProcessID, 0)
	h.must(err)
	changed := strings.Replace(string(body), "{", "{\n\n", 1)
	h.must(h.sim.Replace(p.ProcessID, []byte(changed)))
	event := eventOf(head.DossierID, p.ProcessID, h.clock.Now().Add(time.Hour).Format(time.RFC3339))
	if got := h.send(postEvent(event, sign(event, eventsSecret))); got.status != http.StatusAccepted || h.sim.Requests(assuretest.Process) != 0 {
		t.Fatalf("status %d, Assure asked %d times before the answer", got.status, h.sim.Requests(assuretest.Process))
	}
	stop := h.run()
	defer stop()
	h.until(t, "the new version", func() bool {
		now, err := h.store.Head(t.Context(), p.ProcessID, 0)
		return err == nil && now.Version == 2 && now.Status == "rejected"
	})
}

// run synchronises until the returned function is called.
func (h *house) run() (stop func()) {
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); h.sync.Run(ctx) }()
	return func() { cancel(); <-done }
}

// until waits for something that another goroutine does.
func (h *house) until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !happened() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come: %s", what, h.log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestReportsOfBlockedContentAreCountedAndQuoteNobody(t *testing.T) {
	h := build(t)
	report := `{"csp-report":{"document-uri":"http://portal/processes/Zaphirellek","blocked-uri":"inline"}}`
	post := func(body string) answer {
		return h.send(ask{method: "POST", path: "/csp-report", body: body, header: map[string]string{"Sec-Fetch-Site": "cross-site", "Content-Type": "application/csp-report"}})
	}
	if got := post(report); got.status != http.StatusNoContent || len(got.records) != 0 {
		t.Errorf("status %d, records %q", got.status, got.records)
	}
	if got := post(strings.Repeat("x", 16<<10+1)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("an oversized report: %d", got.status)
	}
	if n := h.metric(t, "portal_csp_reports_total"); n != 1 {
		t.Errorf("%v reports were counted", n)
	}
	if strings.Contains(h.log.String(), "Zaphi") {
		t.Error("the log holds a report")
	}
}
