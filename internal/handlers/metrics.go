package handlers

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/assure-portal/portal/internal/sync"
)

// scrapeTime bounds what one scrape may ask of the store.
const scrapeTime = 2 * time.Second

// metrics are the portal's few numbers. Labels are route patterns, methods and statuses: never a path, an id or a person.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	events     *prometheus.CounterVec
	cspReports prometheus.Counter
}

func (s *Server) newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portal_requests_total",
			Help: "Requests answered, by route pattern, method and status."}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "portal_request_duration_seconds",
			Help: "Time from the first byte asked to the last one answered, by route pattern.", Buckets: prometheus.DefBuckets}, []string{"route"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "portal_events_total",
			Help: "Events of Assure, by what became of them."}, []string{"result"}),
		cspReports: prometheus.NewCounter(prometheus.CounterOpts{Name: "portal_csp_reports_total",
			Help: "Browsers' reports of content that the policy blocked."}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.events, m.cspReports)
	m.registry.MustRegister(s.gauges()...)
	return m
}

// gauges are read when they are asked for.
func (s *Server) gauges() []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	gauges := []prometheus.Collector{
		gauge("portal_trail_records", "Records in the audit trail.", func() float64 { return float64(s.Trail.State().Size) }),
		gauge("portal_trail_open", "1 while the audit trail takes records, else 0.", func() float64 {
			if s.Trail.Ready() != nil {
				return 0
			}
			return 1
		}),
		gauge("portal_processes_held", "Processes held; -1 when the store does not answer.", s.processesHeld),
	}
	if s.Sync == nil {
		return gauges
	}
	return append(gauges, s.newSyncMetrics())
}

func (s *Server) processesHeld() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	fresh, err := s.Store.Freshness(ctx)
	if err != nil {
		return -1
	}
	return float64(fresh.Processes)
}

// syncMetrics tell how synchronisation is. They are read from its own counts when they are asked for.
type syncMetrics struct {
	*Server
	end, lag, failures, unknown, found, backlog, token, asked *prometheus.Desc
}

func (s *Server) newSyncMetrics() *syncMetrics {
	desc := prometheus.NewDesc
	return &syncMetrics{Server: s,
		end: desc("portal_sync_last_end_timestamp_seconds", "When the last synchronisation run ended; 0 before the first.", nil, nil),
		lag: desc("portal_sync_lag_p95_seconds",
			"From finishing at Assure to being found here, for 95 of 100 of the processes that finished lately; absent while none did.", nil, nil),
		failures: desc("portal_sync_failed_reads_total", "Reads that brought nothing, by kind.", []string{"kind"}, nil),
		unknown: desc("portal_sync_unknown_total",
			"Answers with a provider, a status or a field that the documentation does not have.", []string{"what"}, nil),
		found:   desc("portal_sync_found_in_dossiers_total", "Processes that dossiers told of and the listing did not.", nil, nil),
		backlog: desc("portal_sync_backlog", "What is still to be done, by what it is; absent when the store does not answer.", []string{"what"}, nil),
		token:   desc("portal_assure_token_valid", "1 while there is an access token that has not expired, else 0.", nil, nil),
		asked:   desc("portal_assure_asked", "0 while Assure has stopped answering and is left alone, else 1.", nil, nil),
	}
}

// Describe tells the names.
func (m *syncMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.end, m.lag, m.failures, m.unknown, m.found, m.backlog, m.token, m.asked} {
		out <- d
	}
}

// Collect tells the values.
func (m *syncMetrics) Collect(out chan<- prometheus.Metric) {
	state := m.Sync.State()
	out <- gaugeOf(m.end, secondsOf(state.LastEnd))
	if state.Lag.Of > 0 {
		out <- gaugeOf(m.lag, state.Lag.P95.Seconds())
	}
	for _, kind := range sync.Kinds() {
		out <- prometheus.MustNewConstMetric(m.failures, prometheus.CounterValue, float64(state.Failures[kind]), kind)
	}
	for _, what := range sync.Unknowns() {
		out <- prometheus.MustNewConstMetric(m.unknown, prometheus.CounterValue, float64(state.Unknown[what]), what)
	}
	out <- prometheus.MustNewConstMetric(m.found, prometheus.CounterValue, float64(state.Found))
	m.collectBacklog(out)
	m.collectConnection(out)
}

func (m *syncMetrics) collectBacklog(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	b, err := m.Store.Backlog(ctx)
	if err != nil {
		return
	}
	refused := 0
	for _, r := range b.Refused {
		refused += r.Count
	}
	for what, n := range map[string]int{"unread": b.Unread, "owed": b.Owed, "due": b.Due, "gone": b.Gone, "refused": refused} {
		out <- gaugeOf(m.backlog, float64(n), what)
	}
}

func (m *syncMetrics) collectConnection(out chan<- prometheus.Metric) {
	if m.Assure == nil {
		return
	}
	c, valid, asked := m.Assure.State(), 0.0, 1.0
	if !c.TokenUntil.IsZero() {
		valid = 1
	}
	if !c.DownUntil.IsZero() {
		asked = 0
	}
	out <- gaugeOf(m.token, valid)
	out <- gaugeOf(m.asked, asked)
}

func gaugeOf(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

// secondsOf is a time as Prometheus has it; 0 for none.
func secondsOf(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// MetricsHandler serves the metrics in Prometheus form. It asks for no sign-in: it belongs on a listener of its own that
// only the operator's network reaches.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{ErrorLog: nil})
}

// measure counts every answer, also one that ends in a broken connection. Errors that no handler wrote are written here,
// so that their status is known.
func (s *Server) measure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now() // a duration, not a date: the clock of the program may stand still in tests
		ctx, span := s.Tracer.Start(c.Request().Context(), "request")
		c.SetRequest(c.Request().WithContext(ctx))
		defer func() {
			s.count(c, time.Since(start))
			span.HTTP(methodName(c.Request().Method), routeOf(c), c.Response().Status)
			span.End(nil)
		}()
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

// routeOf is the pattern of the route, never the path.
func routeOf(c echo.Context) string { return cmp.Or(c.Path(), "none") }

func (s *Server) count(c echo.Context, took time.Duration) {
	route := routeOf(c)
	s.metrics.requests.WithLabelValues(route, methodName(c.Request().Method), strconv.Itoa(c.Response().Status)).Inc()
	s.metrics.duration.WithLabelValues(route).Observe(took.Seconds())
}
