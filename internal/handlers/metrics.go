package handlers

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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
	return append(gauges, gauge("portal_sync_last_end_timestamp_seconds", "When the last synchronisation run ended; 0 before the first.", func() float64 {
		end := s.Sync.State().LastEnd
		if end.IsZero() {
			return 0
		}
		return float64(end.UnixMilli()) / 1000
	}))
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
		defer func() { s.count(c, time.Since(start)) }()
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

func (s *Server) count(c echo.Context, took time.Duration) {
	route := c.Path()
	if route == "" {
		route = "none"
	}
	s.metrics.requests.WithLabelValues(route, methodName(c.Request().Method), strconv.Itoa(c.Response().Status)).Inc()
	s.metrics.duration.WithLabelValues(route).Observe(took.Seconds())
}
