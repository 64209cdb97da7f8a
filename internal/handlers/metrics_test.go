package handlers_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/assure-portal/portal/internal/handlers"
)

// metrics are what the separate listener would serve.
func (h *house) metrics(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.handler.MetricsHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("metrics answer %d", w.Code)
	}
	return w.Body.String()
}

// metric is the value of one line; 0 if it is not there yet.
func (h *house) metric(t *testing.T, name string) float64 {
	t.Helper()
	for line := range strings.Lines(h.metrics(t)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	return 0
}

func TestMetricsCountRequestsByPatternAndTellHowThePortalIs(t *testing.T) {
	h := canaryHouse(t)
	h.send(ask{as: "reviewer", path: "/processes/{canary}"})
	h.send(ask{as: "reviewer", path: "/processes/Zaphirellek"})
	h.send(ask{path: "/Zaphirellek"})
	h.send(ask{method: "ZAPHIRELLEK", path: "/processes"})
	for name, want := range map[string]float64{
		`portal_requests_total{method="GET",route="/processes/:id",status="200"}`: 1,
		`portal_requests_total{method="GET",route="/processes/:id",status="404"}`: 1,
		`portal_requests_total{method="GET",route="none",status="404"}`:           1,
		`portal_requests_total{method="other",route="/processes",status="405"}`:   1,
		`portal_request_duration_seconds_count{route="/processes/:id"}`:           2,
		`portal_trail_open`:        1,
		`portal_processes_held`:    1,
		`portal_trail_records`:     float64(h.trail.State().Size),
		`portal_csp_reports_total`: 0,
	} {
		if got := h.metric(t, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if all := h.metrics(t); len(visible(all)) > 0 || strings.Contains(strings.ToUpper(all), "ZAPHI") || strings.Contains(all, canaryID) {
		t.Errorf("the metrics hold what is personal: %s", all)
	}
}

func TestMetricsTellThatTheTrailIsClosed(t *testing.T) {
	h := build(t)
	closings["it was closed"](h)
	if got := h.metric(t, "portal_trail_open"); got != 0 || !strings.Contains(h.metrics(t), "portal_trail_open 0") {
		t.Errorf("portal_trail_open is %v", got)
	}
}

func TestMetricsTellWhenSynchronisationEnded(t *testing.T) {
	h := build(t)
	if !strings.Contains(h.metrics(t), "portal_sync_last_end_timestamp_seconds 0") {
		t.Error("before the first run")
	}
	stop := h.run()
	h.until(t, "the end of a run", func() bool { return h.metric(t, "portal_sync_last_end_timestamp_seconds") > 0 })
	stop()
	if got, now := h.metric(t, "portal_sync_last_end_timestamp_seconds"), float64(h.clock.Now().Unix()); got < now-1 || got > now+1 {
		t.Errorf("%v, want about %v", got, now)
	}
}

func TestAPortalWithoutAssureHasNoSynchronisationToMeasure(t *testing.T) {
	h := build(t, func(o *handlers.Options) { o.Sync, o.Assure = nil, nil })
	if strings.Contains(h.metrics(t), "portal_sync") {
		t.Error("there is a metric of synchronisation")
	}
}
